# ruff: noqa: S608 -- constants put together; values are always parameters
"""Calls, tokens and their estimated cost, by stay and model. No Streamlit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dashboard.data.queries import Cursor
from dashboard.data.stages import ListedStay
from dashboard.data.time_limit import LONGEST_SECONDS, time_limit
from gates.spending.prices import PriceTable, Unpriced, cost_of
from gates.spending.used import Used
from ingest.usage import CLAIMS, COUNTED, SUMS, used_of

UsageOfIntervals = Mapping[tuple[str, int], Sequence[Used]]
"""By history and number of an interval."""

_USAGE = f"""
WITH counted AS (
    SELECT s.history_id, {COUNTED} FROM telemetry t JOIN source s USING (source_id) {CLAIMS}
    WHERE t.interval_no IS NOT NULL AND s.history_id IS NOT NULL AND (t.path = 'openai' OR c.attempt > 0)
)
SELECT history_id, interval_no, {SUMS} FROM counted WHERE calls > 0 GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUsage:
    """What one `stay` used of one model. `cost` is of what is known, null without a price table; `unpriced`
    is what is not in it.
    """

    stay: str
    model: str | None
    calls: int
    untold: int
    input_tokens: int
    output_tokens: int
    cost: Decimal | None
    unpriced: tuple[Unpriced, ...]


def usage_of_intervals(cursor: Cursor) -> UsageOfIntervals:
    """Of every interval with calls; nothing where no line ever told of tokens. Raises `QueryTimeout`."""
    found: dict[tuple[str, int], list[Used]] = {}
    with time_limit(cursor, LONGEST_SECONDS):
        if not cursor.execute("SELECT EXISTS (FROM line_claim)").fetchall()[0][0]:
            return found
        for history, number, *row in cursor.execute(_USAGE).fetchall():
            found.setdefault((history, number), []).append(used_of(*row))
    return found


def usage_of_stays(
    listing: Sequence[ListedStay], usage: UsageOfIntervals, table: PriceTable | None
) -> tuple[ModelUsage, ...]:
    """One for each stay and model, in the order of `listing`."""
    return tuple(
        _of_model(one.name, model, used, table)
        for one in listing
        for model, used in _by_model(one, usage).items()
    )


def _by_model(one: ListedStay, usage: UsageOfIntervals) -> dict[str | None, list[Used]]:
    found: dict[str | None, list[Used]] = {}
    for number in one.stay.intervals:
        for used in usage.get((one.stay.history, number), ()):
            found.setdefault(used.model, []).append(used)
    return found


def _of_model(stay: str, model: str | None, used: Sequence[Used], table: PriceTable | None) -> ModelUsage:
    cost = None if table is None else cost_of(used, table)
    return ModelUsage(
        stay=stay,
        model=model,
        calls=sum(one.calls for one in used),
        untold=sum(one.untold for one in used),
        input_tokens=sum(one.input_tokens for one in used),
        output_tokens=sum(one.output_tokens for one in used),
        cost=None if cost is None else cost.amount,
        unpriced=() if cost is None else cost.unpriced,
    )
