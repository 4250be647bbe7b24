"""What people and the server did in the last hour, in words, from the audit chain and the reviews. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboard.data.lately import Happening, Kind
from gates.changes.recounting import Deed
from gates.store.review_rows import ReviewRow

_REFUSED = "BLOCKED"
_VERBS = {
    "propose": "proposed",
    "edit": "changed",
    "approve": "approved",
    "reject": "rejected",
    "withdraw": "withdrew",
    "expire": "let expire",
    "void": "voided",
}


def of_people(deeds: Sequence[Deed]) -> tuple[Happening, ...]:
    """One happening a record; what only confirms another record is left out."""
    return tuple(one for deed in deeds if (one := _told(deed)) is not None)


def of_verdicts(looks: Sequence[ReviewRow], since_ns: int) -> tuple[Happening, ...]:
    """Where a look found another word than the look before it; `looks` are oldest first."""
    return tuple(_changed(looks, since_ns))


def _changed(looks: Sequence[ReviewRow], since_ns: int) -> Iterator[Happening]:
    before: ReviewRow | None = None
    for row in looks:
        if row.at_ns >= since_ns and before is not None and before.verdict is not row.verdict:
            was, now = (one.verdict.replace("_", " ") for one in (before, row))
            said = f"the verdict went from {was} to {now}, revision {row.revision} ({row.step})"
            yield Happening(at_ns=row.at_ns, kind=Kind.VERDICT, said=said, about=(("step", row.step),))
        before = row


def _told(deed: Deed) -> Happening | None:
    record = deed.record
    action, who = str(record.get("action")), _who(record)
    after = _object(record.get("after"))
    number, reason = record.get("request_id"), _reason(record)
    refused = record.get("outcome") == _REFUSED
    about = (("seq", str(deed.seq)),)

    def happened(kind: Kind, said: str) -> Happening:
        shadow = "; `enforce` would have refused it" if record.get("outcome") == "WOULD_BLOCK" else ""
        late = "; recorded late" if record.get("late") else ""
        link = (("request", str(number)),) if kind is Kind.REQUEST and number is not None else about
        return Happening(at_ns=deed.at_ns, kind=kind, said=f"{said}{reason}{shadow}{late}", about=link)

    request = "" if number is None else f" request {number}"
    match action:
        case "in force" | "give owed" | "init" | "freeze review":
            return None
        case "sign in" | "sign out" | "session ends" if not refused:
            return None  # who looked is a matter of the audit log
        case _ if refused:
            return happened(Kind.REQUEST, f"{who} was refused: {action}{request} {record.get('target')}")
        case "kill":
            again = ", which had stopped before" if after.get("already") else ""
            return happened(Kind.STOP, f"{who} stopped all AI calls{again}")
        case "apply" if record.get("target") == "controls":
            return happened(Kind.CONTROLS, f"{who} applied{request}: {_controls(record)}")
        case "narrow":
            return happened(Kind.CONTROLS, f"{who} narrowed, alone: {_deltas(after)}")
        case "break glass":
            return happened(Kind.CONTROLS, f"{who} released the kill alone, by breaking the glass")
        case "latch roll back":
            return happened(Kind.VERDICT, f"ROLL BACK stands until it is acknowledged: {after.get('words')}")
        case "acknowledge":
            return happened(Kind.VERDICT, f"{who} acknowledged the ROLL BACK")
        case _ if action in _VERBS:
            what = _deltas(after) or str(record.get("target"))
            return happened(Kind.REQUEST, f"{who} {_VERBS[action]}{request}: {what}")
        case _:
            return happened(Kind.OTHER, f"{who}: {action} {record.get('target')}{request}")


def _controls(record: Mapping[str, Any]) -> str:
    """What an application made of the controls, in a few words."""
    after, before = _object(record.get("after")), _object(record.get("before"))
    said = [
        f"{name} {_on(before.get(name))} → {_on(after[name])}"
        for name in ("kill", "feature", "percent", "step")
        if name in after and before and before.get(name) != after[name]
    ]
    if before and before.get("allowlist") != after.get("allowlist"):
        said.append("another allowlist")
    number = f"revision {after['revision']}" if "revision" in after else "in force"
    return f"{', '.join(said)}, {number}" if said else number


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _on(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def _deltas(after: Mapping[str, Any]) -> str:
    return ", ".join(map(str, after.get("deltas") or ()))


def _who(record: Mapping[str, Any]) -> str:
    actor = str(record.get("actor"))
    return actor.partition("|")[2] or actor


def _reason(record: Mapping[str, Any]) -> str:
    return f" – “{record['reason']}”" if record.get("reason") else ""
