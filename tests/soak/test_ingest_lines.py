"""Long runs of the per-line reference: many more generated sources, streams far larger than memory bounds."""

import resource
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.contract.outcomes import Noise, Outcome, Quarantined
from ingest.loading.reader import NOISE_SAMPLES
from ingest.reference.objects import outermost
from ingest.reference.parser import SourceParser
from tests.ingest.contract.test_validate import agree
from tests.ingest.grouped import assert_alike
from tests.ingest.loading.test_reader import BEFORE, assert_same
from tests.ingest.log_lines import lines, proven_v2
from tests.ingest.reference import test_records
from tests.ingest.reference.test_objects import HOSTILE, TEXTS, obvious
from tests.ingest.reference.test_reference import parse, said
from tests.ingest.several import cloudwatch, event
from tests.ingest.streams import cut
from tests.ingest.telemetry import PLAIN, documents, line, mutated

BLOCK = 1 << 20
TS = b"2026-11-21T02:22:54Z stderr "


@st.composite
def v2_lines(draw: st.DrawFn) -> bytes:
    """A line of v2, alone or glued, mostly with something put into it."""
    record = draw(proven_v2())
    at = draw(st.integers(0, len(record)))
    put = draw(st.sampled_from(["", "", "", "0", '"', "{", "}", "\\", ","]))
    return f"{draw(BEFORE)}{record[:at]}{put}{record[at:]}\n".encode()


def repeated(unit: bytes, blocks: int, first: bytes = b"") -> Iterator[bytes]:
    """So many blocks of `unit`."""
    block = unit * (BLOCK // len(unit) + 1)
    yield first
    for _ in range(blocks):
        yield block


STREAMS: dict[str, tuple[bytes, bytes]] = {
    "no newline": (b"x", b""),
    "no newline, marked": (b"x", b'{"executorVersion":"x","jobId":"y'),
    "no newline, NUL": (b"\x00", b""),
    "no newline, records": (PLAIN, b""),
    "no newline, cut records": (PLAIN[:-10], b""),
    "no newline, braces": (b"{", b""),
    "no newline, escapes": (b'{"a\\"', b""),
    "no newline, deep": (b'{"jobId":', b""),
    "no newline, colours": (b"\x1b[0m", b""),
    "envelope without end": (b"x", b'{"log":"'),
    "piece without end": (b"x", TS + b"P "),
    "pieces without end": (TS + b"P " + b"x" * 16_000 + b"\n", b""),
    "pieces of records": (TS + b"P " + PLAIN + b"\n", b""),
    "objects behind each other": (cloudwatch(event(PLAIN.decode())), b""),
    "an object without end": (b"x", b'{"messageType":"DATA_MESSAGE","logEvents":[{"message":"'),
    "empty lines": (b"\n", b""),
    "keys": (b"sk-aaaaaaaaaaaaaaa secret: ", b""),
}


@pytest.mark.parametrize("name", STREAMS)
def test_memory_stays_bounded(name: str) -> None:
    unit, first = STREAMS[name]
    blocks = 200 if unit == b"x" else 20
    parser = SourceParser()
    count, size = 0, 0
    settled = 0
    for block in repeated(unit, blocks, first):
        size += len(block)
        count += len(parser.feed(block))
        if size > 6 * BLOCK and not settled:
            settled = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count += len(parser.finish())
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - settled
    assert grown < 64 * 1024, f"{grown} KiB more after the first blocks"
    assert parser.lines == parser.record_lines + parser.noise_lines + parser.joined_pieces
    assert count >= 1


def test_a_record_behind_200_megabytes_is_found() -> None:
    parser = SourceParser()
    outcomes: list[Outcome] = []
    for block in repeated(b"<p>", 200):
        outcomes += parser.feed(block)
    outcomes += parser.feed(line(jobId="last"))
    outcomes += parser.finish()
    (outcome,) = outcomes
    assert not isinstance(outcome, Noise | Quarantined)
    assert outcome.job_id == "last"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_lines_of_ten_megabytes(name: str) -> None:
    text = HOSTILE[name](10 * BLOCK) + b"\n" + PLAIN
    whole, _ = parse([text])
    pieces, _ = parse(text[at : at + 99_991] for at in range(0, len(text), 99_991))
    assert whole == pieces


@given(cut())
@settings(max_examples=20_000, deadline=None)
def test_blocks_and_resumption(source_and_blocks: tuple[bytes, list[bytes]]) -> None:
    source, blocks = source_and_blocks
    whole, _ = parse([source])
    assert parse(blocks)[0] == whole
    parser = SourceParser()
    before: list[Outcome] = []
    for block in blocks:
        before += parser.feed(block)
        safe = parser.safe_offset
        after, _ = parse([source[safe:]], SourceParser(safe))
        assert said([o for o in before if o.offset < safe] + after) == said(whole)


@given(documents())
@settings(max_examples=100_000, deadline=None)
def test_validation_of_documents(raw: bytes) -> None:
    agree(raw)


@given(mutated())
@settings(max_examples=100_000, deadline=None)
def test_validation_of_mutated_documents(raw: bytes) -> None:
    agree(raw)


@given(TEXTS)
@settings(max_examples=100_000, deadline=None)
def test_objects(text: bytes) -> None:
    assert [(found.start, found.end) for found in outermost(text)] == obvious(text)


@given(TEXTS)
@settings(max_examples=50_000, deadline=None)
def test_shortcuts(text: bytes) -> None:
    test_records.agree(text)


@given(st.lists(st.one_of(lines(), v2_lines()), min_size=1, max_size=40), st.lists(st.integers(1, 900)))
@settings(max_examples=20_000, deadline=None)
def test_proven_in_bulk_and_by_the_reference(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    pieces, rest = [], data
    for place in cuts:
        pieces.append(rest[:place])
        rest = rest[place:]
    assert_same(data, [*pieces, rest], NOISE_SAMPLES)


@given(st.lists(st.lists(lines(), max_size=30).map(b"".join), min_size=2, max_size=12))
@settings(max_examples=300, deadline=None)
def test_small_files_together_and_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("alike")
    (folder / "logs").mkdir()
    assert_alike(folder / "logs", folder, contents, None)
    shutil.rmtree(folder)
