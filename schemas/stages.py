"""Where a rollout can stand: the stages and their steps (CONTRACTS section 7)."""

from enum import IntEnum, StrEnum


class Stage(IntEnum):
    """The five stages, in order."""

    BASELINE = 0
    CANARY = 1
    EXPAND = 2
    BROADEN = 3
    STEADY = 4


class Step(StrEnum):
    """The steps in the order of the ladder; `OFF_LADDER` is only ever derived from a history."""

    BASELINE = "baseline"
    CANARY_1 = "canary-1"
    CANARY_5 = "canary-5"
    EXPAND_10 = "expand-10"
    EXPAND_25 = "expand-25"
    EXPAND_50 = "expand-50"
    BROADEN_SUBJECT = "broaden-subject"
    BROADEN_BOARD = "broaden-board"
    BROADEN_LEVEL = "broaden-level"
    BROADEN_SPEC = "broaden-spec"
    BROADEN_KIND = "broaden-kind"
    BROADEN_SLOT = "broaden-slot"
    EXPAND_100 = "expand-100"
    STEADY = "steady"
    OFF_LADDER = "off-ladder"


STAGE_OF: dict[Step, Stage | None] = {
    Step.BASELINE: Stage.BASELINE,
    Step.CANARY_1: Stage.CANARY,
    Step.CANARY_5: Stage.CANARY,
    Step.EXPAND_10: Stage.EXPAND,
    Step.EXPAND_25: Stage.EXPAND,
    Step.EXPAND_50: Stage.EXPAND,
    Step.BROADEN_SUBJECT: Stage.BROADEN,
    Step.BROADEN_BOARD: Stage.BROADEN,
    Step.BROADEN_LEVEL: Stage.BROADEN,
    Step.BROADEN_SPEC: Stage.BROADEN,
    Step.BROADEN_KIND: Stage.BROADEN,
    Step.BROADEN_SLOT: Stage.BROADEN,
    Step.EXPAND_100: Stage.BROADEN,
    Step.STEADY: Stage.STEADY,
    Step.OFF_LADDER: None,
}
PUBLISHABLE = tuple(step.value for step in Step if step is not Step.OFF_LADDER)
