"""Allowlists that ask a question of the policy, and the one to begin with. Pure."""

from typing import Any

from gates.changes.documents import Patch


def smallest(allowlist: dict[str, Any]) -> dict[str, Any]:
    """The allowlist on with one rule of one value in each dimension, after its first rule or an example."""
    rules = allowlist["rules"] or [EXAMPLE]
    first = rules[0]
    one = {
        **first,
        "enabled": True,
        "appliesTo": {name: values[:1] for name, values in first["appliesTo"].items()},
        "kinds": first["kinds"][:1],
        "slotIds": first["slotIds"][:1] or EXAMPLE["slotIds"],
        "maxJobsPerRun": 1,
    }
    return {**allowlist, "enabled": True, "rules": [one]}


EXAMPLE: dict[str, Any] = {
    "id": "first",
    "enabled": True,
    "appliesTo": {
        "subject": ["example subject"],
        "level": ["example level"],
        "board": ["example board"],
        "specVersion": ["example version"],
    },
    "kinds": ["explanatory"],
    "slotIds": ["example-slot"],
    "maxJobsPerRun": 1,
}
_NAMES = {"subject": "subject", "level": "level", "board": "board", "spec": "specVersion"}


def wider(allowlist: dict[str, Any], dimension: str) -> Patch | None:
    """The first enabled rule with one value more in `dimension`: what asks whether it may widen."""
    rules = [dict(rule) for rule in allowlist["rules"]]
    rule = next((rule for rule in rules if rule["enabled"]), None)
    if rule is None:
        return None
    if dimension in _NAMES:
        name = _NAMES[dimension]
        rule["appliesTo"] = {**rule["appliesTo"], name: [*rule["appliesTo"][name], "one more"]}
    elif dimension == "kind":
        rule["kinds"] = [*rule["kinds"], "one more"]
    elif rule["slotIds"]:
        rule["slotIds"] = [*rule["slotIds"], "one more"]
    elif rule["maxJobsPerRun"] < 100:
        rule["maxJobsPerRun"] += 1
    else:
        return None
    return {"allowlist": {**allowlist, "rules": rules}}
