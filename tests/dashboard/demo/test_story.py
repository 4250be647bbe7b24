"""The demo's script and its parts: valid job specs, honest logs."""

from itertools import pairwise
from pathlib import Path

import pytest

from dashboard.demo.chatter import Chatter
from dashboard.demo.jobs import Jobs
from dashboard.demo.live import behaviour
from dashboard.demo.openai_stub import SCENARIOS
from dashboard.demo.scenes import EMERGENCY, ROUND, Place
from dashboard.demo.story import DAYS, PAST_CHANGES, PAST_EPISODES, Trouble
from dashboard.demo.worker_log import PIECE, WorkerLog
from gates.verdict.words import VerdictWord
from ingest.contract.outcomes import Accepted, Quarantined
from ingest.reference.parser import SourceParser
from schemas import check
from tests.dashboard.record import line

LONGEST_S = 900.0
"""A round, when every scene ends as early as it can."""


def test_job_specs_are_valid_and_their_ids_are_their_own() -> None:
    jobs = Jobs("seed")
    specs = [jobs.spec(10**18 + n) for n in range(400)]
    for spec in specs:
        assert check.problems("slot-generation.v1", spec) == []
    assert len({spec["jobId"] for spec in specs}) == 400
    opted_in = sum(spec["metadata"]["allowAI"] for spec in specs) / 400
    assert 0.82 < opted_in < 0.97
    assert Jobs("seed").spec(10**18) == specs[0]


def test_the_past_fits_its_days() -> None:
    times = [change.at_s for change in PAST_CHANGES]
    assert times == sorted(set(times))
    assert times[-1] < DAYS * 86_400
    assert {episode.trouble for episode in PAST_EPISODES} | {Trouble.NONE} == set(Trouble)
    assert all(one.to_s <= other.from_s for one, other in pairwise(PAST_EPISODES))


def test_a_round_can_be_taken_up_wherever_it_may_be_left() -> None:
    assert {scene.place for scene in ROUND} - {None} == set(Place)
    assert sum(scene.incident for scene in ROUND) == 1
    assert {scene.until for scene in ROUND} == set(VerdictWord) - {VerdictWord.NOT_ENOUGH_DATA}
    assert all(0 < scene.least_s < scene.most_s for scene in (*ROUND, EMERGENCY))
    assert 600 < sum(scene.least_s for scene in ROUND) < LONGEST_S


@pytest.mark.parametrize("trouble", Trouble)
def test_the_stub_server_can_do_every_trouble(trouble: Trouble) -> None:
    assert set(behaviour(trouble, 1).scenarios) <= set(SCENARIOS)


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_long_lines_are_written_in_pieces_that_join_again(tmp_path: Path, length: int) -> None:
    log = WorkerLog(tmp_path / "worker.log")
    log.write(10**18, b"x" * length + b"\n" + line("job") + b"\n")
    log.write(10**18 - 5, line("later"))
    log.close()
    written = (tmp_path / "worker.log").read_bytes()
    parser = SourceParser()
    found = [
        outcome for outcome in (*parser.feed(written), *parser.finish()) if isinstance(outcome, Accepted)
    ]
    assert [outcome.job_id for outcome in found] == ["job", "later"]
    assert [outcome.time_ns for outcome in found] == [10**18, 10**18 + 1]
    assert parser.joined_pieces == max(0, (length - 1) // PIECE)


def test_mangled_lines_are_quarantined_or_flagged_and_never_taken_for_good() -> None:
    chatter = Chatter("seed")
    for number in range(60):
        parser = SourceParser()
        text = chatter.mangled(line(f"job-{number}", "stub", "STUB", "KILL_SWITCH"))
        outcomes = [*parser.feed(text), *parser.finish()]
        assert len(outcomes) == 1
        match outcomes[0]:
            case Accepted(contradiction=None):
                raise AssertionError(text)
            case Accepted() | Quarantined():
                pass
