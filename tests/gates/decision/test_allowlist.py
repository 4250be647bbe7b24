"""The bitmask index against the contract read aloud, rule by rule."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gates.decision import Job, Slot, compile_allowlist
from tests.gates.decision.builders import allowlist, job, rule

VALUES = st.sampled_from(["a", "b", "c"])
LISTS = st.lists(VALUES, min_size=1, max_size=3)
RULES = st.builds(
    lambda rule_id, enabled, subject, board, kinds, slots, budget: rule(
        rule_id,
        enabled=enabled,
        appliesTo={"subject": subject, "board": board},
        kinds=kinds,
        slotIds=slots,
        maxJobsPerRun=budget,
    ),
    st.sampled_from(["r1", "r2", "r3", "r4"]),
    st.booleans(),
    LISTS,
    LISTS,
    LISTS,
    st.lists(VALUES, max_size=2),
    st.integers(1, 4),
)
JOBS = st.builds(
    lambda subject, board, slots: job(
        subject=subject, board=board, slots=tuple(Slot(*slot) for slot in slots)
    ),
    VALUES,
    VALUES,
    st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=5),
)


def permits(one: dict[str, Any], asked: Job, slot: Slot) -> bool:
    """CONTRACTS section 5, word for word."""
    applies_to = one["appliesTo"]
    return (
        one["enabled"]
        and asked.subject in applies_to["subject"]
        and asked.level in applies_to["level"]
        and asked.board in applies_to["board"]
        and asked.spec_version in applies_to["specVersion"]
        and slot.kind in one["kinds"]
        and (not one["slotIds"] or slot.slot_id in one["slotIds"])
        and len(asked.slots) <= one["maxJobsPerRun"]
    )


@given(st.lists(RULES, max_size=8), JOBS)
def test_the_index_agrees_with_the_contract(rules: list[dict[str, Any]], asked: Job) -> None:
    per_slot = [sorted(one["id"] for one in rules if permits(one, asked, slot)) for slot in asked.slots]
    expected = per_slot[0][0] if all(per_slot) else None
    assert compile_allowlist(allowlist(*rules)).permitting_rule(asked) == expected


@given(st.lists(RULES, max_size=8), JOBS, st.randoms())
def test_the_order_of_the_rules_does_not_matter(rules: list[dict[str, Any]], asked: Job, random: Any) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)
    one, other = compile_allowlist(allowlist(*rules)), compile_allowlist(allowlist(*shuffled))
    assert one.permitting_rule(asked) == other.permitting_rule(asked)


def test_the_job_budget_ends_at_one_hundred() -> None:
    index = compile_allowlist(allowlist(rule(maxJobsPerRun=100)))
    slots = (Slot("S1", "explanatory"),)
    assert index.permitting_rule(job(slots=slots * 100)) == "r1"
    assert index.permitting_rule(job(slots=slots * 101)) is None
