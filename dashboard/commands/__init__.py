"""What people do on pages: every command goes through here to the change service, and is done once."""
