"""What happened to a request, told from its audit records. Pure."""

import json
from dataclasses import dataclass
from typing import Any

from gates.changes.requested import RequestFile
from gates.store.rows import AuditRecord
from schemas.instant import epoch_ns

BLOCKED = "BLOCKED"
_DONE = {
    "propose": "asked for it",
    "edit": "edited it: evidence frozen anew, earlier signatures no longer count",
    "approve": "signed it",
    "reject": "rejected it",
    "reject refused": "tried to reject it and may not",
    "apply": "applied it: recorded, about to take effect",
    "in force": "put it in force",
    "comment": "commented",
    "comment refused": "tried to comment and holds no role",
    "drill restore": "brought the controls back",
}
_TRIED = {"propose": "ask for", "edit": "edit", "approve": "sign", "apply": "apply"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. `at_ns` is null where the record's time cannot be read; `seq` is the number of
    its audit record, null for what follows from the clock. `said` is what the person wrote.
    """

    at_ns: int | None
    who: str
    words: str
    said: str
    refused: bool
    codes: tuple[str, ...]
    seq: int | None
    leaf: str | None


def history(file: RequestFile) -> tuple[Event, ...]:
    """Oldest first; an end that no record tells, as by age, stands last."""
    found = [_event(record) for record in file.records]
    row = file.row
    if row.closed_at_ns is not None and row.closed_because and row.state.value in ("voided", "expired"):
        found.append(
            Event(
                at_ns=row.closed_at_ns,
                who=row.closed_by or "",
                words=f"it became {row.state.value}: {row.closed_because}",
                said="",
                refused=True,
                codes=(),
                seq=None,
                leaf=None,
            )
        )
    return tuple(found)


def said(record: AuditRecord) -> dict[str, Any]:
    """What a record says; empty where somebody put something else in its place."""
    try:
        value = json.loads(record.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _event(record: AuditRecord) -> Event:
    value = said(record)
    action, outcome = str(value.get("action") or "?"), value.get("outcome")
    codes = tuple(str(code) for code in value.get("reason_codes") or ())
    blocked = outcome == BLOCKED or action.endswith(("refused", "closed request", "void request"))
    words = (
        f"tried to {_TRIED.get(action, action)} it: blocked" if outcome == BLOCKED else _done(action, value)
    )
    if outcome == "WOULD_BLOCK":
        words += "; under enforce it would have been blocked"
    return Event(
        at_ns=epoch_ns(str(value.get("time"))),
        who=str(value.get("actor") or ""),
        words=words,
        # Its terms stand with the request; a comment and a rejection are nowhere else in this list.
        said=str(value.get("reason") or "") if action.startswith(("comment", "reject")) else "",
        refused=blocked,
        codes=codes,
        seq=record.seq,
        leaf=record.leaf,
    )


def _done(action: str, value: dict[str, Any]) -> str:
    after = value.get("after")
    if action == "in force" and isinstance(after, dict):
        return f"put it in force: revision {after.get('revision')}"
    return _DONE.get(action, action)
