"""How old what you see is: the last line, the last pass of ingest, and the page itself."""

from datetime import tzinfo

from dashboard.data import format as words
from dashboard.server.spool import SpoolStatus
from dashboard.views.markup import glyph, moment, tag, text

QUIET_AFTER_SECONDS = 60
STALE_AFTER_SECONDS = 600
INGEST_STALE_AFTER_SECONDS = 10


def freshness(
    last_ns: int | None,
    status: SpoolStatus,
    now_ns: int,
    now_monotonic: float,
    zone: tzinfo,
    *,
    paused: bool,
) -> str:
    """One line of markup; it changes with every refresh, and says so itself when it no longer does.

    `last_ns` is the time of the newest line, null where none has a time.
    """
    parts = [
        _last_line(last_ns, now_ns, zone),
        _ingest(status, now_monotonic),
        _page(now_ns, zone, paused=paused),
    ]
    return tag("div", *parts, cls="sg-freshness", role="status", aria_live="off")


def _last_line(last: int | None, now_ns: int, zone: tzinfo) -> str:
    if last is None:
        return tag("span", "no line with a time yet")
    age = (now_ns - last) / 1e9
    said = tag("strong", text(words.ago(age)), title=words.utc(last))
    if age > STALE_AFTER_SECONDS:
        at = moment(words.instant(last, zone), words.utc(last))
        return tag("span", glyph("▲", "sg-warn"), "STALE: last line ", said, " at ", at, cls="sg-old")
    if age > QUIET_AFTER_SECONDS:
        return tag("span", glyph("▲", "sg-warn"), "last line ", said, cls="sg-old")
    return tag("span", "last line ", said)


def _ingest(status: SpoolStatus, now_monotonic: float) -> str:
    if status.failure is not None:
        return tag("span", glyph("✕", "sg-failed"), f"ingest fails: {text(status.failure)}", cls="sg-bad")
    if status.last_success_monotonic is None:
        return tag("span", "ingest is starting")
    behind = now_monotonic - status.last_success_monotonic
    if behind > INGEST_STALE_AFTER_SECONDS:
        return tag(
            "span", glyph("▲", "sg-warn"), f"ingest is {text(words.duration(behind))} behind", cls="sg-old"
        )
    return tag("span", "ingest follows the spool")


def _page(now_ns: int, zone: tzinfo, *, paused: bool) -> str:
    at = moment(words.instant(now_ns, zone), words.utc(now_ns))
    if paused:
        return tag("span", glyph("❚❚", "sg-warn"), "paused, as of ", at, cls="sg-old")
    silent = tag("span", "▲ nothing new from the server for 10 s: what you see is old", cls="sg-silent")
    return tag("span", "as of ", at, f" {text(words.zone_name(now_ns, zone))}") + silent
