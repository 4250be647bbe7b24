"""The common part of two allowlists: what both permit, and nothing else."""

from collections.abc import Mapping
from typing import Any

Allowlist = Mapping[str, Any]
Rule = Mapping[str, Any]

_DIMENSIONS = ("subject", "level", "board", "specVersion")


def intersection(allowlist: Allowlist, by: Allowlist) -> dict[str, Any]:
    """`allowlist` less everything that `by` does not permit; off when either is off.

    A rule that `by` permits whole stays as it is; of any other its common parts with the rules of
    `by` stay. Rules that are off stay where they are: they permit nothing.
    """
    if not by["enabled"]:
        return {**allowlist, "enabled": False}
    rules: list[Rule] = []
    for rule in allowlist["rules"]:
        rules += _common(rule, by["rules"]) if rule["enabled"] else [rule]
    return {**allowlist, "rules": rules}


def _common(rule: Rule, others: list[Rule]) -> list[Rule]:
    parts = [
        (part, other["id"])
        for other in others
        if other["enabled"] and (part := _both(rule, other)) is not None
    ]
    if any(part == rule for part, _ in parts):
        return [rule]
    if len(parts) == 1:
        return [parts[0][0]]
    return [{**part, "id": f"{rule['id']}.{other}"} for part, other in parts]


def _both(rule: Rule, other: Rule) -> Rule | None:
    scope = {name: _shared(rule["appliesTo"][name], other["appliesTo"][name]) for name in _DIMENSIONS}
    kinds = _shared(rule["kinds"], other["kinds"])
    if not rule["slotIds"] or not other["slotIds"]:
        slots = list(rule["slotIds"] or other["slotIds"])
    else:
        slots = _shared(rule["slotIds"], other["slotIds"])
        if not slots:
            return None
    if not kinds or not all(scope.values()):
        return None
    return {
        **rule,
        "appliesTo": scope,
        "kinds": kinds,
        "slotIds": slots,
        "maxJobsPerRun": min(rule["maxJobsPerRun"], other["maxJobsPerRun"]),
    }


def _shared(values: list[str], others: list[str]) -> list[str]:
    return [value for value in values if value in others]
