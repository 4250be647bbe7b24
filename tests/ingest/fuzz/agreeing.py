"""Generated sources through the per-line reference and the whole load, against the oracle.

What is known of every line is its place and what it carries. The reference must find there, in order, the
rows of the oracle, with the carrier's time, stream, container and identity, and quarantine all else that
the oracle calls telemetry. The store must then hold the reference's outcomes to the last column.

Where the carrier itself was broken nobody knows what it carries. There the reference may accept only what the
oracle finds somewhere in the line, or in a string of it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msgspec.structs import astuple

from gates.decision import bucket
from ingest.columns import CLAIMS
from ingest.counts import Counts
from ingest.load import load
from ingest.outcomes import Accepted, Noise, Outcome, Quarantined
from ingest.reference import SourceParser
from ingest.store import TelemetryStore
from tests.ingest.fuzz.carried import Carried
from tests.ingest.fuzz.oracle import Judged, Row, anywhere, judge
from tests.ingest.fuzz.sources import Source

_TELEMETRY = (
    "line_offset, record_index, native_id, line_time_ns, stream, container, executor_version, job_id, bucket,"
    " path, status, error_code, latency_ms, contradiction"
)
_QUARANTINE = "line_offset, record_index, native_id, line_time_ns, cause, detail, raw, claims_openai"
_CLAIM = ", ".join(("line_offset", "record_index", *(kind.name for kind in CLAIMS)))


@dataclass(frozen=True)
class Read:
    """What the reference made of a source."""

    outcomes: list[Outcome]
    counts: Counts


def by_reference(data: bytearray) -> Read:
    """What the per-line reference makes of a source."""
    parser = SourceParser()
    outcomes = parser.feed(bytes(data)) + parser.finish()
    counts = Counts(parser.lines, parser.record_lines, parser.noise_lines, parser.joined_pieces)
    return Read(sorted(outcomes, key=_place), counts)


def _place(outcome: Outcome) -> tuple[int, int]:
    return outcome.offset, 0 if isinstance(outcome, Noise) else outcome.index


def assert_as_the_oracle_says(source: Source, read: Read) -> Counter[str]:
    """How many outcomes there are of each kind. Raises `AssertionError` naming the first that differs."""
    found: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in read.outcomes:
        found[outcome.offset].append(outcome)
    assert found.keys() == source.messages.keys()
    for offset, message in source.messages.items():
        judged = judge(message.text)
        problem = _difference(message, judged, found[offset])
        assert problem is None, f"{problem}\n{message}\n{judged}\n{found[offset]}"
    noise = sum(isinstance(one, Noise) for one in read.outcomes)
    messages = len(source.messages)
    assert read.counts == Counts(source.lines, messages - noise, noise, source.lines - messages)
    return kinds(read.outcomes)


def assert_nothing_is_made_up(source: Source, read: Read) -> Counter[str]:
    """As above, for a source whose carriers are broken, too: each line is read alone."""
    for message in source.messages.values():
        for line in message.lines:
            accepted = [one for one in by_reference(bytearray(line)).outcomes if isinstance(one, Accepted)]
            possible = anywhere(line) if accepted else set()
            for one in accepted:
                assert row(one) in possible, f"accepted, but not there\n{line!r}\n{one}"
    return kinds(read.outcomes)


def kinds(outcomes: list[Outcome]) -> Counter[str]:
    """How many there are of each kind; the quarantined by cause."""
    return Counter(
        one.cause.value if isinstance(one, Quarantined) else type(one).__name__.lower() for one in outcomes
    )


def _difference(message: Carried, judged: Judged, outcomes: list[Outcome]) -> str | None:
    accepted = [one for one in outcomes if isinstance(one, Accepted)]
    refused = sum(isinstance(one, Quarantined) for one in outcomes)
    if [row(one) for one in accepted] != judged.rows:
        return "accepted otherwise than the oracle says"
    if refused < judged.refused + judged.torn or (refused != judged.refused and not judged.torn):
        return "quarantined otherwise than the oracle says"
    for one in outcomes:
        if isinstance(one, Noise):
            return None if len(outcomes) == 1 else "noise beside records"
        if (one.time_ns, one.native_id) != (message.time_ns, message.native_id):
            return "another time or identity"
    for one in accepted:
        if (one.stream, one.container) != (message.stream, message.container):
            return "another stream or container"
    return None


def row(one: Accepted) -> Row:
    """The values of a record as the oracle gives them."""
    values = (one.executor_version, one.job_id, one.path, one.status, one.error_code, one.latency_ms)
    return values if one.claims is None else values + tuple(astuple(one.claims)[:-1])


def assert_stored(data: bytearray, read: Read, folder: Path) -> None:
    """Load the source into a store of its own: it must hold what was read, to the last column."""
    file = folder / "fuzzed.log"
    file.write_bytes(data)
    with TelemetryStore.open(folder / "telemetry.duckdb") as store:
        summary = load(store, [file], None)
        with store.cursor() as cursor:
            for table, names, expected in (
                ("telemetry", _TELEMETRY, _records(read.outcomes)),
                ("line_claim", _CLAIM, _claims(read.outcomes)),
                ("quarantine", _QUARANTINE, _quarantined(read.outcomes)),
            ):
                held = cursor.execute(f"SELECT {names} FROM {table} ORDER BY ALL").fetchall()
                for one, other in zip(held, expected, strict=False):
                    assert one == other, f"{table} differs in the line {_line(data, min(one[0], other[0]))!r}"
                assert len(held) == len(expected), table
    assert summary.is_balanced
    accepted, quarantined = len(_records(read.outcomes)), len(_quarantined(read.outcomes))
    assert summary.counts == replace(read.counts, accepted=accepted, quarantined=quarantined)


def _line(data: bytearray, offset: int) -> bytearray:
    return data[offset : data.find(b"\n", offset)]


def _records(outcomes: list[Outcome]) -> list[Any]:
    return [
        (
            *(one.offset, one.index, one.native_id, one.time_ns, one.stream, one.container),
            *(one.executor_version, one.job_id, bucket(one.job_id), one.path, one.status, one.error_code),
            *(one.latency_ms, one.contradiction),
        )
        for one in outcomes
        if isinstance(one, Accepted)
    ]


def _claims(outcomes: list[Outcome]) -> list[Any]:
    return [
        (one.offset, one.index, *astuple(one.claims))
        for one in outcomes
        if isinstance(one, Accepted) and one.claims is not None
    ]


def _quarantined(outcomes: list[Outcome]) -> list[Any]:
    return [
        (
            *(one.offset, one.index, one.native_id, one.time_ns),
            *(one.cause.value, one.detail, one.raw, one.claims_openai),
        )
        for one in outcomes
        if isinstance(one, Quarantined)
    ]
