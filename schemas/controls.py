"""`controls.v1`: the runtime flags and the allowlist, together, at one revision."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.allowlist import Allowlist
from schemas.base import WHOLE, Document, NonEmpty, Timestamp

StepName = Literal[
    "baseline",
    "canary-1",
    "canary-5",
    "expand-10",
    "expand-25",
    "expand-50",
    "broaden-subject",
    "broaden-board",
    "broaden-level",
    "broaden-spec",
    "broaden-kind",
    "broaden-slot",
    "expand-100",
    "steady",
]


class Controls(Document):
    """What every executor of one environment obeys, from `effective_at` on.

    `rollout_zero` says what percent 0 means to the executors driven: ours admit nobody, some in
    the field admit everyone. After `valid_until` the controls are too old and deny; null: they
    never age. After `break_glass_until` the emergency release ends and the kill is on again.
    """

    version: Literal["controls.v1"]
    environment: NonEmpty
    revision: Annotated[int, Field(ge=0), WHOLE]
    effective_at: Timestamp
    kill: bool
    feature: bool
    percent: Annotated[int, Field(ge=0, le=100), WHOLE]
    rollout_zero: Literal["nobody", "everyone"]
    stage: Annotated[int, Field(ge=0, le=4), WHOLE]
    step: StepName
    allowlist: Allowlist
    break_glass_until: Timestamp | None
    valid_until: Timestamp | None
