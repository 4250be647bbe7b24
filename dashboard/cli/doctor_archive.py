"""What `slotgate doctor` looks at in the archive of telemetry."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from dashboard.cli.doctor_checks import Finding, unusable
from gates.home import Home

if TYPE_CHECKING:
    from dashboard.telemetry.port import Telemetry
    from ingest.archive.looking import Archive, Depth

_CHECK = "archive"


def archive(home: Home) -> Finding:
    """Every part of the archive is in its place, and no file beside them is off the record."""
    if (nothing := _nothing_to_look_at(home)) is not None:
        return nothing
    from dashboard.telemetry.at_home import HomeTelemetry

    return archive_through(HomeTelemetry(home))


def archive_to_the_last_byte(home: Home) -> Finding:
    """As `archive`, after every byte was read: as long as the disk takes."""
    if (nothing := _nothing_to_look_at(home)) is not None:
        return nothing
    from dashboard.telemetry.at_home import HomeTelemetry
    from ingest.archive.looking import Depth

    return _looked_at(HomeTelemetry(home), Depth.EVERY_BYTE)


def archive_through(telemetry: "Telemetry") -> Finding:
    """As `archive`, by asking whoever has the telemetry file open."""
    from ingest.archive.looking import Depth

    return _looked_at(telemetry, Depth.SIZE)


def _nothing_to_look_at(home: Home) -> Finding | None:
    """A home without telemetry may still have files of an archive."""
    if not home.telemetry.exists() and not home.archive.exists():
        return Finding(_CHECK, ok=True, words="nothing is archived")
    if find_spec("duckdb") is None:
        return Finding(_CHECK, ok=True, words="not looked at: this host has no DuckDB and does not need it")
    return None


def _looked_at(telemetry: "Telemetry", depth: "Depth") -> Finding:
    from dashboard.errors import ServerFailed
    from ingest.errors import IngestError, StoreError

    try:
        return _found(telemetry.archive(depth))
    except StoreError as error:  # what is wrong with the file itself, another check says
        return Finding(_CHECK, ok=True, words=f"not looked at: {str(error).partition('; ')[0]}")
    except (IngestError, ServerFailed) as error:
        return unusable(_CHECK, str(error))


def _found(found: "Archive") -> Finding:
    if found.missing:
        named = ", ".join(f"`{one.part.name}`: {one.wrong}" for one in found.missing)
        return Finding(
            _CHECK,
            ok=False,
            words=f"reports lack the rows of {len(found.missing)} of {len(found.parts)} parts: {named}",
            todo="put them back as they were written, then `slotgate ingest archive verify`",
        )
    if found.unrecorded:
        return Finding(
            _CHECK,
            ok=False,
            words="files that the telemetry file does not know, and no report counts: "
            + ", ".join(f"`{name}`" for name in found.unrecorded),
            todo="`slotgate ingest archive adopt` counts those whose rows stand nowhere else",
        )
    words = f"{len(found.parts)} parts are in their place" if found.parts else "nothing is archived"
    return Finding(_CHECK, ok=True, words=words)
