"""How far a budget is used, when it warns and when it stops, and what loosens it."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.spending.budget import Limit, budget, standings, stops, warnings
from gates.spending.loosening import budget_loosens, prices_loosen
from gates.spending.prices import PriceTable
from gates.spending.used import DayUsage, Used
from tests.gates.spending.documents import budget_document, limits, table, used

UNTOLD = used(None, untold=10, input_tokens=0, output_tokens=0, total_tokens=0)


def judged(
    values: dict[str, Any], *rows: Used, prices: PriceTable | None = None, **hidden: int
) -> tuple[list[str], list[str]]:
    """The names of the warnings, and why it stops."""
    asked = limits(**values)
    found = standings(asked, DayUsage(used=rows, **hidden), prices)
    return [name for name, _ in warnings(found)], list(stops(asked, found))


STEPS: list[tuple[int, list[str], list[str]]] = [
    (7, [], []),
    (8, ["calls"], []),
    (9, ["calls"], []),
    (10, ["calls"], ["the budget of calls is used up: 10 of 10 calls today (100 %)"]),
    (25, ["calls"], ["the budget of calls is used up: 25 of 10 calls today (250 %)"]),
]


@pytest.mark.parametrize(("calls", "warned", "why"), STEPS)
def test_it_warns_at_four_fifths_and_stops_at_all(calls: int, warned: list[str], why: list[str]) -> None:
    assert judged({"callsPerDay": 10}, used(calls=calls)) == (warned, why)


NO_PRICE = "the price table has no price of `o9` for their day"
MONEY = {"moneyPerDay": 100.0, "currency": "USD"}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], list[str], list[str]]] = [
    ("no limit, no word", {}, {"rows": [used(), UNTOLD]}, [], []),
    ("calls are always countable", {"callsPerDay": 100}, {"rows": [UNTOLD]}, [], []),
    ("a quarantined call is a call", {"callsPerDay": 1}, {"rows": [], "hidden_calls": 1}, ["calls"],
     ["the budget of calls is used up: 1 of 1 calls today (100 %)"]),
    ("tokens that are not known warn", {"tokensPerDay": 10**9}, {"rows": [used(), UNTOLD]},
     ["tokens unknown"], []),
    ("tokens that are not known stop, where it is said", {"tokensPerDay": 10**9, "unknown": "kill"},
     {"rows": [UNTOLD]}, ["tokens unknown"],
     ["the budget of tokens cannot be kept: the tokens of 10 lines are not known"]),
    ("money without a table", MONEY, {"rows": [used()]}, ["money unknown"], []),
    ("money without a table and without calls", MONEY | {"unknown": "kill"}, {"rows": []}, [], []),
    ("a table in another currency", MONEY | {"unknown": "kill"},
     {"rows": [used()], "prices": table(currency="EUR")}, ["money unknown"],
     ["the budget of money cannot be kept: there is no price table in USD"]),
    ("an unknown model", MONEY | {"unknown": "kill"}, {"rows": [used("o9")], "prices": table()},
     ["money unknown"],
     [f"the budget of money cannot be kept: the cost of 10 lines of o9 is not known: {NO_PRICE}"]),
    ("money by the table", {"moneyPerDay": 6.0, "currency": "USD"}, {"rows": [used()], "prices": table()},
     ["money"], ["the budget of money is used up: 6 of 6 USD today (100 %)"]),
    ("lines without a time", {"callsPerDay": 5, "unknown": "kill"}, {"rows": [], "untimed": 1},
     ["calls unknown"], ["the budget of calls cannot be kept: 1 line without a time may be of today"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "given_", "warned", "why"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_what_is_not_known_is_said_and_does_as_the_budget_says(
    values: dict[str, Any], given_: dict[str, Any], warned: list[str], why: list[str]
) -> None:
    rest = {name: value for name, value in given_.items() if name != "rows"}
    assert judged(values, *given_["rows"], **rest) == (warned, why)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_stopping_is_never_without_warning(calls: int, most: int) -> None:
    warned, why = judged({"callsPerDay": most}, used(calls=calls))
    assert bool(why) == (calls >= most)
    assert bool(warned) == (5 * calls >= 4 * most)


def test_money_and_currency_stand_together() -> None:
    for one in ({"moneyPerDay": 1.0}, {"currency": "USD"}):
        with pytest.raises(ValueError, match="stand together"):
            budget(budget_document(**one))


LOOSER: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({"callsPerDay": 10}, {"callsPerDay": 10}, []),
    ({"callsPerDay": 10}, {"callsPerDay": 9}, []),
    ({"callsPerDay": 1000}, {"callsPerDay": 2000}, ["calls a day from 1,000 to 2,000"]),
    ({"callsPerDay": 10}, {}, ["no limit of calls any more, was 10 a day"]),
    ({"callsPerDay": 10}, {"callsPerDay": 10, "tokensPerDay": 5}, []),
    (MONEY, MONEY | {"currency": "IDR"}, ["money in IDR instead of USD"]),
    ({"unknown": "kill"}, {}, ["usage that is not known warns instead of stopping"]),
    ({}, {"unknown": "kill"}, []),
    ({"callsPerDay": 10}, {"callsPerDay": 5, "tokensPerDay": 1}, []),
    ({"tokensPerDay": 10, "callsPerDay": 1}, {"tokensPerDay": 20, "callsPerDay": 1},
     ["tokens a day from 10 to 20"]),
]  # fmt: skip


@pytest.mark.parametrize(("now", "wanted", "words"), LOOSER)
def test_what_loosens_a_budget(now: dict[str, Any], wanted: dict[str, Any], words: list[str]) -> None:
    assert list(budget_loosens(limits(**now), limits(**wanted))) == words
    assert budget_loosens(None, limits(**wanted)) == ()


def test_a_price_that_falls_loosens_a_limit_of_money_and_nothing_else() -> None:
    now, money = table(("m", "2026-01-01", 2.0, 8.0)), limits(**MONEY)
    cheaper, dearer = table(("m", "2026-01-01", 1.0, 8.0)), table(("m", "2026-01-01", 3.0, 8.0))
    later = table(("m", "2026-01-01", 2.0, 8.0), ("m", "2026-12-01", 1.0, 8.0))
    assert prices_loosen(money, now, cheaper) == ("a lower price of m",)
    assert prices_loosen(money, now, later) == ("a lower price of m",)
    assert prices_loosen(money, now, table(("n", "2026-01-01", 9, 9))) == ("no price of m any more",)
    assert prices_loosen(money, now, table(currency="EUR")) == ("prices in EUR instead of USD",)
    assert prices_loosen(money, now, dearer) == prices_loosen(money, None, cheaper) == ()
    assert prices_loosen(limits(callsPerDay=1), now, cheaper) == prices_loosen(None, now, cheaper) == ()


def test_figures_are_rounded_against_whoever_reads_too_little() -> None:
    asked = limits(callsPerDay=1000)
    [one] = standings(asked, DayUsage(used=(used(calls=999),)), None)
    assert (one.limit, one.used, one.words) == (
        Limit.CALLS, Decimal(999), "999 of 1,000 calls today (99 %)"
    )  # fmt: skip
