"""What a change would do to the jobs seen lately, as JSON."""

from typing import Any

from gates.changes.preview import Preview
from gates.controls.instant import timestamp


def preview(found: Preview) -> dict[str, Any]:
    """What could not be seen is null, never zero."""
    visible = found.unseen is None
    counts = {
        "seen": found.seen,
        "hours": found.hours,
        "until": None if found.until_ns is None else timestamp(found.until_ns),
        "admitted": list(found.admitted),
        "expelled": list(found.expelled),
        "perhapsAdmitted": found.perhaps_admitted,
        "perhapsExpelled": found.perhaps_expelled,
        "admittedPerHour": found.admitted_per_hour,
    }
    return {
        "sentence": found.sentence,
        "unseen": found.unseen,
        "exact": found.exact,
        **{name: value if visible else None for name, value in counts.items()},
        "scope": list(found.scope),
        "deltas": [delta.words for delta in found.deltas],
    }
