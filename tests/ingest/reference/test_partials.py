import json

import pytest

from ingest.contract.outcomes import Accepted, Outcome
from ingest.reference.message_lines import CHECKPOINT_BYTES
from ingest.reference.parser import SourceParser
from ingest.reference.partials import FLUSH_BYTES, HELD_LIMIT, LINES_LIMIT
from tests.ingest.reference.test_reference import parse, summary
from tests.ingest.telemetry import PLAIN

A, B, C = PLAIN[:40], PLAIN[40:90], PLAIN[90:]


def cri(second: float, stream: str, tag: str, text: bytes) -> bytes:
    return f"2026-11-21T02:22:{second:09.6f}Z {stream} {tag} ".encode() + text + b"\n"


def lines(*parts: bytes) -> tuple[list[str], SourceParser, list[Outcome]]:
    outcomes, parser = parse([b"".join(parts)])
    return [word.split(" ", 1)[1] for word in summary(outcomes)], parser, outcomes


def test_the_line_is_where_and_when_its_first_piece_is() -> None:
    first = cri(1, "stderr", "P", A)
    found, parser, outcomes = lines(
        b"x\n",
        first,
        cri(2, "stderr", "P", B),
        cri(3, "stderr", "F", C),
        b"y\n",
        cri(4, "stderr", "F", PLAIN),
    )
    assert found == ["noise", "job-1", "noise", "job-1"]
    assert isinstance(outcomes[1], Accepted)
    assert outcomes[1].offset == 2
    assert outcomes[1].time_ns == 1795227721 * 10**9
    assert (parser.lines, parser.joined_pieces) == (6, 2)


def test_a_carriage_return_goes_with_the_newline_of_a_piece_too() -> None:
    """A log whose newlines were made CRLF on its way joins; what a JSON writer writes has none to lose."""
    found, parser, _ = lines(
        *(cri(1, "stderr", tag, text + b"\r") for tag, text in zip("PPF", (A, B, C), strict=True))
    )
    assert found == ["job-1"]
    assert parser.joined_pieces == 2


def test_streams_do_not_mix() -> None:
    found, parser, _ = lines(
        cri(1, "stderr", "P", A),
        cri(1, "stdout", "F", PLAIN),
        cri(1, "stdout", "P", A),
        cri(1, "stderr", "P", B),
        cri(1, "stdout", "F", B + C),
        cri(1, "stderr", "F", C),
    )
    assert found == ["job-1", "job-1", "job-1"]
    assert parser.joined_pieces == 3


def test_containers_do_not_mix() -> None:
    def fluent(container: str, tag: str, text: bytes) -> bytes:
        envelope = {
            "date": 1,
            "log": text.decode(),
            "_p": tag,
            "stream": "stderr",
            "container_name": container,
        }
        return json.dumps(envelope).encode() + b"\n"

    found, _, outcomes = lines(
        fluent("a", "P", A), fluent("b", "P", A), fluent("a", "F", B + C), fluent("b", "F", B + C)
    )
    assert found == ["job-1", "job-1"]
    assert [outcome.container for outcome in outcomes if isinstance(outcome, Accepted)] == ["a", "b"]


def test_transports_without_pieces_do_not_go_on_with_one() -> None:
    waiting = json.dumps({"date": 1, "log": A.decode(), "_p": "P"}).encode() + b"\n"
    rest = json.dumps({"date": 1, "log": (B + C).decode(), "_p": "F"}).encode() + b"\n"
    assert lines(waiting, b"raw\n", PLAIN + b"\n", rest)[0] == ["noise", "job-1", "job-1"]


@pytest.mark.parametrize(
    ("gap", "expected"),
    [(4.999999, ["job-1"]), (5, ["noise", "TRUNCATED"]), (20, ["noise", "TRUNCATED"]), (-3, ["job-1"])],
)
def test_a_line_waits_for_less_than_five_seconds_of_its_own_time(gap: float, expected: list[str]) -> None:
    cut = PLAIN.index(b"executorVersion") - 1
    assert (
        lines(cri(10, "stderr", "P", PLAIN[:cut]), cri(10 + gap, "stderr", "F", PLAIN[cut:]))[0] == expected
    )


def test_each_piece_renews_the_wait_and_other_streams_end_it() -> None:
    pieces = cri(0, "stderr", "P", A), cri(4, "stderr", "P", B), cri(8, "stderr", "F", C)
    assert lines(*pieces)[0] == ["job-1"]
    parser = SourceParser()
    parser.feed(cri(1, "stderr", "P", PLAIN))
    assert parser.safe_offset == 0
    outcomes = parser.feed(cri(6, "stdout", "F", b"later"))
    assert summary(outcomes)[0] == "0.0 job-1"


def test_what_waits_at_the_end_is_read_as_it_stands() -> None:
    found, parser, _ = lines(cri(1, "stderr", "P", PLAIN), cri(1, "stderr", "P", A))
    assert found == ["job-1"]
    assert parser.safe_offset == 0


def test_no_checkpoint_passes_a_line_that_waits() -> None:
    blocks = [
        b"x\n" + cri(1, "stderr", "P", A),
        cri(1, "stdout", "P", A) + PLAIN + b"\n" + cri(1, "stderr", "F", B + C),
        cri(1, "stdout", "F", B + C),
    ]
    parser = SourceParser()
    parser.feed(blocks[0])
    assert parser.safe_offset == 2
    parser.feed(blocks[1])
    assert parser.safe_offset == 2  # stdout waits, and began while stderr waited
    parser.feed(blocks[2])
    assert parser.safe_offset == sum(map(len, blocks))


def test_a_line_does_not_wait_for_ever_in_bytes() -> None:
    parser = SourceParser()
    parser.feed(cri(1, "stderr", "P", PLAIN))
    out: list[str] = []
    for _ in range(FLUSH_BYTES // 65_536 + 2):
        out += summary(parser.feed(b"x" * 65_535 + b"\n"))
    assert "0.0 job-1" in out
    assert parser.safe_offset > FLUSH_BYTES


def piece(container: int, text: str) -> bytes:
    return json.dumps({"log": text, "_p": "P", "container_name": f"c{container}"}).encode() + b"\n"


def test_so_many_lines_wait_and_no_more() -> None:
    parser = SourceParser()
    for n in range(LINES_LIMIT):
        assert parser.feed(piece(n, "x")) == []
    assert len(parser.feed(piece(-1, "x"))) == 1


def test_so_many_bytes_wait_and_no_more() -> None:
    parser = SourceParser()
    text = "x" * 40_000
    for turn in range(HELD_LIMIT // len(text)):
        assert parser.feed(piece(turn % 20, text)) == []
    assert len(parser.feed(piece(20, text))) == 1


def test_lines_that_overlap_for_ever_leave_a_checkpoint_now_and_then() -> None:
    parser = SourceParser()
    size = 0
    for turn in range(2 * CHECKPOINT_BYTES // 60_000):
        stream, other = ("stdout", "stderr") if turn % 2 else ("stderr", "stdout")
        block = cri(1, stream, "P", b"x" * 60_000) + (cri(1, other, "F", b"") if turn else b"")
        parser.feed(block)
        size += len(block)
    assert parser.safe_offset > 0
    assert size - parser.safe_offset <= CHECKPOINT_BYTES + 200_000
