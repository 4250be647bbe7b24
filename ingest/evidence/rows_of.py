# ruff: noqa: S608 -- constants put together; values are always parameters
"""Which rows a number is made of: conditions that the queries of this room share."""

from ingest.evidence.window import Window
from ingest.history.controls import HOME
from ingest.recent_jobs import PROBE
from schemas.instant import SECOND

LONGEST_NS = 3600 * SECOND
"""No run takes longer: a line that says so has a latency that cannot be believed."""

OF_HOME = f"source_id IN (SELECT source_id FROM source WHERE history_id = '{HOME}')"
"""Rows that were attributed with the home's own history, whoever brought them."""

MANAGED = f"source_id IN (SELECT source_id FROM source WHERE history_id = '{HOME}' AND trust = 'managed')"
"""Of these, the rows of the home's own sources: only they count for rates and confirm kills."""

IS_PROBE = f"(path = 'stub' AND starts_with(job_id, '{PROBE}'))"
"""A probe never reaches the model. A job that did is none, whatever it is called."""

NO_PROBE = f"NOT {IS_PROBE}"

TO_MODEL = "(path = 'openai' AND contradiction IS NULL)"
"""A line that shows that its job reached the model; one that contradicts itself shows nothing."""

IN_WINDOW = "revision = $revision AND (decided_from_ns IS NULL OR decided_from_ns < $ended)"
"""Rows of a window; takes `bounds`. A row with a revision and no time was placed by its neighbours."""

_FOR_EVER = 2**63 - 1


def bounds(window: Window) -> dict[str, int]:
    """The parameters of `IN_WINDOW`.

    A window that goes on has no end: a line from after now has a wrong clock, and what it says of
    its job still counts. Its time counts nowhere.
    """
    return {
        "revision": window.revision,
        "ended": _FOR_EVER if window.ended_ns is None else window.ended_ns,
    }
