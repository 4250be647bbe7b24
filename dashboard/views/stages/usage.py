"""Tokens and what they cost, by stay and model: estimates, with what is not in them."""

from collections.abc import Sequence
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from dashboard.data import format as words
from dashboard.data.cached.spending import price_table_at, usage_at
from dashboard.data.stage_usage import ModelUsage, usage_of_stays
from dashboard.data.stages import ListedStay
from dashboard.errors import QueryTimeout
from dashboard.server import seat
from dashboard.views.states import failed_query
from dashboard.views.table import table
from gates.errors import HomeError, StoreError
from gates.spending.prices import PriceTable, label

PATIENCE_SECONDS = 1.0
_NO_TABLE = "no price table is set, so no cost is known; `slotgate prices set` sets one"


def draw(listing: Sequence[ListedStay], now_ns: int) -> None:
    """The table, where any line ever told of tokens; v1 lines do not."""
    place = seat.taken()
    try:
        usage = usage_at(place.store, sum(one.lines for one in listing), now_ns, PATIENCE_SECONDS)
    except (QueryTimeout, duckdb.Error) as error:
        st.html(failed_query(error))
        return
    if not usage:
        return
    prices, note = _prices(now_ns)
    gone_ns = next((one.gone_before_ns for one in listing if one.gone_before_ns is not None), None)
    if gone_ns is not None:
        note = f"{note}; {words.lines_kept_since(gone_ns)}, with what they used"
    rows = usage_of_stays(listing, usage, prices)
    unit = "cost" if prices is None else f"cost, {prices.currency}"
    number, column = st.column_config.NumberColumn, st.column_config.Column
    table(
        frame(rows),
        key="stage-usage",
        title="Tokens and cost",
        note=note,
        columns={
            "stay": column("stay", pinned=True),
            "model": column("model"),
            "calls": number("calls", format="localized", width=80),
            "input_tokens": number("tokens in", format="localized", width=100),
            "output_tokens": number("tokens out", format="localized", width=100),
            "lines_without": number("lines without tokens", format="localized", width=140),
            "estimated_cost": number(f"{unit} (estimate)", format="%.4f", width=150),
            "not_in_it": column("not in the estimate", width=420),
        },
    )


def frame(rows: Sequence[ModelUsage]) -> pd.DataFrame:
    """One row a stay and model. An amount that nothing is known of is empty, never 0."""
    return pd.DataFrame([_plain(one) for one in rows])


def _plain(one: ModelUsage) -> dict[str, Any]:
    nothing_known = one.cost is None or (bool(one.unpriced) and one.cost == 0)
    return {
        "stay": one.stay,
        "model": one.model or "not told (v1)",
        "calls": one.calls,
        "input_tokens": one.input_tokens,
        "output_tokens": one.output_tokens,
        "lines_without": one.untold,
        "estimated_cost": None if nothing_known or one.cost is None else float(one.cost),
        "not_in_it": "; ".join(f"{lack.lines:,} lines: {lack.why}" for lack in one.unpriced),
    }


def _prices(now_ns: int) -> tuple[PriceTable | None, str]:
    try:
        prices = price_table_at(seat.taken(), now_ns)
    except (StoreError, HomeError) as error:
        return None, f"the price table cannot be read: {error}"
    if prices is None:
        return None, _NO_TABLE
    return prices, f"{label(prices)}; all loaded lines, as slotgate report counts"
