"""Drafts of an allowlist: every edit another draft, what is wrong in words, what it changes by dimension."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.data.controls_draft import (
    FIELDS,
    Draft,
    as_allowlist,
    begun,
    difference,
    faults,
    known_values,
    meanwhile,
    moved,
    over,
    with_field,
    with_rule,
    with_switch,
    without_rule,
)
from gates.policy.delta import Direction
from schemas import check
from tests.gates.changes.world import allowlist, document, rule

LIVE = document(feature=True, percent=5, kill=False, stage=1, step="canary-5", allowlist=allowlist())


def test_a_draft_begins_as_what_is_in_force() -> None:
    draft = begun(LIVE)
    assert (draft.allowlist, draft.is_changed, draft.revision) == (LIVE["allowlist"], False, 1)
    assert difference(draft) == ()


@pytest.mark.parametrize(
    ("name", "value", "dimension"),
    [
        ("subject", ["Biology", "Physics"], "subject"),
        ("level", ["GCSE", "A-level"], "level"),
        ("board", ["AQA", "OCR"], "board"),
        ("specVersion", ["v1", "v2"], "spec"),
        ("kinds", ["explanatory", "statutory"], "kind"),
        ("slotIds", [], "slot"),
        ("maxJobsPerRun", 4, "slot"),
    ],
)
def test_more_in_a_field_widens_its_dimension(name: str, value: Any, dimension: str) -> None:
    draft = with_field(begun(LIVE), 0, name, value)
    deltas = difference(draft)
    assert [one.direction for one in deltas if one.dimension == dimension] == [Direction.WIDENS]
    assert moved(deltas) == (dimension,)


def test_another_id_and_another_order_change_nothing_that_lets_through() -> None:
    draft = with_field(begun(LIVE), 0, "id", "renamed")
    assert draft.is_changed
    assert moved(difference(draft)) == ()


def test_switching_and_removing_take_away() -> None:
    for draft in (
        with_switch(begun(LIVE), False),
        without_rule(begun(LIVE), 0),
        with_field(begun(LIVE), 0, "enabled", False),
    ):
        found = {one.direction for one in difference(draft)}
        assert found - {Direction.NEUTRAL} == {Direction.NARROWS}


def test_what_is_wrong_is_said_with_what_to_do() -> None:
    draft = begun(LIVE)
    assert faults(with_field(draft, 0, "board", [])) == (
        "rule `first` lists no boards; list at least one, or remove the rule",
    )
    assert "blanks at an end" in faults(with_field(draft, 0, "board", ["AQA "]))[0]
    assert "has no id" in faults(with_field(draft, 0, "id", " "))[0]
    twice = with_field(with_rule(draft, rule()), 1, "id", "first")
    assert "two rules are called `first`" in faults(twice)[0]
    assert "correct it" in faults(with_field(draft, 0, "maxJobsPerRun", 101))[0]
    assert faults(with_field(draft, 0, "slotIds", [])) == ()


def test_rules_get_ids_of_their_own() -> None:
    draft = with_rule(with_rule(begun(LIVE), rule()), rule())
    assert [one.rule["id"] for one in draft.rules] == ["first", "first-2", "first-3"]
    assert len({one.uid for one in draft.rules}) == 3
    replaced = as_allowlist(draft, allowlist())
    assert not {one.uid for one in replaced.rules} & {one.uid for one in draft.rules}


def test_a_draft_is_kept_over_other_controls_and_says_what_they_changed() -> None:
    draft = with_field(begun(LIVE), 0, "board", ["AQA", "OCR"])
    later = {**LIVE, "revision": 2, "percent": 1, "step": "canary-1"}
    assert next(one.words for one in meanwhile(draft, later)) == "percent 5 → 1"
    moved_over = over(draft, later)
    assert (moved_over.revision, moved_over.allowlist) == (2, draft.allowlist)


def test_a_picker_offers_what_any_rule_lists() -> None:
    draft = with_field(begun(LIVE), 0, "board", ["OCR"])
    assert known_values(LIVE, draft)["board"] == ["AQA", "OCR"]


_VALUES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3, unique=True)
_EDITS = st.lists(st.tuples(st.sampled_from(sorted(FIELDS)), _VALUES), max_size=6)


@settings(max_examples=100)
@given(_EDITS)
def test_without_faults_it_is_valid_and_with_faults_nothing_is_lost(edits: list[tuple[str, Any]]) -> None:
    draft: Draft = begun(LIVE)
    for name, value in edits:
        draft = with_field(draft, 0, name, value)
    if faults(draft):
        assert any(not value for name, value in edits if name != "slotIds")
    else:
        assert check.problems("allowlist.v1", draft.allowlist) == []
        difference(draft)
    for name, value in dict(edits).items():
        held = draft.rules[0].rule
        assert (held["appliesTo"].get(name) if name in held["appliesTo"] else held[name]) == value
