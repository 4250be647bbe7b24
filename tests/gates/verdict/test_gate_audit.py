"""The truth table against DESIGN section 6, written out once more by hand."""

from itertools import product

import pytest

from gates.decision import Gate
from gates.decision.outcome import ERROR_CODE
from gates.verdict.gate_audit import CELLS, INCONSISTENT, GateCode
from gates.verdict.situations import Controls, Observed, Situation, observed, situation
from schemas.codes import ErrorCode

COLUMNS = (
    Situation.KILLED,
    Situation.FEATURE_OFF,
    Situation.NOT_OPTED_IN,
    Situation.ALLOWLIST_OFF,
    Situation.NOT_PERMITTED,
    Situation.OUTSIDE,
    Situation.INSIDE,
    Situation.OUTSIDE_IN_SCOPE,
    Situation.INSIDE_IN_SCOPE,
)
# Severities by their first letter, cells in the order of COLUMNS.
TABLE = """
openai           | KILL_BREACH c | FEATURE_OFF_BREACH c | OPTIN_BREACH c | ALLOWLIST_BREACH c \
                 | ALLOWLIST_BREACH c | BUCKET_BREACH c | ok | BUCKET_BREACH c | ok
KILL_SWITCH      | ok | STALE_KILL m | STALE_KILL m | STALE_KILL m \
                 | STALE_KILL m | STALE_KILL m | STALE_KILL m | STALE_KILL m | STALE_KILL m
stub, null       | KILL_NOT_SEEN m | ok | FEATURE_STALE m | FEATURE_STALE m \
                 | FEATURE_STALE m | FEATURE_STALE m | FEATURE_STALE m | FEATURE_STALE m | FEATURE_STALE m
NOT_ALLOWLISTED  | KILL_NOT_SEEN h | REASON_MISMATCH l | ok | ok \
                 | ok | ok | ok | ALLOWLIST_STALE m | ALLOWLIST_STALE m
ROLLOUT_EXCLUDED | KILL_NOT_SEEN h | FEATURE_OFF_NOT_SEEN h | ORDER_INVERSION m | ORDER_INVERSION m \
                 | ORDER_INVERSION m | ok | UNDER_EXPOSED m | ok | UNDER_EXPOSED m
stub, other code | UNKNOWN_REASON m | UNKNOWN_REASON m | UNKNOWN_REASON m | UNKNOWN_REASON m \
                 | UNKNOWN_REASON m | UNKNOWN_REASON m | UNKNOWN_REASON m | UNKNOWN_REASON m \
                 | UNKNOWN_REASON m
impossible       | CONTRACT h | CONTRACT h | CONTRACT h | CONTRACT h \
                 | CONTRACT h | CONTRACT h | CONTRACT h | CONTRACT h | CONTRACT h
"""
ROWS = {
    Observed(row[0].strip()): [cell.strip() for cell in row[1:]]
    for row in (line.split("|") for line in TABLE.strip().splitlines())
}
OPEN = Controls(denies=False, feature=True, allowlist=True, admits_below=10)


@pytest.mark.parametrize(("said", "where"), list(product(Observed, Situation)))
def test_every_cell(said: Observed, where: Situation) -> None:
    wrong = CELLS[said][where]
    assert ROWS[said][COLUMNS.index(where)] == (
        "ok" if wrong is None else f"{wrong.code} {wrong.severity[0]}"
    )


def test_a_finding_about_two_lines_is_high() -> None:
    assert (INCONSISTENT.code, INCONSISTENT.severity) == (GateCode.INCONSISTENT_DECISION, "high")


def test_what_a_line_says() -> None:
    assert observed("openai", "OPENAI_HTTP_ERROR", is_impossible=False) is Observed.OPENAI
    assert observed("openai", None, is_impossible=True) is Observed.IMPOSSIBLE
    assert observed("stub", None, is_impossible=False) is Observed.NO_CODE
    assert observed("stub", "SOMETHING", is_impossible=False) is Observed.OTHER_CODE
    for code in (ErrorCode.KILL_SWITCH, ErrorCode.NOT_ALLOWLISTED, ErrorCode.ROLLOUT_EXCLUDED):
        assert observed("stub", code, is_impossible=False) is Observed(code.value)


# What each gate demands, and how its denial reads in telemetry: the audit must find nothing in it.
DEMANDED = {
    Gate.KILL_SWITCH: (Situation.KILLED,),
    Gate.FEATURE_FLAG: (Situation.FEATURE_OFF,),
    Gate.JOB_OPT_IN: (Situation.NOT_OPTED_IN,),
    Gate.ALLOWLIST: (Situation.ALLOWLIST_OFF, Situation.NOT_PERMITTED),
    Gate.ROLLOUT: (Situation.OUTSIDE, Situation.OUTSIDE_IN_SCOPE),
}


@pytest.mark.parametrize("gate", DEMANDED, ids=str)
def test_a_gate_that_denies_as_it_must_is_no_finding(gate: Gate) -> None:
    said = observed("stub", ERROR_CODE[gate], is_impossible=False)
    assert all(CELLS[said][where] is None for where in DEMANDED[gate])


def test_the_first_gate_that_denies_is_demanded() -> None:
    def demanded(controls: Controls, bucket: int, opted_in: bool | None, permitted: bool | None) -> Situation:
        return situation(controls, bucket, opted_in=opted_in, permitted=permitted)

    shut = Controls(denies=True, feature=False, allowlist=False, admits_below=0)
    assert demanded(shut, 0, False, False) is Situation.KILLED
    off = Controls(denies=False, feature=False, allowlist=False, admits_below=0)
    assert demanded(off, 0, False, False) is Situation.FEATURE_OFF
    no_list = Controls(denies=False, feature=True, allowlist=False, admits_below=0)
    assert demanded(no_list, 0, False, False) is Situation.NOT_OPTED_IN
    assert demanded(no_list, 0, None, None) is Situation.ALLOWLIST_OFF
    assert demanded(OPEN, 0, True, False) is Situation.NOT_PERMITTED
    assert demanded(OPEN, 9, None, None) is Situation.INSIDE
    assert demanded(OPEN, 10, None, None) is Situation.OUTSIDE
    assert demanded(OPEN, 9, True, True) is Situation.INSIDE_IN_SCOPE
    assert demanded(OPEN, 10, True, True) is Situation.OUTSIDE_IN_SCOPE
    assert demanded(OPEN, 9, True, None) is Situation.INSIDE
