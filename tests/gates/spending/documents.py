"""Budgets, price tables and usage for tests."""

from typing import Any

from gates.spending.budget import Budget, budget
from gates.spending.prices import PriceTable, price_table
from gates.spending.used import Used

DAY = "2026-11-21"


def prices_document(*rows: tuple[str, str, float, float], **changes: Any) -> dict[str, Any]:
    """A `prices.v1`; each row is model, first day, and the prices of a million tokens in and out."""
    return {
        "version": "prices.v1",
        "currency": "USD",
        "asOf": "2026-11-01",
        "prices": [
            {"model": model, "validFrom": day, "inputPerMillion": given, "outputPerMillion": made}
            for model, day, given, made in rows or (("gpt-4.1", "2025-04-14", 2.0, 8.0),)
        ],
    } | changes


def budget_document(**limits: Any) -> dict[str, Any]:
    return {"version": "budget.v1", "environment": "test"} | limits


def table(*rows: tuple[str, str, float, float], **changes: Any) -> PriceTable:
    return price_table(prices_document(*rows, **changes))


def limits(**values: Any) -> Budget:
    return budget(budget_document(**values))


def used(model: str | None = "gpt-4.1", **counts: Any) -> Used:
    """Ten lines with a call each, none untold."""
    fields: dict[str, Any] = {
        "day": DAY, "lines": 10, "calls": 10, "untold": 0,
        "input_tokens": 1_000_000, "output_tokens": 500_000, "total_tokens": 1_500_000,
    }  # fmt: skip
    return Used(model=model, **(fields | counts))
