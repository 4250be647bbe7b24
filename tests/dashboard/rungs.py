"""Controls documents by hand, for homes that need a certain state and no story behind it."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from dashboard.demo.ladder import SMALLEST, WIDEST, Reach, allowlist
from schemas.controls import Controls
from schemas.stages import STAGE_OF, Step

__all__ = ["WIDEST", "Rung", "controls"]


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
    permitted = allowlist(rung.reach)
    document: dict[str, Any] = {
        "version": "controls.v1",
        "environment": "demo",
        "revision": revision,
        "effectiveAt": datetime.fromtimestamp(at_ns / 1e9, tz=UTC).isoformat().replace("+00:00", "Z"),
        "kill": rung.kill,
        "feature": rung.feature,
        "percent": rung.percent,
        "rolloutZero": "nobody",
        "stage": STAGE_OF[rung.step],
        "step": rung.step.value,
        "allowlist": permitted if rung.allowlist else {**permitted, "enabled": False, "rules": []},
        "breakGlassUntil": None,
        "validUntil": None,
    }
    return Controls.model_validate_json(json.dumps(document))
