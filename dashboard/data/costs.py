"""What usage costs by a price table, beside the counts of a report. No I/O; every amount is an estimate."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from gates.spending.prices import Cost, PriceTable, cost_of, label
from gates.spending.used import Used

_CENTS_OF_CENTS = Decimal("0.000001")


def with_costs(report: Mapping[str, Any], table: PriceTable | None) -> dict[str, Any]:
    """The document of `slotgate report --json` with a `cost` in every group, and `prices`: by which table.

    Both are null where no table is set: what nobody priced is not free.
    """
    return {
        **report,
        "totals": _costed(report["totals"], table),
        "steps": [_costed(step, table) for step in report["steps"]],
        "unattributed": _costed(report["unattributed"], table),
        "prices": None
        if table is None
        else {"currency": table.currency, "asOf": table.as_of, "label": label(table)},
    }


def used_of_records(records: Iterable[Mapping[str, Any]]) -> list[Used]:
    """The `usage` of a group of the report."""
    return [
        Used(
            day=one["day"],
            model=one["model"],
            lines=one["lines"],
            calls=one["calls"],
            untold=one["linesWithoutUsage"],
            input_tokens=one["inputTokens"],
            output_tokens=one["outputTokens"],
            total_tokens=one["totalTokens"],
        )
        for one in records
    ]


def _costed(group: Mapping[str, Any], table: PriceTable | None) -> dict[str, Any]:
    found = None if table is None else _record(cost_of(used_of_records(group["usage"]), table))
    return {**group, "cost": found}


def _record(cost: Cost) -> dict[str, Any]:
    return {
        "amount": float(cost.amount.quantize(_CENTS_OF_CENTS)),
        "currency": cost.currency,
        "unknown": [{"model": one.model, "lines": one.lines, "why": one.why} for one in cost.unpriced],
    }
