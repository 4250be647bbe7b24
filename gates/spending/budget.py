"""A day's budget: how far each limit is used, and what follows. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, assert_never

from gates.spending.prices import PriceTable, cost_of, decimal_of
from gates.spending.used import DayUsage

WARN_AT = Decimal("0.8")


class Limit(StrEnum):
    """What a budget can limit."""

    CALLS = "calls"
    TOKENS = "tokens"
    MONEY = "money"


class Unknown(StrEnum):
    """What follows from usage that a limit needs and nobody knows."""

    WARN = "warn"
    KILL = "kill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A UTC day's limits; null: none. `currency` is null without `money`."""

    environment: str
    calls: Decimal | None
    tokens: Decimal | None
    money: Decimal | None
    currency: str | None
    unknown: Unknown

    @property
    def limits(self) -> tuple[tuple[Limit, Decimal], ...]:
        """Those that are set."""
        every = ((Limit.CALLS, self.calls), (Limit.TOKENS, self.tokens), (Limit.MONEY, self.money))
        return tuple((limit, most) for limit, most in every if most is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a limit is used on a day. `unknown` says in words what is not in `used`, null: nothing."""

    limit: Limit
    used: Decimal
    most: Decimal
    unit: str
    unknown: str | None

    @property
    def reached(self) -> bool:
        """Used up."""
        return self.used >= self.most

    @property
    def near(self) -> bool:
        """At least four fifths used."""
        return self.used >= self.most * WARN_AT

    @property
    def words(self) -> str:
        """The figures."""
        share = (100 * self.used / self.most).quantize(Decimal(1), rounding="ROUND_FLOOR")
        return f"{amount(self.used)} of {amount(self.most)} {self.unit} today ({share} %)"


def budget(document: Mapping[str, Any]) -> Budget:
    """The budget of a valid `budget.v1`. Raises `ValueError` for money without currency, or the reverse."""
    money, currency = document.get("moneyPerDay"), document.get("currency")
    if (money is None) != (currency is None):
        raise ValueError("`moneyPerDay` and `currency` stand together: give both, or neither")
    return Budget(
        environment=document["environment"],
        calls=_most(document.get("callsPerDay")),
        tokens=_most(document.get("tokensPerDay")),
        money=_most(money),
        currency=currency,
        unknown=Unknown(document.get("unknown", Unknown.WARN)),
    )


def standings(limits: Budget, day: DayUsage, prices: PriceTable | None) -> tuple[Standing, ...]:
    """How far each limit is used by what was used on one day."""
    found = []
    for limit, most in limits.limits:
        match limit:
            case Limit.CALLS:
                used, unit = Decimal(sum(one.calls for one in day.used) + day.hidden_calls), "calls"
                unknown: list[str] = []
            case Limit.TOKENS:
                used, unit = Decimal(sum(one.total_tokens for one in day.used)), "tokens"
                untold = sum(one.untold for one in day.used) + day.hidden_calls
                unknown = [f"the tokens of {_lines(untold)} are not known"] if untold else []
            case Limit.MONEY:
                unit = limits.currency or ""
                used, unknown = _money(unit, day, prices)
            case _:
                assert_never(limit)
        if day.untimed:
            unknown.append(f"{_lines(day.untimed)} without a time may be of today")
        words = "; ".join(unknown) or None
        found.append(Standing(limit=limit, used=used, most=most, unit=unit, unknown=words))
    return tuple(found)


def _money(currency: str, day: DayUsage, prices: PriceTable | None) -> tuple[Decimal, list[str]]:
    """What was spent as far as it is known, and what is not known."""
    unknown = (
        [f"the cost of {_lines(day.hidden_calls)} in quarantine is not known"] if day.hidden_calls else []
    )
    if prices is None or prices.currency != currency:
        if any(one.calls for one in day.used):
            unknown.append(f"there is no price table in {currency}")
        return Decimal(0), unknown
    cost = cost_of(day.used, prices)
    unknown += [
        f"the cost of {_lines(one.lines)} of {one.model or 'no model'} is not known: {one.why}"
        for one in cost.unpriced
    ]
    return cost.amount, unknown


def stops(limits: Budget, found: Iterable[Standing]) -> tuple[str, ...]:
    """Why everything must stop, in words; empty where it need not."""
    why = []
    for one in found:
        if one.reached:
            why.append(f"the budget of {one.limit.value} is used up: {one.words}")
        elif one.unknown is not None and limits.unknown is Unknown.KILL:
            why.append(f"the budget of {one.limit.value} cannot be kept: {one.unknown}")
    return tuple(why)


def warnings(found: Iterable[Standing]) -> tuple[tuple[str, str], ...]:
    """What to warn of, each once a day: a name that stays, and words."""
    said = []
    for one in found:
        if one.near:
            said.append((one.limit.value, f"budget of {one.limit.value}: {one.words}"))
        if one.unknown is not None:
            said.append((f"{one.limit.value} unknown", f"budget of {one.limit.value}: {one.unknown}"))
    return tuple(said)


def amount(number: Decimal) -> str:
    """A number as people read it: thousands apart, at most four decimal places."""
    return f"{number:,.4f}".rstrip("0").rstrip(".")


def _lines(count: int) -> str:
    return f"{count:,} line" if count == 1 else f"{count:,} lines"


def _most(number: float | None) -> Decimal | None:
    return None if number is None else decimal_of(number)
