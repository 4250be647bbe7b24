"""The controls as the policy compares them: sets instead of lists, nothing that does not widen or narrow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.instant import epoch_ns
from schemas.stages import Step


@dataclass(frozen=True, slots=True)
class RuleValues:
    """One allowlist rule. An empty `slot_ids` means any slot."""

    rule_id: str
    subject: frozenset[str]
    level: frozenset[str]
    board: frozenset[str]
    spec_version: frozenset[str]
    kind: frozenset[str]
    slot_ids: frozenset[str]
    max_jobs: int


@dataclass(frozen=True, slots=True)
class ControlValues:
    """One revision. `rules` holds the enabled rules, whether or not the allowlist is enabled.

    `valid_until_ns` is null where the controls never age.
    """

    kill: bool
    feature: bool
    percent: int
    zero_means_everyone: bool
    step: Step
    allowlist_enabled: bool
    rules: tuple[RuleValues, ...]
    valid_until_ns: int | None

    @property
    def admits_below(self) -> int:
        """The bucket bound that the percent means, 0..100."""
        return 100 if self.percent == 0 and self.zero_means_everyone else self.percent

    @property
    def reachable_rules(self) -> tuple[RuleValues, ...]:
        """The rules that permit anything now."""
        return self.rules if self.allowlist_enabled else ()


def control_values(document: Mapping[str, Any]) -> ControlValues:
    """The values of a document that is valid as `controls.v1`."""
    allowlist = document["allowlist"]
    valid_until = document["validUntil"]
    return ControlValues(
        kill=document["kill"],
        feature=document["feature"],
        percent=int(document["percent"]),
        zero_means_everyone=document["rolloutZero"] == "everyone",
        step=Step(document["step"]),
        allowlist_enabled=allowlist["enabled"],
        rules=tuple(_rule(rule) for rule in allowlist["rules"] if rule["enabled"]),
        valid_until_ns=None if valid_until is None else epoch_ns(valid_until),
    )


def _rule(rule: Mapping[str, Any]) -> RuleValues:
    scope = rule["appliesTo"]
    return RuleValues(
        rule_id=rule["id"],
        subject=frozenset(scope["subject"]),
        level=frozenset(scope["level"]),
        board=frozenset(scope["board"]),
        spec_version=frozenset(scope["specVersion"]),
        kind=frozenset(rule["kinds"]),
        slot_ids=frozenset(rule["slotIds"]),
        max_jobs=int(rule["maxJobsPerRun"]),
    )
