"""What a new budget or price table takes off the guard, in words: empty where it only asks more. Pure."""

from gates.spending.budget import Budget, Limit, Unknown, amount
from gates.spending.prices import PriceTable


def budget_loosens(current: Budget | None, wanted: Budget) -> tuple[str, ...]:
    """In which ways `wanted` lets more through than `current`; no budget is the widest."""
    if current is None:
        return ()
    asked, found = dict(wanted.limits), []
    for limit, most in current.limits:
        now = asked.get(limit)
        if now is None:
            found.append(f"no limit of {limit.value} any more, was {amount(most)} a day")
        elif now > most:
            found.append(f"{limit.value} a day from {amount(most)} to {amount(now)}")
        elif limit is Limit.MONEY and wanted.currency != current.currency:
            found.append(f"money in {wanted.currency} instead of {current.currency}")
    if current.unknown is Unknown.KILL and wanted.unknown is Unknown.WARN:
        found.append("usage that is not known warns instead of stopping")
    return tuple(found)


def prices_loosen(limits: Budget | None, current: PriceTable | None, wanted: PriceTable) -> tuple[str, ...]:
    """In which ways less is counted against a limit of money; without such a limit, in none."""
    if limits is None or limits.money is None or current is None:
        return ()
    if wanted.currency != current.currency:
        return (f"prices in {wanted.currency} instead of {current.currency}",)
    found = dict[str, None]()
    days = sorted({one.valid_from for one in (*current.prices, *wanted.prices)})
    for model in dict.fromkeys(one.model for one in current.prices):
        for day in days:
            old, new = current.of(model, day), wanted.of(model, day)
            if old is None:
                continue
            if new is None:
                found[f"no price of {model} any more"] = None
            elif (
                new.input_per_million < old.input_per_million
                or new.output_per_million < old.output_per_million
            ):
                found[f"a lower price of {model}"] = None
    return tuple(found)
