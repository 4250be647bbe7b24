"""What a page says when it has nothing to show: empty, nothing chosen, or a query that failed."""

from pathlib import Path

from dashboard.views.markup import tag, text


def empty_record(home: Path) -> str:
    """No telemetry at all: say what would make some."""
    spool = text(home / "spool")
    return _box(
        "No telemetry yet",
        f"Nothing has been decided under this home. Run a job with {_code('slotgate run')}, or put executor "
        f"stderr into {_code(spool)}: it appears here within two seconds. Captured files load with "
        f"{_code('slotgate ingest load FILE')} while no server runs.",
        "empty",
    )


def nothing_chosen(scope: str, window: str) -> str:
    """Telemetry, but none of what was chosen."""
    return _box(
        "No lines here",
        f"{text(scope)} has no lines in the window {text(window)}. Choose a longer window or another step; "
        "lines without a time are in no window but All.",
        "nothing-chosen",
    )


def failed_query(error: Exception) -> str:
    """The store did not answer."""
    return _box(
        "The telemetry could not be read",
        f"{text(error)}. The controls above are read from their own file and stay current. "
        "The page tries again by itself.",
        "failed",
    )


def failed_store(error: Exception) -> str:
    """The store of changes did not answer."""
    return _box(
        "The record of changes could not be read",
        f"{text(error)}. Who asked, signed and applied is unknown until it can be read; the telemetry below "
        "is read from its own file. The page tries again by itself.",
        "failed-store",
    )


def no_stays(home: Path) -> str:
    """No control history, so nothing was ever on a step."""
    return _box(
        "No step has been in force yet",
        f"The control history of {_code(text(home))} is empty. {_code('slotgate init')} makes the first "
        f"revision; {_code('slotgate ingest load FILE --controls HISTORY')} brings in one from elsewhere.",
        "no-stays",
    )


def untimed() -> str:
    """Lines, but none that could stand on a time axis."""
    return tag(
        "p", "Nothing to draw over time: no line of these has a time (an old raw file).", cls="sg-note"
    )


def _box(heading: str, body: str, kind: str) -> str:
    return tag(
        "div", tag("h2", text(heading)), tag("p", body), cls="sg-empty", data_state=kind, role="status"
    )


def _code(words_in_markup: str) -> str:
    return tag("code", words_in_markup)
