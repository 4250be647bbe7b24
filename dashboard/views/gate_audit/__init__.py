"""The page Gate audit: what lines say, against the controls of their time."""
