"""Drills as JSON."""

from typing import Any

from gates.changes.drilling import timings
from gates.controls.instant import timestamp
from gates.store.review_rows import DrillRow


def drill(one: DrillRow) -> dict[str, Any]:
    """One drill, with its revisions and how many seconds it took."""
    return {
        "drill": one.drill_id,
        "request": one.request_number,
        "by": one.actor_id,
        "state": one.state.value,
        "beganAt": timestamp(one.began_at_ns),
        **timings(one),
        "words": one.words,
    }
