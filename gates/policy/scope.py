"""Compare allowlist scopes rule by rule: in which dimensions does one reach further than the other?

A rule reaches no further than a set of rules when one rule of the set covers it. A rule that only
several together cover is called wider: that costs an approval, never a silent widening. Narrowing
a rule always leaves it covered by what it was.
"""

from enum import StrEnum

from gates.policy.values import RuleValues


class ScopeDimension(StrEnum):
    """The allowlist dimensions; maxJobsPerRun belongs to its rule's slot dimension."""

    SUBJECT = "subject"
    LEVEL = "level"
    BOARD = "board"
    SPEC = "spec"
    KIND = "kind"
    SLOT = "slot"


Excess = dict[ScopeDimension, str]


def excess(rule: RuleValues, over: RuleValues) -> Excess:
    """Where `rule` reaches further than `over`, each with the difference in words."""
    found: Excess = {}
    for dimension, own, other in (
        (ScopeDimension.SUBJECT, rule.subject, over.subject),
        (ScopeDimension.LEVEL, rule.level, over.level),
        (ScopeDimension.BOARD, rule.board, over.board),
        (ScopeDimension.SPEC, rule.spec_version, over.spec_version),
        (ScopeDimension.KIND, rule.kind, over.kind),
    ):
        if own - other:
            found[dimension] = _listed(own - other)
    slots = _slot_excess(rule, over)
    if slots:
        found[ScopeDimension.SLOT] = slots
    return found


def least_excess(rule: RuleValues, over: tuple[RuleValues, ...]) -> Excess:
    """Where `rule` reaches further than the nearest of `over`; further everywhere if there is none.

    The nearest is the one exceeded in the fewest dimensions, then the one of the same id, then the
    smallest id, so that the order of the rules does not matter.
    """
    nearest = min(
        ((excess(rule, other), other) for other in over),
        key=lambda pair: (len(pair[0]), pair[1].rule_id != rule.rule_id, pair[1].rule_id),
        default=None,
    )
    return excess(rule, _NOTHING) if nearest is None else nearest[0]


def _slot_excess(rule: RuleValues, over: RuleValues) -> str:
    parts = []
    if not rule.slot_ids and over.slot_ids:
        parts.append("any slot")
    elif over.slot_ids and rule.slot_ids - over.slot_ids:
        parts.append(_listed(rule.slot_ids - over.slot_ids))
    if rule.max_jobs > over.max_jobs:
        parts.append(f"up to {rule.max_jobs} jobs a run")
    return ", ".join(parts)


def _listed(values: frozenset[str]) -> str:
    return ", ".join(f"`{value}`" for value in sorted(values))


_EMPTY: frozenset[str] = frozenset()
_NOTHING = RuleValues("", _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY, 0)
