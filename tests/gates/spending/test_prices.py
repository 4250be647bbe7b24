"""What was used, by a price table: exact in what is known, and unknown is never 0."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.spending.prices import cost_of, label, price_table
from gates.spending.used import Used
from tests.gates.spending.documents import prices_document, table, used

TWO = table(("gpt-4.1", "2025-04-14", 2.0, 8.0), ("gpt-4.1", "2026-11-21", 0.1, 0.3))


@pytest.mark.parametrize(
    ("day", "amount"), [("2026-11-20", "6.0"), ("2026-11-21", "0.25"), ("2027-01-01", "0.25")]
)
def test_the_price_is_that_of_the_day(day: str, amount: str) -> None:
    cost = cost_of([used(day=day)], TWO)
    assert (cost.amount, cost.unpriced) == (Decimal(amount), ())


UNKNOWN = [
    (used("other"), "the price table has no price of `other` for their day"),
    (used(day="2020-01-01"), "the price table has no price of `gpt-4.1` for their day"),
    (used(None), "they name no model"),
    (used(day=None), "they have no time"),
    (used(untold=10, input_tokens=0, output_tokens=0, total_tokens=0), "their tokens are not known"),
]


@pytest.mark.parametrize(("one", "why"), UNKNOWN)
def test_what_cannot_be_priced_is_said_and_not_counted_as_nothing(one: Used, why: str) -> None:
    cost = cost_of([one], TWO)
    assert cost.amount == 0
    assert [(missing.model, missing.lines, missing.why) for missing in cost.unpriced] == [
        (one.model, 10, why)
    ]


def test_what_is_known_counts_beside_what_is_not() -> None:
    cost = cost_of([used(untold=4), used("other", lines=3)], TWO)
    assert cost.amount == Decimal("0.25")
    assert sorted((one.model, one.lines) for one in cost.unpriced) == [("gpt-4.1", 4), ("other", 3)]


def test_what_the_server_refused_cost_nothing() -> None:
    refused = used("other", input_tokens=0, output_tokens=0, total_tokens=0)
    assert cost_of([refused], TWO).unpriced == ()


def test_a_tenth_is_a_tenth() -> None:
    cents = table(("m", "2026-01-01", 0.1, 0.0))
    cost = cost_of([used("m", input_tokens=1_000_000, output_tokens=0)] * 3, cents)
    assert cost.amount == Decimal("0.3")


def test_two_prices_from_one_day_on_are_none() -> None:
    with pytest.raises(ValueError, match="two prices from 2026-01-01 on; keep one"):
        price_table(prices_document(("m", "2026-01-01", 1, 1), ("m", "2026-01-01", 2, 2)))


def test_amounts_are_labelled() -> None:
    assert label(TWO) == "estimate, by the price table of 2026-11-01"


TOKENS = st.integers(0, 10**12)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), TOKENS, TOKENS), max_size=6))
def test_costs_add_up(rows: list[tuple[str | None, int, int]]) -> None:
    priced = table(("a", "2026-01-01", 1.25, 10.0))
    every = [used(model, input_tokens=i, output_tokens=o, total_tokens=i + o) for model, i, o in rows]
    assert cost_of(every, priced).amount == sum(cost_of([one], priced).amount for one in every)
    missing = {one.model for one in cost_of(every, priced).unpriced}
    assert missing == {one.model for one in every if one.model != "a" and one.total_tokens}
