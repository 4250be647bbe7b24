"""The controls as the policy compares them: sets instead of lists, nothing that does not widen or narrow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.instant import epoch_ns
from schemas.stages import Step

ENDLESS = 10**21
"""Nanoseconds later than the year 9999, the last that RFC 3339 can write: the end of what has no end."""


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

    `valid_until_ns` is null where the controls never age, `break_glass_until_ns` where a release
    of the kill never ends by itself.
    """

    kill: bool
    feature: bool
    percent: int
    zero_means_everyone: bool
    step: Step
    allowlist_enabled: bool
    rules: tuple[RuleValues, ...]
    valid_until_ns: int | None
    break_glass_until_ns: int | None

    @property
    def released_until_ns(self) -> int:
        """Until when the kill switch is off: 0 while it is on, `ENDLESS` without a limit."""
        if self.kill:
            return 0
        return ENDLESS if self.break_glass_until_ns is None else max(0, self.break_glass_until_ns)

    @property
    def admits_below(self) -> int:
        """The bucket bound that the percent means, 0..100."""
        return 100 if self.percent == 0 and self.zero_means_everyone else self.percent

    @property
    def admits_nobody(self) -> bool:
        """Whether no job can pass, whatever the kill switch says."""
        closed = not self.feature or not self.allowlist_enabled or not self.rules
        return closed or self.admits_below == 0


def control_values(document: Mapping[str, Any]) -> ControlValues:
    """The values of a document that is valid as `controls.v1`."""
    allowlist = document["allowlist"]
    return ControlValues(
        kill=document["kill"],
        feature=document["feature"],
        percent=int(document["percent"]),
        zero_means_everyone=document["rolloutZero"] == "everyone",
        step=Step(document["step"]),
        allowlist_enabled=allowlist["enabled"],
        rules=tuple(_rule(rule) for rule in allowlist["rules"] if rule["enabled"]),
        valid_until_ns=_limit(document["validUntil"]),
        break_glass_until_ns=_limit(document["breakGlassUntil"]),
    )


def _limit(text: str | None) -> int | None:
    """A date that no calendar has is a limit that has passed, never one that is missing."""
    return None if text is None else epoch_ns(text) or 0


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
