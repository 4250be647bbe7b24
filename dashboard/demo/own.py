"""Which revision of the controls the demo's people made last, kept in its home over a restart.

Changes of the demo carry its mark in their intent. A kill and what mends an interruption do not:
their number is noted, for a kill before it happens.
"""

from dashboard.demo.private import write_private
from gates.home import Home

NOTE = "demo-revision"


class OwnRevision:
    """The note in `home`."""

    def __init__(self, home: Home) -> None:
        self._path = home.root / NOTE

    def noted(self) -> int | None:
        """The number, null where none was noted or the note cannot be read."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def note(self, revision: int) -> None:
        """Keep it."""
        write_private(self._path, f"{revision}\n")
