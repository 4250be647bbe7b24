"""What a request asks for, in words: dimension by dimension, from the revision it was made over. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.record.history import said
from dashboard.record.rules import RuleDifference, rule_differences
from gates.changes.content import CONTROLS, DRILL, MODE, PEOPLE, SPENDING, THRESHOLDS
from gates.changes.requested import RequestFile
from gates.policy.diff import Delta, Dimension, Direction, diff
from gates.policy.scope import ScopeDimension
from gates.policy.values import control_values
from gates.store.rows import RequestRow, RevisionRow

_SCOPE = {Dimension(dimension.value) for dimension in ScopeDimension}
_STRICT = {"off": 0, "shadow": 1, "enforce": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that changes. `before` and `after` are empty where `words` say it all."""

    dimension: str
    direction: Direction
    words: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for. `headline` says it in a line; `rules` holds what changes in the allowlist.

    `confirm` is what is typed to sign or apply it, null where it widens nothing; `releases` says whether
    it lets a kill go or enforces less, which takes a fresh proof of who one is.
    """

    headline: str
    parts: tuple[Part, ...]
    rules: tuple[RuleDifference, ...]
    confirm: str | None
    releases: bool


def asked(file: RequestFile) -> Asked:
    """What the request of `file` asks for, whatever its kind and however it ended."""
    was = str(said(file.records[0]).get("mode") or "") if file.records else ""
    return asked_of(file.row, file.base, was)


def asked_of(row: RequestRow, base: RevisionRow | None, mode: str) -> Asked:
    """The same from its parts: `base` is the revision it was made over, `mode` the enforcement then."""
    content = row.content
    match row.kind:
        case _ if row.kind == CONTROLS:
            return _controls(base, content)
        case _ if row.kind == MODE:
            return _mode(mode, content)
        case _ if row.kind == THRESHOLDS:
            parts = tuple(
                Part(dimension="thresholds", direction=Direction.WIDENS, words=str(words))
                for words in content.get("loosens", ())
            )
            return _of("laxer thresholds for the verdict", parts, "thresholds")
        case _ if row.kind == SPENDING:
            name = "budget" if content["name"] == "budget" else "price table"
            parts = tuple(
                Part(dimension=name, direction=Direction.WIDENS, words=str(words))
                for words in content.get("loosens", ())
            )
            return _of(f"another {name}, which takes something off the guard", parts, content["name"])
        case _ if row.kind == DRILL:
            return _drill(row.base_revision)
        case _ if row.kind == PEOPLE:
            return _people(content)
        case _:
            words = f"a change of kind `{row.kind}`, of a newer slotgate"
            return _of(words, (), row.kind)


def _of(headline: str, parts: tuple[Part, ...], confirm: str | None) -> Asked:
    return Asked(headline=headline, parts=parts, rules=(), confirm=confirm, releases=False)


def _controls(base: RevisionRow | None, content: Mapping[str, Any]) -> Asked:
    after = content["after"]
    if base is None:
        words = "the revision it was made over is gone; what it changes cannot be said"
        return _of(words, (), str(after["step"]))
    before = base.after
    deltas = diff(control_values(before), control_values(after))
    parts = tuple(_part(delta, before, after) for delta in deltas)
    widened = [delta.dimension for delta in deltas if delta.direction is Direction.WIDENS]
    main = [part.words for part in parts if part.dimension != Dimension.STEP] or [
        part.words for part in parts
    ]
    return Asked(
        headline="; ".join(main) or "nothing changes",
        parts=parts,
        rules=rule_differences(before["allowlist"]["rules"], after["allowlist"]["rules"]),
        confirm=_confirm(widened, before, after),
        releases=Dimension.KILL in widened,
    )


def _confirm(widened: list[Dimension], before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """The percent, the part of the scope, or the switch that opens."""
    if Dimension.KILL in widened:
        return "release"
    if Dimension.PERCENT in widened:
        return str(after["percent"])
    if widened:
        return widened[0].value
    return str(after["step"]) if after["step"] != before["step"] else None


def _part(delta: Delta, before: Mapping[str, Any], after: Mapping[str, Any]) -> Part:
    old, new = _side(delta.dimension, before), _side(delta.dimension, after)
    return Part(
        dimension=delta.dimension.value, direction=delta.direction, words=delta.words, before=old, after=new
    )


def _side(dimension: Dimension, document: Mapping[str, Any]) -> str:
    """How the dimension stands in one of both documents; the scope stands rule by rule elsewhere."""
    match dimension:
        case Dimension.KILL | Dimension.FEATURE:
            return "on" if document[dimension.value] else "off"
        case Dimension.PERCENT:
            return f"{document['percent']} %"
        case Dimension.ROLLOUT_ZERO:
            return f"0 admits {document['rolloutZero']}"
        case Dimension.ALLOWLIST:
            allowlist = document["allowlist"]
            return f"{'on' if allowlist['enabled'] else 'off'}, {len(allowlist['rules'])} rules"
        case Dimension.VALIDITY:
            return str(document["validUntil"] or "no end")
        case Dimension.STEP:
            return str(document["step"])
        case _:
            return ""


def _mode(was: str, content: Mapping[str, Any]) -> Asked:
    wanted = str(content["mode"])
    looser = _STRICT.get(wanted, 0) < _STRICT.get(was, 2)
    part = Part(
        dimension="mode",
        direction=Direction.WIDENS if looser else Direction.NARROWS,
        words=f"enforcement {was or 'as it was'} → {wanted}",
        before=was,
        after=wanted,
    )
    return Asked(headline=part.words, parts=(part,), rules=(), confirm=wanted, releases=True)


def _drill(base_revision: int) -> Asked:
    parts = (
        Part(dimension="kill", direction=Direction.NARROWS, words="everything stops: kill switch on"),
        Part(
            dimension="kill",
            direction=Direction.WIDENS,
            words=f"within 15 minutes exactly the controls of revision {base_revision} come back, "
            "only if telemetry confirmed the kill; else it stays killed",
        ),
    )
    return _of("a drill of the kill", parts, "drill")


def _people(content: Mapping[str, Any]) -> Asked:
    wish = content["wish"]
    name = str(wish.get("operator", ""))
    words = "".join(_wished(wish, name))
    part = Part(dimension="people", direction=Direction.WIDENS, words=words)
    return _of(words, (part,), name.partition("|")[2] or name)


def _wished(wish: Mapping[str, Any], name: str) -> Iterator[str]:
    roles = ", ".join(wish.get("roles") or ()) or "none"
    match wish.get("deed"):
        case "add":
            yield f"`{name}` is added with the roles {roles}"
        case "roles":
            yield f"`{name}` gets the roles {roles}"
        case "token":
            yield f"`{name}` gets a token that opens {wish.get('scope')}, for {wish.get('days')} days"
        case deed:
            yield f"`{name}`: {deed}"
