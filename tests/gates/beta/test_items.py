"""The lists hold every line of the plans, once, and each can be shown somehow."""

import re
from pathlib import Path

import pytest

from gates.beta.items import BY_ID, ITEMS, STEADY_LISTS, BetaList, Item, Probe
from tests.gates.beta.builders import facts, judged

PAGE = (Path(__file__).parents[3] / "docs" / "beta.md").read_text(encoding="utf-8")


def test_ids_are_unique_and_plain() -> None:
    assert len(BY_ID) == len(ITEMS) == 35
    assert all(re.fullmatch(r"(pre|flight|change|stable|ready|ga)(-[a-z]+)+", name) for name in BY_ID)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.item_id)
def test_each_can_be_shown(item: Item) -> None:
    assert item.is_signed or item.probe is not None
    assert item.valid_days is None or 0 < item.valid_days <= 90
    assert item.is_signed or not item.ci


@pytest.mark.parametrize(
    ("belongs", "count"),
    [
        (BetaList.PRECONDITIONS, 4),
        (BetaList.PREFLIGHT, 5),
        (BetaList.AFTER_CHANGE, 6),
        (BetaList.BETA_STABLE, 5),
        (BetaList.BETA_READY, 5),
        (BetaList.GA_EXIT, 10),
    ],
    ids=lambda value: str(value),
)
def test_each_list_is_whole(belongs: BetaList, count: int) -> None:
    assert len(judged(facts()).of(belongs)) == count


def test_steady_asks_for_everything_but_the_exit_to_ga() -> None:
    assert set(BetaList) - STEADY_LISTS == {BetaList.GA_EXIT}


def test_after_a_change_nothing_is_signed() -> None:
    """What a change did is looked at; nobody can vouch for it."""
    assert not [item for item in ITEMS if item.belongs is BetaList.AFTER_CHANGE and item.is_signed]


def test_every_probe_is_used() -> None:
    assert {item.probe for item in ITEMS} - {None} == set(Probe)


def test_the_page_names_every_item_with_how_it_is_shown() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| ([^|]+) \|", PAGE, re.MULTILINE))
    assert rows.keys() == BY_ID.keys()
    for item in ITEMS:
        said = rows[item.item_id].strip()
        assert ("signed" in said) == item.is_signed, item.item_id
        assert not item.is_signed or f"{item.valid_days} days" in said
        assert ("webhook" in said) == item.ci
