"""The demo's script and its parts: valid documents, a legal ladder, honest logs, a home of its own."""

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest

from dashboard.demo.chatter import Chatter
from dashboard.demo.home import MARKER, prepare
from dashboard.demo.jobs import Jobs
from dashboard.demo.ladder import Reach, Rung, controls
from dashboard.demo.live import behaviour
from dashboard.demo.openai_stub import SCENARIOS
from dashboard.demo.past import back_fill
from dashboard.demo.story import (
    DAYS,
    LIVE_CHANGES,
    LIVE_EPISODES,
    LIVE_SECONDS,
    PAST_CHANGES,
    Trouble,
)
from dashboard.demo.worker_log import PIECE, WorkerLog
from dashboard.errors import NotADemoHome
from gates.home import Home
from ingest.outcomes import Accepted, Quarantined
from ingest.reference import SourceParser
from ingest.report import Selection, report
from schemas import check
from schemas.stages import STAGE_OF, Step
from tests.dashboard.record import line, seated

DIMENSIONS = tuple(Reach.__dataclass_fields__)


def test_job_specs_are_valid_and_their_ids_are_their_own() -> None:
    jobs = Jobs("seed")
    specs = [jobs.spec(10**18 + n) for n in range(400)]
    for spec in specs:
        assert check.problems("slot-generation.v1", spec) == []
    assert len({spec["jobId"] for spec in specs}) == 400
    opted_in = sum(spec["metadata"]["allowAI"] for spec in specs) / 400
    assert 0.82 < opted_in < 0.97
    assert Jobs("seed").spec(10**18) == specs[0]


def test_the_past_climbs_every_step_one_dimension_at_a_time() -> None:
    rungs = [change.rung for change in PAST_CHANGES]
    assert {rung.step for rung in rungs} == set(Step) - {Step.OFF_LADDER}
    assert [change.at_s for change in PAST_CHANGES] == sorted({change.at_s for change in PAST_CHANGES})
    assert PAST_CHANGES[-1].at_s < DAYS * 86_400
    stages = [STAGE_OF[rung.step] for rung in rungs]
    assert stages == sorted(stages, key=lambda stage: -1 if stage is None else stage.value)
    for before, after in pairwise(rungs):
        assert len(dimensions_changed(before, after)) <= 1
    assert [before.step for before, after in pairwise(rungs) if before.kill and not after.kill]


def test_every_rung_is_valid_controls() -> None:
    for number, change in enumerate((*PAST_CHANGES, *LIVE_CHANGES), 1):
        document = controls(change.rung, number, 10**18).model_dump(mode="json")
        assert check.problems("controls.v1", document) == []


def test_the_live_part_fits_its_length_and_ends_where_it_began() -> None:
    assert LIVE_CHANGES[-1].at_s < LIVE_SECONDS
    assert max(episode.to_s for episode in LIVE_EPISODES) <= LIVE_SECONDS
    assert not LIVE_CHANGES[-1].rung.kill
    for trouble in Trouble:
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


def test_a_history_is_made_once_and_continued(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.spool.mkdir(parents=True)
    told: list[float] = []
    ran = back_fill(home, "seed", time.time_ns(), told.append, jobs_an_hour=8)
    assert told[-1] == 1.0
    seat = seated(home)
    with seat.store.cursor() as cursor:
        found = report(cursor, Selection())
    seat.store.close()
    accepted, quarantined = found["totals"]["lines"], found["quarantine"]["count"]
    assert accepted + quarantined == ran
    assert found["unattributed"]["lines"] == 0
    assert {entry["step"] for entry in found["steps"]} == set(Step) - {Step.OFF_LADDER}
    codes = {(o["path"], o["errorCode"]) for o in found["totals"]["by_outcome"]}
    assert {("stub", "KILL_SWITCH"), ("stub", "NOT_ALLOWLISTED"), ("stub", "ROLLOUT_EXCLUDED")} <= codes


def test_a_folder_that_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(NotADemoHome, match="--home"):
        prepare(tmp_path, lambda _part: None)
    (tmp_path / MARKER).write_text("{not json")
    with pytest.raises(NotADemoHome):
        prepare(tmp_path, lambda _part: None)
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_finished_home_is_continued_as_it_is(tmp_path: Path) -> None:
    (tmp_path / MARKER).write_text(json.dumps({"demo": True, "finished": True}))
    (tmp_path / "spool").mkdir()
    assert prepare(tmp_path, lambda _part: None).jobs == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [MARKER, "spool"]


def dimensions_changed(before: Rung, after: Rung) -> list[str]:
    """Of percent, feature, allowlist and the dimensions of the rule; a kill is free."""
    changed = [name for name in DIMENSIONS if getattr(before.reach, name) != getattr(after.reach, name)]
    flags = ("percent", "feature", "allowlist")
    return changed + [name for name in flags if getattr(before, name) != getattr(after, name)]
