"""Allowlist rules compared cell by cell, for people; what counts is `gates.policy.diff`. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gates.policy.diff import Direction

_LISTS = ("subject", "level", "board", "specVersion")
_NAMES = {"subject": "subject", "level": "level", "board": "board", "specVersion": "spec"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDifference:
    """One cell of one rule that changes. `direction` is of this cell alone."""

    rule: str
    dimension: str
    direction: Direction
    before: str
    after: str


Rule = Mapping[str, Any]


def rule_differences(before: Sequence[Rule], after: Sequence[Rule]) -> tuple[RuleDifference, ...]:
    """What changes, by rule in the order of `after`, then the rules that go."""
    old, new = {rule["id"]: rule for rule in before}, {rule["id"]: rule for rule in after}
    names = [*new, *(name for name in old if name not in new)]
    return tuple(found for name in names for found in _cells(name, old.get(name), new.get(name)))


def _cells(name: str, old: Rule | None, new: Rule | None) -> Iterator[RuleDifference]:
    if old is None and new is not None:
        yield _cell(name, "rule", Direction.WIDENS, "–", "added")
    if new is None and old is not None:
        yield _cell(name, "rule", Direction.NARROWS, "there", "removed")
    if old is not None and new is not None and old["enabled"] != new["enabled"]:
        direction = Direction.WIDENS if new["enabled"] else Direction.NARROWS
        yield _cell(name, "enabled", direction, _on(old["enabled"]), _on(new["enabled"]))
    for dimension, was, becomes, any_when_empty in _lists(old, new):
        if set(was or ()) != set(becomes or ()) or (was is None) != (becomes is None):
            yield _cell(
                name,
                dimension,
                _direction(was, becomes, any_when_empty=any_when_empty),
                _listed(was, any_when_empty=any_when_empty),
                _listed(becomes, any_when_empty=any_when_empty),
            )
    most = (0 if old is None else old["maxJobsPerRun"], 0 if new is None else new["maxJobsPerRun"])
    if most[0] != most[1]:
        direction = Direction.WIDENS if most[1] > most[0] else Direction.NARROWS
        yield _cell(name, "jobs a run", direction, str(most[0] or "–"), str(most[1] or "–"))


def _lists(
    old: Rule | None, new: Rule | None
) -> Iterator[tuple[str, list[str] | None, list[str] | None, bool]]:
    for key in _LISTS:
        yield _NAMES[key], _of(old, key), _of(new, key), False
    for key, dimension in (("kinds", "kind"), ("slotIds", "slot")):
        was = None if old is None else list(old[key])
        yield dimension, was, None if new is None else list(new[key]), key == "slotIds"


def _of(rule: Rule | None, key: str) -> list[str] | None:
    return None if rule is None else list(rule["appliesTo"][key])


def _direction(was: list[str] | None, becomes: list[str] | None, *, any_when_empty: bool) -> Direction:
    if was is None or becomes is None:
        return Direction.WIDENS if was is None else Direction.NARROWS
    if any_when_empty and not (was and becomes):
        return Direction.NARROWS if becomes else Direction.WIDENS
    # A cell that both gains and loses reaches further in what it gains.
    return Direction.WIDENS if set(becomes) - set(was) else Direction.NARROWS


def _listed(values: list[str] | None, *, any_when_empty: bool) -> str:
    if values is None:
        return "–"
    return ", ".join(sorted(values)) or ("any" if any_when_empty else "none")


def _on(value: bool) -> str:
    return "on" if value else "off"


def _cell(rule: str, dimension: str, direction: Direction, before: str, after: str) -> RuleDifference:
    return RuleDifference(rule=rule, dimension=dimension, direction=direction, before=before, after=after)
