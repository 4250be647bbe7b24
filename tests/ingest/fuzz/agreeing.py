"""Generated sources through the per-line reference and the whole load, against the oracle.

What is known of every line is its place and what it carries. The reference must find there, in order, the
rows of the oracle, with the carrier's time, stream, container and identity, and quarantine all else that
the oracle calls telemetry. The store must then hold the reference's outcomes to the last column.

Where the carrier itself was broken nobody knows what it carries. There the reference may accept only what the
oracle finds somewhere in the line, or in a string of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msgspec.structs import astuple

from gates.decision import bucket
from ingest.columns import CLAIMS
from ingest.contract.outcomes import Accepted, Noise, Outcome, Quarantined
from ingest.loading.load import load
from ingest.reference.parser import SourceParser
from ingest.sources.counts import Counts
from tests.ingest.fuzz.carried import Carried, Message
from tests.ingest.fuzz.oracle import Judged, Row, anywhere, judge
from tests.ingest.fuzz.sources import Source
from tests.ingest.store_from_template import open_store

_TELEMETRY = (
    "line_offset, record_index, native_id, line_time_ns, stream, container, executor_version, job_id, bucket,"
    " path, status, error_code, latency_ms, contradiction"
)
_QUARANTINE = "line_offset, record_index, native_id, line_time_ns, cause, detail, raw, claims_openai"
_CLAIM = ", ".join(("line_offset", "record_index", *(kind.name for kind in CLAIMS)))


Record = Accepted | Quarantined


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
    assert found.keys() == source.carried.keys()
    for offset, carried in source.carried.items():
        for message, outcomes in _shared_out(carried, found[offset]):
            judged = judge(message.text)
            problem = _difference(message, judged, outcomes)
            assert problem is None, f"{problem}\n{carried}\n{message}\n{judged}\n{found[offset]}"
    noise = sum(isinstance(one, Noise) for one in read.outcomes)
    logical = len(source.carried)
    assert read.counts == Counts(source.lines, logical - noise, noise, source.lines - logical)
    return kinds(read.outcomes)


def assert_nothing_is_made_up(source: Source, read: Read) -> Counter[str]:
    """As above, for a source whose carriers are broken, too: each line is read alone."""
    for carried in source.carried.values():
        for line in carried.lines:
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


def _shared_out(carried: Carried, outcomes: list[Outcome]) -> Iterator[tuple[Message, list[Record]]]:
    """The outcomes of each message: of several, each has an id, and its records have that, `ID#1`, …"""
    records = [one for one in outcomes if not isinstance(one, Noise)]
    assert len(records) == len(outcomes) or len(outcomes) == 1, f"noise beside records: {outcomes}"
    if len(carried.messages) == 1:
        yield carried.messages[0], records
        return
    for message in carried.messages:
        own = [one for one in records if (one.native_id or "").partition("#")[0] == message.native_id]
        records = [one for one in records if one not in own]
        yield message, own
    assert not records, f"of no message: {records}"


def _difference(message: Message, judged: Judged, outcomes: list[Record]) -> str | None:
    accepted = [one for one in outcomes if isinstance(one, Accepted)]
    refused = [one for one in outcomes if isinstance(one, Quarantined)]
    if [row(one) for one in accepted] != judged.rows:
        return "accepted otherwise than the oracle says"
    surplus = len(refused) - len(judged.refused)
    if surplus < judged.torn or (surplus and not judged.torn):
        return "quarantined otherwise than the oracle says"
    if not surplus and any(
        says > one.claims_openai for says, one in zip(judged.refused, refused, strict=True)
    ):
        return "an exposure is hidden"
    for number, one in enumerate(outcomes):
        name = (
            message.native_id if number == 0 or message.native_id is None else f"{message.native_id}#{number}"
        )
        if (one.time_ns, one.native_id) != (message.time_ns, name):
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
    with open_store(folder / "telemetry.duckdb") as store:
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
