"""The home's history, read again only where its file changed."""

from pathlib import Path

from ingest.history.controls import ControlHistory, read_home_history


class HistoryFile:
    """The history at `path`: the same object as long as the file is the same. It is only ever appended to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._history: ControlHistory | None = None

    def read(self) -> ControlHistory | None:
        """As `read_home_history`, with its errors."""
        try:
            found = self._path.stat()
        except OSError:
            self._seen = None
            return read_home_history(self._path)
        seen = found.st_ino, found.st_size, found.st_mtime_ns
        if seen != self._seen:
            self._seen = None
            self._history = read_home_history(self._path)
            self._seen = seen
        return self._history
