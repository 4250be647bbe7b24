"""The decision record: all that is known of one request, as a document that stands alone. Pure."""
