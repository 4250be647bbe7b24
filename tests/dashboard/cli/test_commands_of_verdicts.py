"""Every command that a verdict tells people to run exists and takes these options."""

import re
import shlex
from argparse import ArgumentParser
from importlib import import_module

import pytest

from dashboard.cli.main import COMMANDS, module_of
from gates.verdict.judge import judge
from gates.verdict.verdict import Verdict
from schemas.stages import Step
from tests.gates.verdict import test_holds, test_judge, test_sentences
from tests.gates.verdict.builders import at, controls, evidence, kill, question, units
from tests.gates.verdict.test_kill_confirmation import TABLE as KILLS


def verdicts() -> list[Verdict]:
    """One of every kind: all sentences, holds and lacks of the tables, and each step's words."""
    cases = [
        *(case for case, _, _ in test_sentences.TABLE.values()),
        *(holding for _, _, holding, _ in test_holds.TABLE),
        *((asked, seen) for _, asked, seen in test_judge.LACKS),
        *(at(step, evidence(units(400, bad))) for step in Step for bad in (0, 90)),
        *(at(step, evidence()) for step in Step),
        *(
            at(Step.BASELINE, evidence(controls=controls(kill=True, **others), kill=kill()))
            for others, _ in test_sentences.ENABLE
        ),
        (question(), evidence(controls=controls(kill=True), kill=kill(openai_since=1))),
        (question(latched="x"), evidence(controls=controls(kill=True), kill=kill())),
    ]
    return [judge(asked, seen) for asked, seen in cases]


def texts() -> str:
    said = [words for _, _, words in KILLS]
    for verdict in verdicts():
        said += [verdict.sentence, verdict.next_action, verdict.readiness_words, verdict.bound]
        said += [*verdict.why, *verdict.would_change]
    return "\n".join(said)


NAMED = sorted(set(re.findall(r"`slotgate ([^`]+)`", texts())))


@pytest.mark.parametrize("words", NAMED)
def test_the_command_exists_and_takes_these_options(words: str) -> None:
    name, *options = shlex.split(words)
    assert name in COMMANDS
    module = import_module(module_of(name))
    parser = ArgumentParser(exit_on_error=False)
    module.configure(parser)
    parser.parse_args(options)


def test_every_command_is_in_backticks() -> None:
    outside = re.sub(r"`[^`]*`", "", texts())
    assert "slotgate" not in outside
    assert len(NAMED) >= 15
