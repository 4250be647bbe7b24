"""The error tree of ingest.

    IngestError
    ├── InvalidHistory       the control history cannot be used; nothing was loaded
    ├── UnreadableSource     a file or folder to load cannot be read to its end
    │   └── SourceGone       a file was there when its folder was listed, and is not any more
    ├── WorkStopped          somebody ended long work; asked for again, it goes on
    ├── ArchiveError         the monthly archive cannot be written or looked at
    ├── NeedUnknown          what must be kept cannot be told, and nothing was deleted
    └── StoreError           the telemetry store cannot be used
        ├── StoreInUse       another process owns the file
        ├── StoreNewer       another version made the file, and this one cannot read it
        └── StoreDamaged     the file is damaged, or no telemetry store

`exit_code` is what the command line ends with (docs/command-line.md).
"""


def reason_of(error: OSError) -> str:
    """Why the system refused something, as our messages say it: in lower case."""
    return (error.strerror or str(error)).lower()


class IngestError(Exception):
    """Lines could not be brought in; the message says what to do."""

    exit_code = 1


class InvalidHistory(IngestError):
    """The control history is not one; nothing was loaded."""

    exit_code = 3


class UnreadableSource(IngestError):
    """A file or folder to load cannot be read, or not to its end."""

    exit_code = 4


class SourceGone(UnreadableSource):
    """A file was there when its folder was listed, and is not any more: rotated or removed."""


class WorkStopped(IngestError):
    """Somebody ended long work before it was done: what was whole by then stands."""

    exit_code = 130


class ArchiveError(IngestError):
    """The archive cannot be written or looked at; no row left the telemetry store for it."""

    exit_code = 4


class NeedUnknown(IngestError):
    """Which lines are still needed cannot be told, so none was deleted."""

    exit_code = 4


class StoreError(IngestError):
    """The telemetry store cannot be used; what was committed before stands."""

    exit_code = 4


class StoreInUse(StoreError):
    """Another process owns the telemetry store."""


class StoreDamaged(StoreError):
    """The file is damaged, or no telemetry store: what `ingest.upkeep` sets aside."""


class StoreNewer(StoreError):
    """Another version made the file, and this one cannot read it: it is sound, and never set aside."""
