"""Documents and jobs for decision tests: everything open, so that each case closes one thing."""

from typing import Any

from gates.decision import Job, Slot


def rule(rule_id: str = "r1", **changes: Any) -> dict[str, Any]:
    applies_to = {"subject": ["Biology"], "level": ["GCSE"], "board": ["AQA"], "specVersion": ["v1"]}
    applies_to |= changes.pop("appliesTo", {})
    document = {
        "id": rule_id,
        "enabled": True,
        "appliesTo": applies_to,
        "kinds": ["explanatory"],
        "slotIds": [],
        "maxJobsPerRun": 3,
    }
    return document | changes


def allowlist(*rules: dict[str, Any], enabled: bool = True) -> dict[str, Any]:
    return {"version": "allowlist.v1", "enabled": enabled, "mode": "deny_by_default", "rules": list(rules)}


def controls(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "version": "controls.v1",
        "environment": "test",
        "revision": 7,
        "effectiveAt": "2026-01-01T00:00:00Z",
        "kill": False,
        "feature": True,
        "percent": 100,
        "rolloutZero": "nobody",
        "stage": 3,
        "step": "expand-100",
        "allowlist": allowlist(rule()),
        "breakGlassUntil": None,
        "validUntil": None,
    }
    return document | changes


def job(**changes: Any) -> Job:
    fields: dict[str, Any] = {
        "job_id": "J1",  # bucket 43, by the golden vectors
        "subject": "Biology",
        "level": "GCSE",
        "board": "AQA",
        "spec_version": "v1",
        "allow_ai": True,
        "slots": (Slot("S1", "explanatory"),),
    }
    return Job(**(fields | changes))
