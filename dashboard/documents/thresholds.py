"""Versions of the thresholds as JSON; the document itself is `gates.verdict.document`."""

from typing import Any

from gates.controls.instant import timestamp
from gates.store.review_rows import ThresholdsRow


def version(one: ThresholdsRow) -> dict[str, Any]:
    """One version; `request` is null where one person made it stricter."""
    return {
        "number": one.version_number,
        "by": one.actor_id,
        "at": timestamp(one.at_ns),
        "request": one.request_number,
        "document": dict(one.document),
    }
