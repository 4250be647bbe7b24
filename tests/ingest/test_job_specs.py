"""What runs tell of their job specs: written by the executor, read strictly, merged in any order."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.decision import Job, Slot
from gates.executor.job_facts import JobFacts, facts_line
from ingest.job_specs.answers import job_of
from ingest.job_specs.facts import read_facts
from ingest.job_specs.taking_in import take_in_specs
from ingest.store import TelemetryStore
from tests.ingest.store_from_template import open_store

WHOLE: dict[str, Any] = {
    "version": "job-facts.v1",
    "at": "2026-11-21T02:22:53.390Z",
    "jobId": "job-1",
    "allowAI": True,
    "appliesTo": {"subject": "Biology", "level": "GCSE", "board": "AQA", "specVersion": "v1"},
    "jobs": [{"slotId": "S1", "kind": "explanatory"}],
}
TEXT = st.text(st.characters(codec="utf-8"), max_size=6)
JOBS = st.builds(
    Job,
    job_id=TEXT.filter(bool),
    subject=TEXT,
    level=TEXT,
    board=TEXT,
    spec_version=TEXT,
    allow_ai=st.booleans(),
    slots=st.lists(st.builds(Slot, TEXT, TEXT), min_size=1, max_size=3).map(tuple),
)
NOW_NS = 1_795_227_773_390_000_000


@given(JOBS)
def test_what_the_executor_writes_is_what_ingest_reads(job: Job) -> None:
    line = facts_line(job, NOW_NS)
    assert line.count(b"\n") == 1
    found = read_facts(line)
    assert found is not None
    assert (found.job_id, found.opted_in, found.at_ns) == (job.job_id, job.allow_ai, NOW_NS)
    assert job_of(json.loads(found.shape), job.job_id, opted_in=found.opted_in) == job


BAD = {
    "no JSON": b"{",
    "another version": json.dumps(WHOLE | {"version": "job-facts.v2"}),
    "a key too many": json.dumps(WHOLE | {"input": {}}),
    "a key too few": json.dumps({key: value for key, value in WHOLE.items() if key != "allowAI"}),
    "a key twice": json.dumps(WHOLE).replace('"allowAI"', '"allowAI": false, "allowAI"'),
    "a key twice, escaped": json.dumps(WHOLE).replace('"allowAI"', '"allow\\u0041I": false, "allowAI"'),
    "text for true": json.dumps(WHOLE | {"allowAI": "true"}),
    "a number for true": json.dumps(WHOLE | {"allowAI": 1}),
    "no jobId": json.dumps(WHOLE | {"jobId": ""}),
    "no jobs": json.dumps(WHOLE | {"jobs": []}),
    "no time": json.dumps(WHOLE | {"at": "yesterday"}),
    "half a pair": json.dumps(WHOLE | {"jobId": "\ud800"}),
    "two lines glued": json.dumps(WHOLE) + json.dumps(WHOLE),
    "not UTF-8": b'{"version": "job-facts.v1\xff"}',
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD)
def test_what_is_not_as_documented_is_refused(line: bytes | str) -> None:
    assert read_facts(line.encode() if isinstance(line, str) else line) is None
    assert read_facts(json.dumps(WHOLE).encode()) is not None


class Watch:
    """A clock that stands."""

    def monotonic_ns(self) -> int:
        return 0

    def time_ns(self) -> int:
        return NOW_NS

    def sleep(self, seconds: float) -> None:
        raise AssertionError


def job(job_id: str, opted_in: bool = True, subject: str = "Biology") -> Job:
    return Job(job_id, subject, "GCSE", "AQA", "v1", opted_in, (Slot("S1", "explanatory"),))


def known(store: TelemetryStore) -> dict[str, bool | None]:
    with store.cursor() as cursor:
        return dict(cursor.execute("SELECT job_id, opted_in FROM job_spec").fetchall())


def test_a_file_for_its_owner_alone_that_grows(tmp_path: Path) -> None:
    facts = JobFacts(tmp_path / "specs", Watch())
    with open_store(tmp_path / "telemetry.duckdb") as store:
        take_in_specs(store, tmp_path / "specs")
        assert known(store) == {}
        facts.note(job("job-1"))
        (path,) = (tmp_path / "specs").iterdir()
        assert (path.name, path.stat().st_mode & 0o777) == ("2026-11-21.jsonl", 0o600)
        assert path.parent.stat().st_mode & 0o777 == 0o700
        take_in_specs(store, tmp_path / "specs")
        facts.note(job("job-2", opted_in=False))
        facts.note(job("job-1"))
        with path.open("ab") as file:
            file.write(b"not a line of ours\n" + facts_line(job("job-3"), NOW_NS)[:-20])
        take_in_specs(store, tmp_path / "specs")
        assert known(store) == {"job-1": True, "job-2": False}
        with path.open("ab") as file:
            file.write(facts_line(job("job-3"), NOW_NS)[-20:])
        facts.note(job("job-1", subject="Physics"))
        take_in_specs(store, tmp_path / "specs")
        assert known(store) == {"job-1": None, "job-2": False, "job-3": True}
        facts.note(job("job-1"))
        take_in_specs(store, tmp_path / "specs")
        assert known(store)["job-1"] is None
        with store.cursor() as cursor:
            assert cursor.execute("SELECT accepted, refused FROM spec_file").fetchall() == [(6, 1)]


def test_a_file_that_began_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(facts_line(job("job-1"), NOW_NS) * 3)
    with open_store(tmp_path / "telemetry.duckdb") as store:
        take_in_specs(store, folder)
        (folder / "a.jsonl").write_bytes(facts_line(job("job-2"), NOW_NS))
        take_in_specs(store, folder)
        assert known(store) == {"job-1": True, "job-2": True}


def test_what_is_no_file_of_ours_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "specs"
    (folder / "folder.jsonl").mkdir(parents=True)
    (tmp_path / "elsewhere").write_bytes(facts_line(job("job-1"), NOW_NS))
    (folder / "link.jsonl").symlink_to(tmp_path / "elsewhere")
    (folder / "notes.txt").write_bytes(facts_line(job("job-2"), NOW_NS))
    with open_store(tmp_path / "telemetry.duckdb") as store:
        take_in_specs(store, folder)
        assert known(store) == {}


def test_noting_never_raises(tmp_path: Path) -> None:
    (tmp_path / "specs").write_text("a file where the folder should be")
    JobFacts(tmp_path / "specs", Watch()).note(job("job-1"))
    JobFacts(tmp_path / "nowhere" / "specs", Watch()).note(job("job-1"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["specs"]
