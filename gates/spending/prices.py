"""A price table, and what was used by it: an estimate, never a bill. Unknown is said, never 0."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gates.spending.used import Used

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """For a million tokens of `model`, from the UTC day `valid_from` on."""

    model: str
    valid_from: str
    input_per_million: Decimal
    output_per_million: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """`as_of`: the day on which somebody last checked it."""

    currency: str
    as_of: str
    prices: tuple[Price, ...]

    def of(self, model: str, day: str) -> Price | None:
        """The price in force on a day; null where the table has none."""
        known = [one for one in self.prices if one.model == model and one.valid_from <= day]
        return max(known, key=lambda one: one.valid_from, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpriced:
    """Lines with calls whose cost is not known, and why in words."""

    model: str | None
    lines: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """`amount` is of what is known; `unpriced` says what is not in it."""

    currency: str
    as_of: str
    amount: Decimal
    unpriced: tuple[Unpriced, ...]


def price_table(document: Mapping[str, Any]) -> PriceTable:
    """The table of a valid `prices.v1`. Raises `ValueError` where a model has two prices from one day on."""
    prices = tuple(
        Price(
            model=one["model"],
            valid_from=one["validFrom"],
            input_per_million=decimal_of(one["inputPerMillion"]),
            output_per_million=decimal_of(one["outputPerMillion"]),
        )
        for one in document["prices"]
    )
    seen: set[tuple[str, str]] = set()
    for one in prices:
        if (one.model, one.valid_from) in seen:
            raise ValueError(f"model `{one.model}` has two prices from {one.valid_from} on; keep one")
        seen.add((one.model, one.valid_from))
    return PriceTable(currency=document["currency"], as_of=document["asOf"], prices=prices)


def cost_of(used: Iterable[Used], table: PriceTable) -> Cost:
    """What `used` costs by `table`, as far as it is known."""
    amount, missing = Decimal(0), dict[tuple[str | None, str], int]()

    def lacks(one: Used, lines: int, why: str) -> None:
        if lines:
            missing[one.model, why] = missing.get((one.model, why), 0) + lines

    for one in used:
        lacks(one, one.untold, "their tokens are not known")
        told = one.lines - one.untold
        if one.total_tokens == 0 and one.input_tokens == 0 and one.output_tokens == 0:
            continue
        price = None if one.model is None or one.day is None else table.of(one.model, one.day)
        if one.model is None or one.day is None:
            lacks(one, told, "they name no model" if one.model is None else "they have no time")
        elif price is None:
            lacks(one, told, f"the price table has no price of `{one.model}` for their day")
        else:
            amount += one.input_tokens * price.input_per_million / MILLION
            amount += one.output_tokens * price.output_per_million / MILLION
    unpriced = tuple(Unpriced(model=model, lines=n, why=why) for (model, why), n in missing.items())
    return Cost(currency=table.currency, as_of=table.as_of, amount=amount, unpriced=unpriced)


def label(table: PriceTable) -> str:
    """What stands beside every amount."""
    return f"estimate, by the price table of {table.as_of}"


def decimal_of(number: float) -> Decimal:
    """As it was written: 0.1 is a tenth."""
    return Decimal(repr(number))
