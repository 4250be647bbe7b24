"""Runs under `slotgate exec` in a verdict: silence holds, a result that cannot be true rolls back."""

from dataclasses import replace

import pytest

from gates.verdict.counts import RunFacts
from gates.verdict.judge import judge
from gates.verdict.verdict import HoldCode
from gates.verdict.words import VerdictWord
from tests.gates.verdict.builders import evidence, question, units

CLEAN = replace(evidence(units(100)), runs=RunFacts(judged=100))


def test_runs_that_say_what_they_should_change_nothing() -> None:
    assert judge(question(), CLEAN) == judge(question(), evidence(units(100)))


def test_a_silent_run_holds() -> None:
    found = judge(question(), replace(CLEAN, runs=RunFacts(judged=100, silent=2, wrong=2)))
    assert found.word is VerdictWord.HOLD
    [hold] = found.holds
    assert hold.code is HoldCode.GATE_AUDIT
    assert "SILENT_PATH (2 runs)" in hold.words


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("invalid", "1 of 100 runs under exec gave a result that breaks its contract"),
        ("missing", "1 of 100 runs under exec went well and gave no result"),
        ("contradicting", "1 of 100 runs under exec gave a result that contradicts its telemetry line"),
    ],
)
def test_a_result_that_cannot_be_true_rolls_back(kind: str, words: str) -> None:
    found = judge(question(), replace(CLEAN, runs=RunFacts(judged=100, wrong=1, **{kind: 1})))
    assert found.word is VerdictWord.ROLL_BACK
    assert words in found.stops
    assert words in found.why
