"""Records of the audit chain, newest first and filtered. Knows no Streamlit.

A page goes on by the number of a record, so the last page of a million is as quick as the first. A filter
that finds little looks through very many records: it stops after a bounded time and says how far it came.
"""

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gates.store.audit.export import ndjson, said, write_csv
from gates.store.port import Audit
from gates.store.rows import AuditRecord
from schemas.instant import SECOND, epoch_ns

ROWS = 50
MOST_EXPORTED = 100_000
SECONDS = 1.5
_DAY_NS = 24 * 3600 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What is wanted; empty texts want everything. `actor` is an id, or a person's name without the issuer.

    `since_ns` is when it happened, epoch nanoseconds. `refusals`: only what was blocked or refused.
    """

    actor: str = ""
    action: str = ""
    outcome: str = ""
    request: str = ""
    since_ns: int | None = None
    refusals: bool = False
    late: bool = False

    def fits(self, value: dict[str, Any]) -> bool:
        """Whether the record is wanted."""
        actor = str(value.get("actor"))
        return (
            (not self.actor or self.actor in (actor, actor.partition("|")[2]))
            and (not self.action or self.action == value.get("action"))
            and (not self.outcome or self.outcome == value.get("outcome"))
            and (not self.request or self.request == value.get("request_id"))
            and (not self.refusals or is_refusal(value))
            and (not self.late or value.get("late") is True)
            and (self.since_ns is None or _ns(value.get("time")) >= self.since_ns)
        )

    def may_fit(self, body: bytes) -> bool:
        """A quick look at the bytes; false only where `fits` is false too."""
        wanted = (self.actor, self.action, self.outcome, self.request)
        # In canonical JSON these signs alone are written as they are in texts.
        plain = [word for word in wanted if word.isprintable() and '"' not in word and "\\" not in word]
        return all(word.encode() in body for word in plain) and (not self.late or b'"late":true' in body)

    def is_past(self, value: dict[str, Any]) -> bool:
        """Whether this and all earlier records are too old; a day is left to clocks that were set."""
        if self.since_ns is None:
            return False
        return _ns(value.get("recorded_at") or value.get("time")) < self.since_ns - _DAY_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Records newest first. `newest` is the number of the last one in the chain, 0 where there is none.

    `older_below` is where to go on, null at the beginning of the chain; `looked` how many were looked at.
    `cut_short`: the time was up before the page was full.
    """

    records: tuple[dict[str, Any], ...] = field(default_factory=tuple)
    newest: int = 0
    older_below: int | None = None
    looked: int = 0
    cut_short: bool = False


def is_refusal(value: dict[str, Any]) -> bool:
    """Whether somebody tried something and did not get it."""
    return value.get("outcome") == "BLOCKED" or str(value.get("action")).endswith("refused")


def page(
    audit: Audit,
    chosen: AuditFilter,
    below: int | None = None,
    rows: int = ROWS,
    seconds: float = SECONDS,
    monotonic: Callable[[], float] = time.monotonic,
) -> AuditPage:
    """One page of the records before number `below`, or of the newest."""
    tail = audit.tail()
    found: list[dict[str, Any]] = []
    looked, reached, end = 0, 0, monotonic() + seconds
    for record in audit.backwards(below):
        if len(found) == rows or (looked % 256 == 255 and monotonic() > end):
            newest = 0 if tail is None else tail.seq
            cut = len(found) < rows
            return AuditPage(
                records=tuple(found), newest=newest, older_below=reached, looked=looked, cut_short=cut
            )
        looked, reached = looked + 1, record.seq
        if not chosen.may_fit(record.body) and chosen.since_ns is None:
            continue
        value = said(record)
        if chosen.is_past(value):
            break
        if chosen.fits(value):
            found.append({**value, "leaf": record.leaf})
    return AuditPage(records=tuple(found), newest=0 if tail is None else tail.seq, looked=looked)


def one(audit: Audit, seq: int) -> dict[str, Any] | None:
    """One record whole, with its leaf; null where there is none."""
    record = audit.get(seq)
    return None if record is None else {**said(record), "leaf": record.leaf}


def selected(audit: Audit, chosen: AuditFilter, most: int = MOST_EXPORTED) -> list[AuditRecord]:
    """The newest `most` records that fit, oldest first."""
    found: list[AuditRecord] = []
    for record in audit.backwards():
        if len(found) == most:
            break
        value = said(record)
        if chosen.is_past(value):
            break
        if chosen.fits(value):
            found.append(record)
    return found[::-1]


def as_ndjson(records: list[AuditRecord]) -> bytes:
    """As `slotgate audit export` writes them."""
    return b"".join(_lines(records))


def as_csv(records: list[AuditRecord]) -> bytes:
    """For reading; no cell is a formula."""
    out = io.StringIO()
    write_csv(records, out)
    return out.getvalue().encode("utf-8", "replace")


def _lines(records: list[AuditRecord]) -> Iterator[bytes]:
    return ndjson(records)


def _ns(moment: object) -> int:
    return epoch_ns(str(moment)) or 0
