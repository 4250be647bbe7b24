"""The allowlist as a bitmask index: one bit a rule, one mask a listed value.

A job's rules are the AND of a few masks, whatever the number of rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gates.decision.job import Job, Slot

MAX_JOBS = 100  # the upper bound of maxJobsPerRun (CONTRACTS section 5)


@dataclass(frozen=True, slots=True)
class AllowlistIndex:
    """An allowlist compiled for lookup.

    `refusal` says why nothing is permitted at all (disabled, missing, invalid), else it is null.
    Bit i of every mask stands for `rule_ids[i]`; the ids are sorted, so that the rule named by a
    decision does not depend on the order of the rules. `budget[n]` holds the rules that allow n jobs.
    """

    refusal: str | None
    rule_ids: tuple[str, ...]
    subject: Mapping[str, int]
    level: Mapping[str, int]
    board: Mapping[str, int]
    spec_version: Mapping[str, int]
    kind: Mapping[str, int]
    slot_id: Mapping[str, int]
    any_slot: int
    budget: tuple[int, ...]

    def permitting_rule(self, job: Job) -> str | None:
        """The id of the rule that permits the job, or None.

        Every slot of the run must be permitted, each by some rule; the id named is the first
        slot's. Of several permitting rules it is the smallest id.
        """
        if self.refusal is not None or not 0 < len(job.slots) < len(self.budget):
            return None
        scope = (
            self.budget[len(job.slots)]
            & self.subject.get(job.subject, 0)
            & self.level.get(job.level, 0)
            & self.board.get(job.board, 0)
            & self.spec_version.get(job.spec_version, 0)
        )
        masks = [scope & self._slot_mask(slot) for slot in job.slots]
        return self.rule_ids[(masks[0] & -masks[0]).bit_length() - 1] if all(masks) else None

    def _slot_mask(self, slot: Slot) -> int:
        return self.kind.get(slot.kind, 0) & (self.any_slot | self.slot_id.get(slot.slot_id, 0))


def refuse_all(reason: str) -> AllowlistIndex:
    """An index that permits nothing because `reason`."""
    return AllowlistIndex(reason, (), {}, {}, {}, {}, {}, {}, 0, ())


def compile_allowlist(document: Mapping[str, Any]) -> AllowlistIndex:
    """Index a document that is valid as `allowlist.v1`. Disabled rules are left out."""
    if document["enabled"] is not True:
        return refuse_all("the allowlist is disabled")
    rules = sorted(
        (rule for rule in document["rules"] if rule["enabled"] is True), key=lambda rule: str(rule["id"])
    )

    def masks(listed: Callable[[Mapping[str, Any]], list[str]]) -> dict[str, int]:
        found: dict[str, int] = {}
        for bit, rule in enumerate(rules):
            for value in listed(rule):
                found[value] = found.get(value, 0) | 1 << bit
        return found

    return AllowlistIndex(
        refusal=None,
        rule_ids=tuple(str(rule["id"]) for rule in rules),
        subject=masks(lambda rule: rule["appliesTo"]["subject"]),
        level=masks(lambda rule: rule["appliesTo"]["level"]),
        board=masks(lambda rule: rule["appliesTo"]["board"]),
        spec_version=masks(lambda rule: rule["appliesTo"]["specVersion"]),
        kind=masks(lambda rule: rule["kinds"]),
        slot_id=masks(lambda rule: rule["slotIds"]),
        any_slot=sum(1 << bit for bit, rule in enumerate(rules) if not rule["slotIds"]),
        budget=tuple(
            sum(1 << bit for bit, rule in enumerate(rules) if rule["maxJobsPerRun"] >= jobs)
            for jobs in range(MAX_JOBS + 1)
        ),
    )
