"""The controls of each rung that the demo climbs, as `controls.v1` documents."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from schemas.controls import Controls
from schemas.stages import STAGE_OF, Step

ENVIRONMENT = "demo"


@dataclass(frozen=True, slots=True)
class Reach:
    """What the one allowlist rule of the demo lists; an empty `slots` means any."""

    subjects: tuple[str, ...] = ("Biology", "Chemistry")
    levels: tuple[str, ...] = ("GCSE",)
    boards: tuple[str, ...] = ("AQA",)
    versions: tuple[str, ...] = ("2016",)
    kinds: tuple[str, ...] = ("explanatory", "assessment")
    slots: tuple[str, ...] = ("summary", "key-terms", "worked-example", "misconceptions")


SMALLEST = Reach()
WIDER_SUBJECT = replace(SMALLEST, subjects=("Biology", "Chemistry", "Physics"))
WIDER_BOARD = replace(WIDER_SUBJECT, boards=("AQA", "OCR"))
WIDER_LEVEL = replace(WIDER_BOARD, levels=("GCSE", "A-level"))
WIDER_SPEC = replace(WIDER_LEVEL, versions=("2016", "2018"))
WIDER_KIND = replace(WIDER_SPEC, kinds=("explanatory", "assessment", "statutory"))
WIDEST = replace(WIDER_KIND, slots=())


@dataclass(frozen=True, slots=True)
class Rung:
    """Everything that a revision of the controls says, except its number and time."""

    step: Step
    kill: bool = False
    feature: bool = True
    allowlist: bool = True
    percent: int = 0
    reach: Reach = field(default=SMALLEST)

    def killed(self) -> "Rung":
        """The same rung with the kill switch on."""
        return replace(self, kill=True)


def controls(rung: Rung, revision: int, at_ns: int) -> Controls:
    """`rung` as revision `revision`, in force from `at_ns`."""
    stage = STAGE_OF[rung.step]
    assert stage is not None, "the demo never leaves the ladder"
    document: dict[str, Any] = {
        "version": "controls.v1",
        "environment": ENVIRONMENT,
        "revision": revision,
        "effectiveAt": datetime.fromtimestamp(at_ns / 1e9, tz=UTC).isoformat().replace("+00:00", "Z"),
        "kill": rung.kill,
        "feature": rung.feature,
        "percent": rung.percent,
        "rolloutZero": "nobody",
        "stage": stage.value,
        "step": rung.step.value,
        "allowlist": _allowlist(rung),
        "breakGlassUntil": None,
        "validUntil": None,
    }
    return Controls.model_validate_json(json.dumps(document))


def _allowlist(rung: Rung) -> dict[str, Any]:
    reach = rung.reach
    rule = {
        "id": "pilot-sciences",
        "enabled": True,
        "appliesTo": {
            "subject": reach.subjects,
            "level": reach.levels,
            "board": reach.boards,
            "specVersion": reach.versions,
        },
        "kinds": reach.kinds,
        "slotIds": reach.slots,
        "maxJobsPerRun": 4,
    }
    rules = [rule] if rung.allowlist else []
    return {"version": "allowlist.v1", "enabled": rung.allowlist, "mode": "deny_by_default", "rules": rules}
