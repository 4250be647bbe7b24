"""What v2 lines claim: kept beside telemetry, taken back and replayed with it, held against what is known."""

import json
from pathlib import Path
from typing import Any

import pytest

from gates.decision import bucket
from ingest.gate_audit import Filter, bring_up, findings, lines_of
from ingest.history.controls import HOME, read_home_history
from ingest.instants import rfc3339
from ingest.loading.load import load
from ingest.quarantine import ReplayRequest, replay
from ingest.store import TelemetryStore
from tests.ingest.gate_audit.worlds import at, event
from tests.ingest.store_from_template import open_store
from tests.ingest.telemetry import line, line_v2

CLAIMS = (
    "SELECT line_offset, model, attempt, input_tokens, output_tokens, total_tokens, emitted_ns"
    " FROM line_claim"
)


def cri(ms: int, record: bytes) -> bytes:
    return f"{rfc3339(at(ms))} stderr F ".encode() + record + b"\n"


def claimed(**changes: Any) -> bytes:
    """A line that agrees with the controls of `EVENTS` at 5,000, unless changed."""
    fields = {"jobId": "job-22", "latencyMs": 10, "controlsRevision": 2, "bucket": bucket("job-22")}
    return line_v2(**(fields | changes))


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(tmp_path / "telemetry.duckdb") as opened:
        yield opened


def rows(store: TelemetryStore, query: str = CLAIMS) -> list[tuple[Any, ...]]:
    with store.cursor() as cursor:
        return cursor.execute(query).fetchall()


def test_both_versions_stand_in_one_file_and_only_v2_claims(store: TelemetryStore, tmp_path: Path) -> None:
    log = tmp_path / "mixed.log"
    first, second = line(jobId="a") + b"\n", line_v2(jobId="b") + b"\n"
    log.write_bytes(first + second + line(jobId="c") + b"\n" + b'glued"' + line_v2(jobId="d", usage=None))
    counts = load(store, [log], None).counts
    assert (counts.accepted, counts.quarantined) == (4, 0)
    assert rows(store, "SELECT job_id FROM telemetry ORDER BY line_offset") == [
        ("a",),
        ("b",),
        ("c",),
        ("d",),
    ]
    assert rows(store, f"{CLAIMS} ORDER BY line_offset")[0] == (
        len(first), "gpt-4.1", 1, 412, 96, 508, 1_795_227_821_500_000_000,
    )  # fmt: skip
    assert len(rows(store)) == 2


def test_an_open_line_is_replaced_with_its_claims(store: TelemetryStore, tmp_path: Path) -> None:
    log = tmp_path / "open.log"
    log.write_bytes(line_v2(jobId="a"))
    load(store, [log], None)
    log.write_bytes(line_v2(jobId="a") + b"\n" + line_v2(jobId="b") + b"\n")
    load(store, [log], None)
    assert [row[0] for row in rows(store)] == [0, len(line_v2(jobId="a")) + 1]


def test_a_line_held_already_is_claimed_once(store: TelemetryStore, tmp_path: Path) -> None:
    message = {
        "__CURSOR": "s=1;i=2",
        "__REALTIME_TIMESTAMP": "1795227821500000",
        "MESSAGE": line_v2().decode(),
    }
    for name in ("one.log", "two.log"):
        padding = f"noise of {name}\n"
        (tmp_path / name).write_text(padding + json.dumps(message) + "\n")
        load(store, [tmp_path / name], None)
    assert len(rows(store)) == len(rows(store, "SELECT * FROM telemetry")) == 1


def test_a_moment_beyond_64_bits_or_no_day_is_unknown(store: TelemetryStore, tmp_path: Path) -> None:
    log = tmp_path / "odd.log"
    moments = ("9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z")
    log.write_bytes(b"".join(line_v2(emittedAt=moment) + b"\n" for moment in moments))
    assert load(store, [log], None).counts.accepted == 3
    assert {row[-1] for row in rows(store)} == {None}


def test_a_quarantined_v2_line_is_replayed_with_its_claims(store: TelemetryStore, tmp_path: Path) -> None:
    """As a home that an older slotgate kept holds it."""
    log = tmp_path / "some.log"
    log.write_bytes(line_v2(version="v3") + b"\n" + line(jobId="end") + b"\n")
    load(store, [log], None)
    with store.transaction() as cursor:
        cursor.execute("UPDATE quarantine SET raw = ?", [line_v2()])
    assert [str(one.became) for one in replay(store, ReplayRequest())] == ["accepted"]
    assert [row[1:6] for row in rows(store)] == [("gpt-4.1", 1, 412, 96, 508)]


EVENTS = (
    event("effective", 0, 1, percent=10),
    event("publishing", 3_900, 2, percent=10),
    event("effective", 4_000, 2, percent=10),
    event("effective", 9_000, 3, percent=10, kill=True),
)
STUBBED = {"path": "stub", "status": "STUB", "attempt": 0, "model": None, "usage": None, "requestId": None}
KILLED = STUBBED | {"errorCode": "KILL_SWITCH", "gate": "kill_switch", "ruleId": None}

WRONG: list[tuple[str, int, dict[str, Any], list[str]]] = [
    ("agrees", 5_000, {}, []),
    ("kill seen", 12_000, KILLED | {"controlsRevision": 3}, []),
    ("another bucket", 5_000, {"bucket": 99}, ["BUCKET_MISMATCH"]),
    ("the revision before, within the skew", 4_500, {"controlsRevision": 1}, []),
    ("the revision before, after the skew", 5_500, {"controlsRevision": 1}, ["REVISION_MISMATCH"]),
    ("the next, as it was being published", 3_950, {}, []),
    ("in force when the run began", 6_000, {"controlsRevision": 1, "latencyMs": 3_000}, []),
    ("never was", 5_000, {"controlsRevision": 77}, ["REVISION_MISMATCH"]),
    ("no revision claimed", 5_000, {"controlsRevision": None}, []),
    ("openai, but a gate denied", 5_000, {"gate": "rollout"}, ["CLAIM_MISMATCH"]),
    ("completed without a call", 5_000, {"attempt": 0, "model": None, "usage": None}, ["CLAIM_MISMATCH"]),
    ("a stub that called", 12_000, KILLED | {"controlsRevision": 3, "attempt": 1, "model": "m"},
     ["CLAIM_MISMATCH"]),
    ("another gate's errorCode", 12_000, KILLED | {"controlsRevision": 3, "gate": "rollout"},
     ["CLAIM_MISMATCH"]),
    ("a breach stays a breach", 12_000, {"gate": "rollout", "bucket": 99},
     ["BUCKET_MISMATCH", "CLAIM_MISMATCH", "KILL_BREACH", "REVISION_MISMATCH"]),
    ("before the first revision", -5_000, {}, ["REVISION_MISMATCH"]),
    ("emittedAt excuses nothing", 12_000, {"controlsRevision": 3, "emittedAt": "2020-01-01T00:00:00Z"},
     ["KILL_BREACH"]),
]  # fmt: skip


ADMITTED = [name for name in (f"job-{n}" for n in range(2_000)) if bucket(name) < 10][: len(WRONG)]


def test_what_is_claimed_is_held_against_what_is_known(store: TelemetryStore, tmp_path: Path) -> None:
    """Each row of the table as a job of its own, in one log: a store for each would cost most of the time."""
    history, log = tmp_path / "history.jsonl", tmp_path / "one.log"
    history.write_text("".join(json.dumps(one) + "\n" for one in EVENTS))
    lines = [
        cri(ms, claimed(**({"jobId": name, "bucket": bucket(name)} | changes)))
        for name, (_, ms, changes, _) in zip(ADMITTED, WRONG, strict=True)
    ]
    log.write_bytes(b"".join(lines))
    load(store, [log], read_home_history(history))
    expected = {row[0]: row[3] for row in WRONG}
    for _ in range(2):  # a second pass over the same lines finds the same
        found: dict[str, list[str]] = {row[0]: [] for row in WRONG}
        with store.cursor() as cursor:
            for one in lines_of(cursor, Filter(), 100):
                assert one.explained_by is None
                found[WRONG[ADMITTED.index(one.job_id)][0]].append(one.code.value)
        assert {name: sorted(codes) for name, codes in found.items()} == expected
        with store.transaction() as cursor:
            cursor.execute("DELETE FROM gate_mark")
        bring_up(store)


def test_words_name_what_was_claimed(store: TelemetryStore, tmp_path: Path) -> None:
    history, log = tmp_path / "history.jsonl", tmp_path / "one.log"
    history.write_text("".join(json.dumps(one) + "\n" for one in EVENTS))
    log.write_bytes(cri(5_000, claimed(bucket=99, controlsRevision=77, gate="rollout")))
    load(store, [log], read_home_history(history))
    with store.cursor() as cursor:
        words = {one.code.value: one.words.partition(": ")[2] for one in lines_of(cursor, Filter(), 10)}
        assert {one.history for one in findings(cursor, Filter()).found} == {HOME}
    assert words == {
        "BUCKET_MISMATCH": f"it claims bucket 99, and its jobId has {bucket('job-22')}",
        "CLAIM_MISMATCH": "it claims path openai, but gate rollout denied, which cannot be true",
        "REVISION_MISMATCH": "it claims revision 77, which was not in force then",
    }
