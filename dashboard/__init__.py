"""The dashboard, its server, and the `slotgate` command line."""
