"""The vectorised reading finds exactly what the reference finds, however the bytes are cut."""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from gates.decision import bucket
from ingest import columns
from ingest.contract.outcomes import Accepted, Outcome, Quarantined
from ingest.fast.compact import compact_records
from ingest.fast.ragged import Block
from ingest.fast.shape import RECORD_LINE
from ingest.fast.tier import prove
from ingest.loading.reader import NOISE_SAMPLES, SourceReader, Taken
from ingest.reference.parser import SourceParser
from ingest.sources.counts import Counts
from tests.ingest.log_lines import lines, proven_v2
from tests.ingest.several import cloudwatch, event
from tests.ingest.telemetry import PLAIN_V2, line_v2

RECORD = (
    '{"version":"v1","executorVersion":"openai.v1","jobId":"%s","path":"stub","status":"STUB","latencyMs":7}'
)
CRI_HEADER = "2026-11-21T02:22:53.390129Z stderr F "
BEFORE = st.sampled_from(["", CRI_HEADER, "x, ", CRI_HEADER + "} "])
PUT_IN = [b"", b"\x00", b"\xff", *(bytes([byte]) for byte in b'"\\{}01-.,: neZ')]
CRI = "2026-11-21T02:22:53.390129Z stderr %s %s\n"


OF_OPENAI = (
    '{"version":"v1","executorVersion":"o","jobId":"j","path":"openai",'
    '"status":"%s","latencyMs":%s,"errorCode":%s}'
)
COMPACT = [
    RECORD % "job-1",
    OF_OPENAI % ("COMPLETED", "1234567", "null"),
    OF_OPENAI % ("FAILED", "3714.61", '"OPENAI_HTTP_ERROR"'),
]
PROVING = ThreadPoolExecutor(1)
FITTING = re.compile(RECORD_LINE.replace(r"\z", r"\Z").encode())


@lru_cache(maxsize=1)  # the same bytes are cut in many ways
def by_reference(data: bytes) -> tuple[list[Outcome], Counts]:
    parser = SourceParser()
    outcomes = parser.feed(data) + parser.finish()
    return outcomes, Counts(parser.lines, parser.record_lines, parser.noise_lines, parser.joined_pieces)


def by_reader(pieces: list[bytes], samples_held: int) -> tuple[Taken, Counts]:
    reader = SourceReader(0, samples_held, PROVING)
    moved = b"".join([bytes(reader.feed(piece)) for piece in pieces]) + reader.drain()
    assert moved + reader.rest == b"".join(pieces)
    reader.finish()
    return reader.take(), reader.counts


def rows(table: Any) -> list[tuple[Any, ...]]:
    return sorted((tuple(row.values()) for row in table.to_pylist()), key=repr)


def expected_record(one: Accepted) -> tuple[Any, ...]:
    return (
        one.offset,
        one.index,
        one.native_id,
        one.time_ns,
        one.stream,
        one.container,
        one.executor_version,
        one.job_id,
        bucket(one.job_id),
        one.path,
        one.status,
        one.error_code,
        one.latency_ms,
        one.contradiction,
        None if one.claims is None else asdict(one.claims),
    )


def with_claims(records: Any) -> Any:
    """The column is there only where a line claims something."""
    if "claims" in records.column_names:
        return records
    return records.append_column("claims", pa.nulls(records.num_rows, columns.CLAIMS))


def assert_same(data: bytes, pieces: list[bytes], samples_held: int) -> None:
    outcomes, counts = by_reference(data)
    taken, found = by_reader(pieces, samples_held)
    assert found == counts
    assert counts.balanced
    accepted = [expected_record(one) for one in outcomes if isinstance(one, Accepted)]
    assert rows(with_claims(taken.records())) == sorted(accepted, key=repr)
    held = [
        (
            one.offset,
            one.index,
            one.native_id,
            one.time_ns,
            one.cause.value,
            one.detail,
            one.raw,
            one.claims_openai,
        )
        for one in outcomes
        if isinstance(one, Quarantined)
    ]
    assert rows(columns.quarantine(taken.quarantined)) == sorted(held, key=repr)


@given(st.lists(lines(), min_size=1, max_size=30), st.binary(max_size=30), st.lists(st.integers(1, 400)))
def test_finds_what_the_reference_finds(parts: list[bytes], tail: bytes, cuts: list[int]) -> None:
    data = b"".join(parts) + tail
    pieces, rest = [], data
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    assert_same(data, [*pieces, rest], samples_held=NOISE_SAMPLES)
    assert_same(data, [data], samples_held=NOISE_SAMPLES - 3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(BEFORE, proven_v2()), min_size=1, max_size=8))
def test_v2_lines_as_executors_write_them_are_proven_and_agree(parts: list[tuple[str, str]]) -> None:
    data = "".join(f"{before}{record}\n" for before, record in parts).encode()
    assert prove(Block(data)).lines.is_v2.all()
    assert_same(data, [data], samples_held=NOISE_SAMPLES)


STUB_V2 = line_v2(
    path="stub",
    status="STUB",
    errorCode="ROLLOUT_EXCLUDED",
    gate="rollout",
    attempt=0,
    model=None,
    usage=None,
)


@pytest.mark.parametrize("before", [b"", CRI_HEADER.encode() + b"glued "])
@pytest.mark.parametrize("line", [PLAIN_V2, STUB_V2])
def test_any_byte_of_a_v2_line_changed_agrees(line: bytes, before: bytes) -> None:
    """Bounds, digits, quotes and commas are proven, not assumed. What is not proven goes to the reference."""
    changed = [
        before + line[:at] + put + line[behind:] + b"\n"
        for at in range(len(line))
        for put in PUT_IN
        for behind in (at, at + 1)
    ]
    lines = prove(Block(b"".join(changed))).lines
    is_proven = lines.is_v1 | lines.is_v2 | lines.is_noise
    text = b"".join(one for one, proven in zip(changed, is_proven, strict=True) if proven)
    assert text.count(b"\n") > 100
    assert_same(text, [text], samples_held=NOISE_SAMPLES)


@pytest.mark.parametrize(
    ("before", "record"), [*zip(["", CRI_HEADER, "2026-11-21T02:22:53Z "], COMPACT, strict=True)]
)
def test_any_byte_of_a_compact_line_changed_agrees(before: str, record: str) -> None:
    """What is proven by its words fits the pattern of a record; as JavaScript writes it, it is proven."""
    line = f"{before}{record}".encode()
    changed = [
        line[:at] + put + line[behind:] + b"\n"
        for at in range(len(line))
        for put in PUT_IN
        for behind in (at, at + 1)
    ]
    text = line + b"\n" + b"".join(changed)
    lines = prove(Block(text)).lines
    is_compact = compact_records(lines.block, lines.starts, lines.ends)
    assert is_compact[0]
    assert is_compact.sum() > 100
    compact = [one for one, found in zip(text.splitlines(keepends=True), is_compact, strict=True) if found]
    assert all(FITTING.fullmatch(one) for one in compact)
    assert_same(text, [text], samples_held=NOISE_SAMPLES)


def test_a_block_of_little_text_is_sorted() -> None:
    for text in (b"\n", b"}\n", b"{}\n", b'{"}\n', b'{"a":"b"}\n', b"{" * 70 + b"}\n", b"\n\n\r\n"):
        assert_same(text, [text], samples_held=NOISE_SAMPLES)


def test_a_piece_before_a_canonical_line_of_its_stream_takes_that_line_with_it() -> None:
    whole = CRI % ("F", RECORD % "whole")
    data = (whole + CRI % ("P", "prefix ") + whole + whole + "noise\n" + CRI % ("P", "open") + whole).encode()
    assert_same(data, [data], samples_held=NOISE_SAMPLES)
    for cut in range(len(data)):
        assert_same(data, [data[:cut], data[cut:]], samples_held=NOISE_SAMPLES)


def test_an_endless_line_between_canonical_ones() -> None:
    line = (RECORD % "a" + "\n").encode()
    data = line + b"x" * (3 << 20) + line + line
    assert_same(data, [data], samples_held=NOISE_SAMPLES)
    assert_same(data, [data[i : i + 700_000] for i in range(0, len(data), 700_000)], NOISE_SAMPLES)


def test_objects_behind_each_other_between_canonical_lines() -> None:
    line = (RECORD % "a" + "\n").encode()
    some = [cloudwatch(event("x" * 90_000), event(RECORD % f"j{n}", n)) for n in range(40)]
    piece = cloudwatch(event((CRI % ("P", "begun ")).rstrip()), event("x" * 90_000, 1))
    data = line + b"".join([*some[:20], piece, *some[20:]]) + b"\n" + line + b"".join(some[:15])
    assert_same(data, [data], samples_held=NOISE_SAMPLES)
    for size in (700_000, 1_300_001):
        assert_same(data, [data[i : i + size] for i in range(0, len(data), size)], NOISE_SAMPLES)


def test_is_idle_where_an_object_of_an_endless_line_ends() -> None:
    reader = SourceReader(0, 0, PROVING)
    objects = [cloudwatch(event("x" * 400_000, n)) for n in range(4)]
    moved = reader.feed(b"".join(objects)[:-9])
    assert moved == b"".join(objects[:3])
    assert reader.is_idle
    assert reader.rest == objects[3][:-9]
    assert reader.counts.lines == 3


def test_every_length_of_job_id_and_every_kind_of_latency() -> None:
    latencies = ["0", "7", "12345678", "123456789", "0.5", "1.25", "99999999.999999", "1234.5", "12345678.9"]
    text = "".join(
        (RECORD % ("j" * length)).replace("7}", f"{latency}{code}}}\n")
        for length in range(1, 60)
        for latency in latencies
        for code in ("", ',"errorCode":null', ',"errorCode":"KILL_SWITCH"', ', "errorCode": "X"')
    )
    assert_same(text.encode(), [text.encode()], samples_held=NOISE_SAMPLES)


def test_samples_of_noise_are_kept_up_to_their_number() -> None:
    data = b"".join(b"noise %d\n" % number for number in range(500))
    for samples_held in (0, 60, NOISE_SAMPLES):
        taken, counts = by_reader([data], samples_held)
        assert counts.noise_lines == 500
        kept = [one.raw for _, one in taken.noise]
        assert kept == [b"noise %d" % number for number in range(NOISE_SAMPLES - samples_held)]


def test_is_idle_exactly_where_nothing_is_open() -> None:
    reader = SourceReader(0, 0, PROVING)
    idle = []
    for piece in (CRI % ("F", RECORD % "a"), CRI % ("P", "begun"), CRI % ("F", " and done") + "no newline"):
        reader.feed(piece.encode())
        idle.append(reader.is_idle)
    assert idle == [True, False, True]
    assert reader.rest == b"no newline"
