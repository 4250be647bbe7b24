"""The repositories of the store, each over the connection of one transaction, in portable SQL."""
