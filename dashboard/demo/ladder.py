"""What the one allowlist rule of the demo reaches, from the smallest scope to the widest."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Reach:
    """What the rule lists; an empty `slots` means any. `max_jobs` is how many jobs a run may have."""

    subjects: tuple[str, ...] = ("Biology",)
    levels: tuple[str, ...] = ("GCSE",)
    boards: tuple[str, ...] = ("AQA",)
    versions: tuple[str, ...] = ("2016",)
    kinds: tuple[str, ...] = ("explanatory",)
    slots: tuple[str, ...] = ("summary",)
    max_jobs: int = 1


# One dimension wider each; the slot dimension has the jobs of a run with it.
SMALLEST = Reach()
WIDER_SUBJECT = replace(SMALLEST, subjects=("Biology", "Chemistry", "Physics"))
WIDER_BOARD = replace(WIDER_SUBJECT, boards=("AQA", "OCR"))
WIDER_LEVEL = replace(WIDER_BOARD, levels=("GCSE", "A-level"))
WIDER_SPEC = replace(WIDER_LEVEL, versions=("2016", "2018"))
WIDER_KIND = replace(WIDER_SPEC, kinds=("explanatory", "assessment", "statutory"))
WIDEST = replace(WIDER_KIND, slots=(), max_jobs=4)
BROADENINGS = (WIDER_SUBJECT, WIDER_BOARD, WIDER_LEVEL, WIDER_SPEC, WIDER_KIND, WIDEST)


def allowlist(reach: Reach) -> dict[str, Any]:
    """An `allowlist.v1` document with the one rule."""
    rule = {
        "id": "pilot-sciences",
        "enabled": True,
        "appliesTo": {
            "subject": list(reach.subjects),
            "level": list(reach.levels),
            "board": list(reach.boards),
            "specVersion": list(reach.versions),
        },
        "kinds": list(reach.kinds),
        "slotIds": list(reach.slots),
        "maxJobsPerRun": reach.max_jobs,
    }
    return {"version": "allowlist.v1", "enabled": True, "mode": "deny_by_default", "rules": [rule]}
