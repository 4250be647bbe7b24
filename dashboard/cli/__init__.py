"""The `slotgate` command line. One module a command; `main` imports only the one that is called."""

from dashboard.cli.main import main

__all__ = ["main"]
