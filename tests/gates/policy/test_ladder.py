"""The derivation of CONTRACTS section 7, as a table and as properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.policy import ZeroAdmits, derive_step
from schemas.stages import Step

ON = {"kill": False, "feature": True, "allowlist": True}
LADDER = {
    1: Step.CANARY_1,
    5: Step.CANARY_5,
    10: Step.EXPAND_10,
    25: Step.EXPAND_25,
    50: Step.EXPAND_50,
    100: Step.EXPAND_100,
}


@pytest.mark.parametrize("zero_admits", ["nobody", "everyone"])
def test_the_exact_percent_is_the_step(zero_admits: ZeroAdmits) -> None:
    for percent in range(1, 101):
        step = derive_step(**ON, percent=percent, zero_admits=zero_admits)
        assert step is LADDER.get(percent, Step.OFF_LADDER), percent


@pytest.mark.parametrize(("zero_admits", "step"), [("nobody", Step.BASELINE), ("everyone", Step.EXPAND_100)])
def test_zero_means_what_the_executors_take_it_for(zero_admits: ZeroAdmits, step: Step) -> None:
    assert derive_step(**ON, percent=0, zero_admits=zero_admits) is step


@given(
    kill=st.booleans(),
    feature=st.booleans(),
    allowlist=st.booleans(),
    percent=st.integers(0, 100),
    zero_admits=st.sampled_from(["nobody", "everyone"]),
)
def test_closed_controls_are_the_baseline(
    kill: bool, feature: bool, allowlist: bool, percent: int, zero_admits: ZeroAdmits
) -> None:
    step = derive_step(
        kill=kill, feature=feature, allowlist=allowlist, percent=percent, zero_admits=zero_admits
    )
    if kill or not feature or not allowlist:
        assert step is Step.BASELINE
    assert not step.startswith("broaden")
    assert step is not Step.STEADY
