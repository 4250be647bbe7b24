"""The step of controls that name none (CONTRACTS section 7). Broadening and steady are never derived."""

from typing import Literal, assert_never

from schemas.stages import Step

ZeroAdmits = Literal["nobody", "everyone"]
"""What percent 0 means to the executors driven: no job, or no gate at all."""

_STEP_OF_PERCENT = {
    1: Step.CANARY_1,
    5: Step.CANARY_5,
    10: Step.EXPAND_10,
    25: Step.EXPAND_25,
    50: Step.EXPAND_50,
    100: Step.EXPAND_100,
}


def derive_step(*, kill: bool, feature: bool, percent: int, allowlist: bool, zero_admits: ZeroAdmits) -> Step:
    """The step at which these controls stand.

    Whatever admits no job is the baseline; else the exact percent decides, and a percent that no
    step has is `off-ladder`. `percent` is 0..100.
    """
    if kill or not feature or not allowlist:
        return Step.BASELINE
    if percent == 0:
        match zero_admits:
            case "nobody":
                return Step.BASELINE
            case "everyone":
                return Step.EXPAND_100
            case _:
                assert_never(zero_admits)
    return _STEP_OF_PERCENT.get(percent, Step.OFF_LADDER)
