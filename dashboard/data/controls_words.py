"""The controls in words: one line a setting, one row a rule, and what a narrowing takes away. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gates.changes.documents import Patch, patched
from gates.errors import InvalidChange
from gates.policy.delta import Delta, Direction
from gates.policy.diff import diff
from gates.policy.values import control_values

ANY = "any"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as a reader compares it with another."""

    rule_id: str
    enabled: bool
    subject: str
    level: str
    board: str
    spec_version: str
    kinds: str
    slots: str
    most_jobs: int


def rule_rows(allowlist: Mapping[str, Any]) -> tuple[RuleRow, ...]:
    """The rules in their order."""
    return tuple(
        RuleRow(
            rule["id"],
            rule["enabled"],
            _listed(rule, "subject"),
            _listed(rule, "level"),
            _listed(rule, "board"),
            _listed(rule, "specVersion"),
            ", ".join(rule["kinds"]),
            ", ".join(rule["slotIds"]) or ANY,
            int(rule["maxJobsPerRun"]),
        )
        for rule in allowlist["rules"]
    )


def _listed(rule: Mapping[str, Any], name: str) -> str:
    return ", ".join(rule["appliesTo"][name])


def changes_between(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Delta, ...]:
    """What one revision changed; of the first one, nothing."""
    return () if before is None else diff(control_values(before), control_values(after))


def deltas_of(document: Mapping[str, Any], patch: Patch) -> tuple[Delta, ...]:
    """What a patch would change; nothing where it leads to no valid controls."""
    try:
        after = patched(document, patch, revision=document["revision"] + 1, at_ns=0)
    except InvalidChange:
        return ()
    return changes_between(document, after)


def in_words(deltas: tuple[Delta, ...]) -> str:
    """The differences in one line; a new step only where it is all there is to say."""
    said = [delta.words for delta in deltas if delta.direction is not Direction.NEUTRAL]
    return "; ".join(said or [delta.words for delta in deltas]) or "nothing that lets more or fewer through"


def lower_percent(now: int, wanted: int) -> str:
    """What a lower percent does, in a sentence."""
    return (
        f"jobs in buckets {wanted} to {now - 1} get a stub from the next decision on; which jobs those are "
        "never changes, so the same ones come back when it is raised again"
    )
