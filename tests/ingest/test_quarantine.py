"""A quarantined record that is valid today is taken in exactly once, whatever happens around it."""

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ingest.columns import records
from ingest.contract.outcomes import RAW_LIMIT, Cause
from ingest.gate_audit import Filter, bring_up, findings
from ingest.history.controls import read_home_history
from ingest.loading.load import Surroundings, load
from ingest.quarantine import (
    Became,
    QuarantineQuestion,
    Reading,
    RecordPlace,
    Refusal,
    ReplayRequest,
    quarantine,
    replay,
    reread,
)
from ingest.store import TelemetryStore
from tests.ingest.gate_audit.worlds import at, cri, event, line
from tests.ingest.store_from_template import open_store

OPENAI = ("openai", "COMPLETED", None)
EXCLUDED = ("stub", "STUB", "ROLLOUT_EXCLUDED")
HISTORY = (event("effective", 0, 1, percent=10), event("effective", 5_000, 2, percent=10, kill=True))
_ALL = "FROM telemetry ORDER BY source_id, line_offset, record_index"
_FOUND = "FROM gate_finding ORDER BY ALL"


def as_an_older_parser_left_it(store: TelemetryStore, place: RecordPlace, raw: bytes) -> None:
    """Put a record where a version stood that did not know it: in quarantine."""
    key = [place.source_id, place.line_offset, place.record_index]
    where = "WHERE source_id = ? AND line_offset = ? AND record_index = ?"
    with store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO quarantine SELECT source_id, line_offset, record_index, native_id, line_time_ns, "
            f"'UNKNOWN_KEY', 'as it was', ?, path = 'openai' FROM telemetry {where}",
            [raw, *key],
        )
        cursor.execute(f"DELETE FROM telemetry {where}", key)
        cursor.execute(f"DELETE FROM gate_finding {where}", key)
        for table, names in (("source", ("at_checkpoint", "at_ending")), ("source_file", ("counts",))):
            for name in names:
                moved = f"accepted := {name}.accepted - 1, quarantined := {name}.quarantined + 1"
                cursor.execute(
                    f"UPDATE {table} SET {name} = struct_update({name}, {moved}) WHERE source_id = ?",
                    [place.source_id],
                )


def held_in(store: TelemetryStore) -> list[RecordPlace]:
    with store.cursor() as cursor:
        return [one.place for one in quarantine(cursor, QuarantineQuestion(limit=1000)).records]


def rows(store: TelemetryStore, query: str) -> list[tuple[object, ...]]:
    with store.cursor() as cursor:
        return cursor.execute(query).fetchall()


class Replays(RuleBasedStateMachine):
    """A file of the spool, and an imported one that is copied; lines of both move to quarantine."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        root = Path(self.folder.name)
        self.spool, self.elsewhere = root / "spool", root / "elsewhere"
        self.spool.mkdir()
        self.elsewhere.mkdir()
        self.path = root / "telemetry.duckdb"
        (root / "history.jsonl").write_text("".join(json.dumps(one) + "\n" for one in HISTORY))
        self.history = read_home_history(root / "history.jsonl")
        self.store = open_store(self.path)
        self.written: dict[str, list[bytes]] = {"spool": [], "elsewhere": []}
        self.raw: dict[tuple[str, int], bytes] = {}
        self.jobs = 0

    def teardown(self) -> None:
        self.bring_in()
        self.take_in_all()
        found = rows(self.store, _FOUND)
        with self.store.transaction() as cursor:
            cursor.execute("DELETE FROM gate_mark")
        bring_up(self.store)
        assert rows(self.store, _FOUND) == found
        self.store.close()
        self.folder.cleanup()

    @rule(where=st.sampled_from(["spool", "elsewhere"]), ms=st.integers(100, 9_000), openai=st.booleans())
    def write(self, where: str, ms: int, openai: bool) -> None:
        self.jobs += 1
        text = cri(line(ms, f"job-{self.jobs}", OPENAI if openai else EXCLUDED)).encode()
        self.raw[where, sum(map(len, self.written[where]))] = text.split(b" ", 3)[3].rstrip(b"\n")
        self.written[where].append(text)
        folder = self.spool if where == "spool" else self.elsewhere
        with (folder / "a.log").open("ab") as file:
            file.write(text)

    @rule()
    def bring_in(self) -> None:
        around = Surroundings(None, lambda: at(10_000), self.spool)
        summary = load(self.store, [self.spool, self.elsewhere], self.history, surroundings=around)
        assert summary.is_balanced

    @rule(number=st.integers(0, 50))
    def misread(self, number: int) -> None:
        stored = rows(self.store, "SELECT source_id, line_offset, record_index FROM telemetry ORDER BY ALL")
        if stored:
            place = RecordPlace(*stored[number % len(stored)])  # type: ignore[arg-type]
            name = rows(self.store, f"SELECT trust FROM source WHERE source_id = {place.source_id}")[0][0]
            raw = self.raw["spool" if name == "managed" else "elsewhere", place.line_offset]
            as_an_older_parser_left_it(self.store, place, raw)

    @rule(number=st.integers(0, 50))
    def take_in_one(self, number: int) -> None:
        places = held_in(self.store)
        if not places:
            return
        place = places[number % len(places)]
        [first] = replay(self.store, ReplayRequest(places=(place,)))
        [second] = replay(self.store, ReplayRequest(places=(place,)))
        assert (first.became, second.became) == (Became.ACCEPTED, Became.ALREADY_IN)

    @rule()
    def take_in_all(self) -> None:
        held = len(held_in(self.store))
        assert [one.became for one in replay(self.store, ReplayRequest())] == [Became.ACCEPTED] * held
        assert held_in(self.store) == []

    @rule()
    def copy(self) -> None:
        """A copy of what was read, under another name: the same source, wherever its records stand now."""
        if self.written["elsewhere"] and not held_in(self.store):
            self.bring_in()
            before = rows(self.store, "SELECT count(*) FROM telemetry")
            shutil.copy(self.elsewhere / "a.log", self.elsewhere / "b.log")
            self.bring_in()
            assert rows(self.store, "SELECT count(*) FROM telemetry") == before
            (self.elsewhere / "b.log").unlink()

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = open_store(self.path)

    @invariant()
    def counts_are_those_of_the_rows(self) -> None:
        for table, name in (("telemetry", "accepted"), ("quarantine", "quarantined")):
            counted = rows(self.store, f"SELECT source_id, at_ending.{name} FROM source ORDER BY ALL")
            there = dict(rows(self.store, f"SELECT source_id, count(*) FROM {table} GROUP BY ALL"))  # type: ignore[arg-type, var-annotated]
            assert {source: count for source, count in counted if count} == there


TestReplays = Replays.TestCase
TestReplays.settings = settings(max_examples=10, stateful_step_count=12, deadline=None)


@pytest.fixture
def store(tmp_path: Path) -> TelemetryStore:
    return open_store(tmp_path / "telemetry.duckdb")


def kept(store: TelemetryStore, tmp_path: Path, *lines: bytes) -> list[object]:
    (tmp_path / "some.log").write_bytes(b"".join(one + b"\n" for one in lines))
    load(store, [tmp_path / "some.log"], None)
    with store.cursor() as cursor:
        return [reread(one) for one in quarantine(cursor, QuarantineQuestion()).records]


VALID = b'{"version":"v1","executorVersion":"x","jobId":"j","path":"stub","status":"STUB","latencyMs":1}'


@pytest.mark.parametrize(
    ("text", "why", "cause"),
    [
        (VALID.replace(b'"v1"', b'"v3"'), "not one of v1", Cause.UNKNOWN_VERSION),
        (VALID[:-9], "cut", Cause.TRUNCATED),
        (b'{"a":' + VALID + b"}", "inside another JSON object", None),
        (VALID.replace(b'"j"', b'"sk-abcdefgh1234"').replace(b'"v1"', b'"v3"'), "masked", None),
        (
            VALID.replace(b'"v1"', b'"v3"').replace(b'"x"', b'"' + b"x" * RAW_LIMIT + b'"'),
            "first 4,096",
            None,
        ),
    ],
)
def test_what_is_not_valid_today_stays(
    store: TelemetryStore, tmp_path: Path, text: bytes, why: str, cause: Cause | None
) -> None:
    with store:
        [found] = kept(store, tmp_path, text, b"a last line")
        assert isinstance(found, Refusal)
        assert why in found.why
        assert found.cause is cause
        before = rows(store, "FROM quarantine"), rows(store, "SELECT at_ending, at_checkpoint FROM source")
        [answer] = replay(store, ReplayRequest())
        assert answer.became is Became.REFUSED
        assert (
            rows(store, "FROM quarantine"),
            rows(store, "SELECT at_ending, at_checkpoint FROM source"),
        ) == before


def test_what_was_masked_by_itself_is_no_reading(store: TelemetryStore, tmp_path: Path) -> None:
    """A line that says [masked] itself cannot be told from one that was masked."""
    with store:
        [found] = kept(store, tmp_path, VALID.replace(b'"j"', b'"[masked]"').replace(b'"v1"', b'"v3"'))
        assert isinstance(found, Refusal)


def test_a_line_that_is_still_open_waits(store: TelemetryStore, tmp_path: Path) -> None:
    with store:
        path = tmp_path / "open.log"
        path.write_bytes(VALID.replace(b'"v1"', b'"v3"'))
        load(store, [path], None)
        [answer] = replay(store, ReplayRequest())
        assert (answer.became, "next load" in answer.why) == (Became.REFUSED, True)


def test_nobody_there(store: TelemetryStore) -> None:
    with store:
        nowhere = RecordPlace(7, 0, 0)
        assert replay(store, ReplayRequest()) == ()
        [answer] = replay(store, ReplayRequest(places=(nowhere,)))
        assert answer.became is Became.UNKNOWN
        assert RecordPlace.of(str(nowhere)) == nowhere
        for spelled in ("", "1:2", "1:2:3:4", "-1:2:3", "a:b:c", "١:2:3", "1" * 10 + ":2:3"):
            assert RecordPlace.of(spelled) is None


def test_its_time_its_job_and_its_breach(store: TelemetryStore, tmp_path: Path) -> None:
    """A call under the kill, read late: telemetry of its moment, and a finding."""
    spool = tmp_path / "spool"
    spool.mkdir()
    (tmp_path / "history.jsonl").write_text("".join(json.dumps(one) + "\n" for one in HISTORY))
    around = Surroundings(None, lambda: at(10_000), spool)
    text = cri(line(8_000, "job-9", OPENAI))
    (spool / "a.log").write_text(text + cri(line(9_000, "job-10", EXCLUDED)))
    with store:
        load(store, [spool], read_home_history(tmp_path / "history.jsonl"), surroundings=around)
        everything, found = rows(store, _ALL), rows(store, _FOUND)
        as_an_older_parser_left_it(store, RecordPlace(1, 0, 0), text.split(" ", 3)[3].rstrip("\n").encode())
        with store.cursor() as cursor:
            [held] = quarantine(cursor, QuarantineQuestion()).records
        assert isinstance(reread(held), Reading)
        assert records([(0, reread(held).record)]).num_rows == 1  # type: ignore[union-attr]
        replay(store, ReplayRequest())
        for before, after in zip(everything, rows(store, _ALL), strict=True):
            # stream and container are not kept in quarantine
            assert [one for one in before if one not in after] in ([], ["stderr"])
        assert rows(store, _FOUND) == found
        with store.cursor() as cursor:
            assert findings(cursor, Filter()).found[0].code == "KILL_BREACH"
        assert rows(store, "SELECT kind, detail FROM ingest_event") == [
            ("replayed", "record 1:0:0 was UNKNOWN_KEY, now accepted")
        ]
