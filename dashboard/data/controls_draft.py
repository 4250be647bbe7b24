"""A draft of another allowlist: made over one revision, edited rule by rule, checked against the contract.

Pure and frozen: every edit gives another draft. Values are kept as typed, also those that are not valid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gates.changes.documents import patched
from gates.errors import InvalidChange
from gates.policy.delta import Delta, Direction
from gates.policy.diff import diff
from gates.policy.values import control_values
from schemas import check

FIELDS = {
    "subject": "Subjects",
    "level": "Levels",
    "board": "Boards",
    "specVersion": "Spec versions",
    "kinds": "Kinds",
    "slotIds": "Slot ids (none: any slot)",
}
IN_SCOPE = ("subject", "level", "board", "specVersion")


@dataclass(frozen=True, slots=True)
class DraftRule:
    """`uid` names the rule while it is edited: its id may be changed, and be another one's for a moment."""

    uid: int
    rule: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the allowlist shall become; `base` are the controls that its author saw."""

    base: Mapping[str, Any]
    enabled: bool
    rules: tuple[DraftRule, ...]
    next_uid: int

    @property
    def revision(self) -> int:
        """The revision it was made over."""
        return int(self.base["revision"])

    @property
    def allowlist(self) -> dict[str, Any]:
        """As a document; not always a valid one."""
        return {
            **self.base["allowlist"],
            "enabled": self.enabled,
            "rules": [dict(one.rule) for one in self.rules],
        }

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what it was made over."""
        return bool(self.allowlist != self.base["allowlist"])


def begun(document: Mapping[str, Any]) -> Draft:
    """A draft that changes nothing yet."""
    allowlist = document["allowlist"]
    rules = tuple(DraftRule(uid, rule) for uid, rule in enumerate(allowlist["rules"]))
    return Draft(base=document, enabled=allowlist["enabled"], rules=rules, next_uid=len(rules))


def with_field(draft: Draft, uid: int, name: str, value: Any) -> Draft:
    """One field of one rule as it was typed; `name` is one of `FIELDS`, id, enabled or maxJobsPerRun."""
    return _replaced(draft, uid, lambda rule: _with(rule, name, value))


def with_switch(draft: Draft, enabled: bool) -> Draft:
    """The allowlist on or off."""
    return replace(draft, enabled=enabled)


def with_rule(draft: Draft, rule: Mapping[str, Any]) -> Draft:
    """One rule more, under an id that no other has."""
    taken = {one.rule["id"] for one in draft.rules}
    name = next(name for name in _names(str(rule["id"])) if name not in taken)
    added = DraftRule(draft.next_uid, {**rule, "id": name})
    return replace(draft, rules=(*draft.rules, added), next_uid=draft.next_uid + 1)


def without_rule(draft: Draft, uid: int) -> Draft:
    """One rule less."""
    return replace(draft, rules=tuple(one for one in draft.rules if one.uid != uid))


def as_allowlist(draft: Draft, allowlist: Mapping[str, Any]) -> Draft:
    """Another document in its place, over the same controls."""
    first = draft.next_uid
    rules = tuple(DraftRule(first + at, rule) for at, rule in enumerate(allowlist["rules"]))
    return replace(draft, enabled=allowlist["enabled"], rules=rules, next_uid=first + len(rules))


def over(draft: Draft, document: Mapping[str, Any]) -> Draft:
    """The same draft over other controls: what it asks for stays, what it changes is another thing."""
    return replace(draft, base=document)


def of_rule(rule: Mapping[str, Any], name: str) -> Any:
    """A field of a rule, wherever the document keeps it."""
    return rule["appliesTo"][name] if name in IN_SCOPE else rule[name]


def faults(draft: Draft) -> tuple[str, ...]:
    """Every way in which it is no valid allowlist, each ending with what to do; empty where it is one."""
    found: list[str] = []
    seen: set[str] = set()
    for one in draft.rules:
        called = one.rule["id"] or "without id"
        if not one.rule["id"].strip():
            found.append("a rule has no id; give it a name that the record can use")
        elif one.rule["id"] in seen:
            found.append(f"two rules are called `{called}`; give one of them another id")
        seen.add(one.rule["id"])
        for name, title in FIELDS.items():
            values = of_rule(one.rule, name)
            words = title.partition(" (")[0].lower()
            if not values and name != "slotIds":
                found.append(f"rule `{called}` lists no {words}; list at least one, or remove the rule")
            odd = next((value for value in values if value != value.strip() or not value.strip()), None)
            if odd is not None:
                found.append(f"rule `{called}`: `{odd}` of {words} has blanks at an end; write it without")
    if not found:
        found += [f"{words}; correct it" for words in check.problems("allowlist.v1", draft.allowlist)]
    return tuple(found)


def difference(draft: Draft) -> tuple[Delta, ...]:
    """What it changes, by dimension. Raises `InvalidChange` where it is not valid."""
    if not draft.is_changed:
        return ()
    patch = {"allowlist": draft.allowlist}
    after = patched(draft.base, patch, revision=draft.revision + 1, at_ns=0)
    return diff(control_values(draft.base), control_values(after))


def moved(deltas: tuple[Delta, ...]) -> tuple[str, ...]:
    """The dimensions that are moved, each once, in order."""
    return tuple(dict.fromkeys(d.dimension.value for d in deltas if d.direction is not Direction.NEUTRAL))


def meanwhile(draft: Draft, document: Mapping[str, Any]) -> tuple[Delta, ...]:
    """What changed in the controls since the draft was made over them."""
    try:
        return diff(control_values(draft.base), control_values(document))
    except (InvalidChange, KeyError, ValueError):
        return ()


def known_values(document: Mapping[str, Any], draft: Draft) -> dict[str, list[str]]:
    """What any rule lists or listed, by field: what a picker offers."""
    rules = [*document["allowlist"]["rules"], *(one.rule for one in draft.rules)]
    rules += draft.base["allowlist"]["rules"]
    return {name: sorted({value for rule in rules for value in of_rule(rule, name)}) for name in FIELDS}


def _replaced(draft: Draft, uid: int, edit: Any) -> Draft:
    rules = tuple(DraftRule(one.uid, edit(one.rule)) if one.uid == uid else one for one in draft.rules)
    return replace(draft, rules=rules)


def _with(rule: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    kept = list(value) if isinstance(value, (list, tuple)) else value
    if name in IN_SCOPE:
        return {**rule, "appliesTo": {**rule["appliesTo"], name: kept}}
    return {**rule, name: kept}


def _names(stem: str) -> Any:
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1
