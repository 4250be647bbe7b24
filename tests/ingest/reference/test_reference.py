import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.contract.outcomes import RAW_LIMIT, SAMPLE_LIMIT, Accepted, Cause, Noise, Outcome, Quarantined
from ingest.lines import LINE_LIMIT
from ingest.reference.parser import Message, SourceParser, outcomes_of
from ingest.transports.cloudwatch import BEGINS
from tests.ingest.streams import cut, sources
from tests.ingest.telemetry import PLAIN, line

DATA = Path(__file__).parents[2] / "data"


def parse(blocks: Iterable[bytes], parser: SourceParser | None = None) -> tuple[list[Outcome], SourceParser]:
    parser = parser or SourceParser()
    outcomes = [outcome for block in blocks for outcome in parser.feed(block)]
    outcomes += parser.finish()
    assert parser.lines == parser.record_lines + parser.noise_lines + parser.joined_pieces
    assert parser.noise_lines == sum(isinstance(outcome, Noise) for outcome in outcomes)
    places = {(o.offset, o.index) for o in outcomes if not isinstance(o, Noise)}
    assert len(places) == len(outcomes) - parser.noise_lines
    assert len({offset for offset, _ in places}) == parser.record_lines
    return outcomes, parser


def line_count(source: bytes) -> int:
    """As `wc -l` has them, and a last one without newline; objects behind each other are lines, too."""
    lines = source.removesuffix(b"\n").split(b"\n") if source else []
    seams = [line.count(b"}" + line[: line.find(b":") + 1]) for line in lines if BEGINS.match(line)]
    return len(lines) + sum(seams)


def said(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """In order of place: lines that wait for their pieces are said later than they began."""
    return sorted(outcomes, key=lambda o: (o.offset, 0 if isinstance(o, Noise) else o.index))


@pytest.mark.parametrize("name", ["executor-a.stderr.log", "executor-a.cri.log"])
@pytest.mark.parametrize("size", [1, 997, 1 << 20])
def test_the_sample_counts_as_expected(name: str, size: int) -> None:
    data = (DATA / name).read_bytes()
    expected = json.loads((DATA / "executor-a.expected.json").read_bytes())
    outcomes, parser = parse(data[at : at + size] for at in range(0, len(data), size))
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    assert len(accepted) == expected["telemetry_lines"] == parser.record_lines
    by_outcome = Counter(f"{a.path}/{a.status}/{a.error_code}" for a in accepted)
    assert by_outcome == expected["by_outcome"]
    assert not [outcome for outcome in outcomes if isinstance(outcome, Quarantined)]
    assert parser.lines == data.count(b"\n")
    assert all((a.time_ns is None) == (name == "executor-a.stderr.log") for a in accepted)
    assert parser.safe_offset == len(data)


@given(cut())
def test_blocks_make_no_difference(source_and_blocks: tuple[bytes, list[bytes]]) -> None:
    source, blocks = source_and_blocks
    whole, one = parse([source])
    pieces, other = parse(blocks)
    assert whole == pieces
    assert one.lines == other.lines == line_count(source)
    assert one.safe_offset == other.safe_offset


@given(cut())
def test_going_on_from_the_safe_offset_loses_and_doubles_nothing(
    source_and_blocks: tuple[bytes, list[bytes]],
) -> None:
    source, blocks = source_and_blocks
    whole, _ = parse([source])
    parser = SourceParser()
    before: list[Outcome] = []
    for block in blocks:
        before += parser.feed(block)
        safe = parser.safe_offset
        # Objects of CloudWatch behind each other are lines, too.
        is_seam = source[safe - 1 : safe + 1] == b"}{"
        assert safe == 0 or source[safe - 1 : safe] == b"\n" or is_seam
        after, _ = parse([source[safe:]], SourceParser(safe))
        assert said([o for o in before if o.offset < safe] + after) == said(whole)
    before += parser.finish()
    safe = parser.safe_offset
    after, _ = parse([source[safe:]], SourceParser(safe))
    assert said([o for o in before if o.offset < safe] + after) == said(whole)


@given(sources(), sources())
@settings(max_examples=80, deadline=None)
def test_a_source_that_grows_is_taken_up_where_it_was_safe(old: bytes, new: bytes) -> None:
    before, parser = parse([old])
    safe = parser.safe_offset
    after, _ = parse([(old + new)[safe:]], SourceParser(safe))
    whole, _ = parse([old + new])
    assert said([o for o in before if o.offset < safe] + after) == said(whole)


@given(st.lists(st.binary(max_size=200), max_size=5))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_survived(blocks: list[bytes]) -> None:
    outcomes, parser = parse(blocks)
    assert parser.lines == len(b"".join(blocks).split(b"\n")) - (b"".join(blocks)[-1:] in (b"", b"\n"))
    assert all(len(o.raw) <= SAMPLE_LIMIT for o in outcomes if isinstance(o, Noise))


CRI = b"2026-11-21T02:22:54Z stderr "


def summary(outcomes: Iterable[Outcome]) -> list[str]:
    """Each outcome as `offset.index what`."""
    words = []
    for outcome in outcomes:
        match outcome:
            case Accepted():
                words.append(f"{outcome.offset}.{outcome.index} {outcome.job_id}")
            case Quarantined():
                words.append(f"{outcome.offset}.{outcome.index} {outcome.cause}")
            case Noise():
                words.append(f"{outcome.offset} noise")
    return words


TRUNCATED = PLAIN[: PLAIN.index(b'"status"')]
QUOTED = PLAIN.replace(b'"', b'\\"')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLAIN, ["0.0 job-1"]),
        (b"\xef\xbb\xbf" + PLAIN, ["0.0 job-1"]),
        (b"\x1b[32m" + PLAIN + b"\x1b[0m", ["0.0 job-1"]),
        (b"\x1b[31" + PLAIN, ["0.0 job-1"]),
        (b"\x00\x00\x00" + PLAIN, ["0.0 job-1"]),
        (PLAIN + b"\r", ["0.0 job-1"]),
        (b'"type":"server_error"}}' + PLAIN, ["0.0 job-1"]),
        (b"</html>" + PLAIN + b"Missing OPENAI_API_KEY" + line(jobId="j2") + b"x", ["0.0 job-1", "0.1 j2"]),
        (PLAIN + line(jobId="") + PLAIN, ["0.0 job-1", "0.1 EMPTY_STRING", "0.2 job-1"]),
        (b'{"error":{"message":"cut ' + PLAIN, ["0.0 job-1"]),
        (b"[" + PLAIN + b"," + line(jobId="j2") + b"]", ["0.0 job-1", "0.1 j2"]),
        # a cut record, alone, before and behind a whole one
        (TRUNCATED, ["0.0 TRUNCATED"]),
        (TRUNCATED + PLAIN, ["0.0 TRUNCATED", "0.1 job-1"]),
        (PLAIN + TRUNCATED, ["0.0 job-1", "0.1 TRUNCATED"]),
        (TRUNCATED + TRUNCATED, ["0.0 TRUNCATED", "0.1 TRUNCATED"]),
        (PLAIN[14:], ["0.0 TRUNCATED"]),
        (b'{"executorVersion":"x","meta":{"a":1},"jobId":"b', ["0.0 TRUNCATED"]),
        (b'"jobId" and "executorVersion"', ["0.0 TRUNCATED"]),
        (b'{"version":"v1","executorVersion"jobId":"x","path":"openai"', ["0.0 TRUNCATED"]),
        (b'{"jobId":"b","path":"st', ["0 noise"]),
        # broken, and its brackets close
        (PLAIN[:-1] + b",}", ["0.0 MALFORMED_JSON"]),
        (PLAIN.replace(b'1",', b'1" ') + b" and more", ["0.0 MALFORMED_JSON"]),
        # three of six keys make it telemetry
        (b'{"jobId":"j","path":"stub","status":"STUB"}', ["0.0 MISSING_KEY"]),
        (b'{"jobId":"j","jobId":"j","status":"STUB"}', ["0 noise"]),
        (b'{"version":"v1","jobId":"j","status":"STUB","generatedAt":"x","output":null}', ["0 noise"]),
        (b'{"version":"v1"}', ["0 noise"]),
        # what stands inside other JSON
        (b'{"error":' + PLAIN + b"}", ["0.0 INSIDE_OTHER_JSON"]),
        (b'{"events":[' + PLAIN + b"," + PLAIN + b"]}", ["0.0 INSIDE_OTHER_JSON", "0.1 INSIDE_OTHER_JSON"]),
        (b'{"error":{"status":500,"path":"/v1","errorCode":"x"}}', ["0 noise"]),
        (b'{"error":"' + QUOTED + b'"}', ["0 noise"]),
        (b'"' + QUOTED + b'"', ["0 noise"]),
        (b'input was "' + QUOTED, ["0 noise"]),
        # an envelope that was cut: its quoted telemetry is not lost without a word
        (b'{"log":"' + QUOTED + b'\\n","stream":"std', ["0.0 TRUNCATED"]),
        (b'{"log":"torn{"log":"' + QUOTED + b'\\n","stream":"stderr","time":"x"}', ["0.0 TRUNCATED"]),
        (b'{"log":"torn', ["0 noise"]),
        (b"", ["0 noise"]),
    ],
)
def test_records_of_one_line(text: bytes, expected: list[str]) -> None:
    outcomes, parser = parse([text + b"\n"])
    assert summary(outcomes) == expected
    assert parser.lines == 1


@pytest.mark.parametrize(
    ("raw", "claims"),
    [
        (line(path="openai", jobId=""), True),
        (line(path="stub", jobId=""), False),
        (line(path="OpenAI"), True),
        (line(path="openai", jobId="").replace(b'"path":"openai"', b'"path" : "\\u006fpenai"'), True),
        (line(jobId="").replace(b'"path"', b'"path":"openai","path"'), True),
        (b'{"error":' + line(path="openai") + b"}", True),
        (TRUNCATED.replace(b"stub", b"openai"), True),
        (TRUNCATED[: TRUNCATED.index(b'"stub"')] + b'"ope', True),
        (TRUNCATED[: TRUNCATED.index(b'"stub"')] + b'"st', False),
        (b'{"log":"' + QUOTED.replace(b"stub", b"openai"), True),
    ],
)
def test_quarantined_text_that_says_path_openai_claims_it(raw: bytes, claims: bool) -> None:
    (outcome,) = parse([raw])[0]
    assert isinstance(outcome, Quarantined)
    assert outcome.claims_openai is claims


def test_what_is_kept_is_bounded_and_holds_no_key() -> None:
    key = b"sk-abcdefghijklmnop"
    (quarantined,) = parse([line(jobId=7, executorVersion="x" * 9000 + key.decode())])[0]
    assert isinstance(quarantined, Quarantined)
    assert len(quarantined.raw) == RAW_LIMIT
    (quarantined,) = parse([line(jobId=7, executorVersion=key.decode())])[0]
    assert isinstance(quarantined, Quarantined)
    assert key not in quarantined.raw
    for text in (b"key " + key, b"x" * (SAMPLE_LIMIT - 8) + b" " + key, b"\x1b[1m" + key + b'"path"'):
        (noise,) = parse([text])[0]
        assert isinstance(noise, Noise)
        assert b"sk-" not in noise.raw
        assert len(noise.raw) <= SAMPLE_LIMIT


def test_impossible_records_are_accepted_and_say_why() -> None:
    (outcome,) = parse([line(path="openai", status="STUB")])[0]
    assert isinstance(outcome, Accepted)
    assert outcome.contradiction == "path openai with status STUB"
    (outcome,) = parse([PLAIN])[0]
    assert isinstance(outcome, Accepted)
    assert outcome.contradiction is None


def test_single_messages_can_be_handed_over() -> None:
    message = Message(b"x" + PLAIN, 5, "stderr", "c", "id")
    (outcome,) = outcomes_of(message, 77)
    assert isinstance(outcome, Accepted)
    assert (outcome.offset, outcome.index, outcome.time_ns) == (77, 0, 5)
    assert (outcome.stream, outcome.container, outcome.native_id) == ("stderr", "c", "id")


class TestLongLines:
    """Lines of more than a mebibyte: bounded memory, nothing lost without a word, nothing twice."""

    FILLER = b"x" * LINE_LIMIT

    @pytest.mark.parametrize("shift", [-200, -143, -100, -20, -1, 0, 1, 143])
    @pytest.mark.parametrize("around", [0, LINE_LIMIT - (1 << 16)])
    def test_records_are_found_wherever_the_stretches_end(self, shift: int, around: int) -> None:
        filler = b"x" * (LINE_LIMIT - around + shift)
        source = filler + PLAIN + self.FILLER * 2 + line(jobId="j2") + TRUNCATED + b"\n" + PLAIN + b"\n"
        whole, parser = parse([source])
        behind = source.index(b"\n") + 1
        assert summary(whole) == ["0.0 job-1", "0.1 j2", "0.2 TRUNCATED", f"{behind}.0 job-1"]
        assert parser.lines == 2
        assert whole == parse(source[at : at + 65_537] for at in range(0, len(source), 65_537))[0]

    @pytest.mark.parametrize("size", [LINE_LIMIT - 1, LINE_LIMIT, LINE_LIMIT + 1, LINE_LIMIT + 2])
    @pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
    def test_about_the_limit(self, size: int, end: bytes) -> None:
        source = b" " * (size - len(PLAIN)) + PLAIN + end
        outcomes, parser = parse([source[:5], source[5:]])
        assert summary(outcomes) == ["0.0 job-1"]
        assert parser.lines == 1
        assert parser.safe_offset == (len(source) if end else 0)

    def test_a_record_too_long_to_hold_is_quarantined_once(self) -> None:
        huge = line(path="openai", jobId="j" * 3 * LINE_LIMIT)
        (outcome,) = parse([huge])[0]
        assert isinstance(outcome, Quarantined)
        assert outcome.cause is Cause.LINE_TOO_LONG
        assert outcome.raw == huge[:RAW_LIMIT]
        assert outcome.claims_openai
        assert summary(parse([huge + PLAIN])[0]) == ["0.0 LINE_TOO_LONG", "0.1 job-1"]

    def test_marks_far_apart_still_count(self) -> None:
        text = b'{"executorVersion":"x",' + b" " * 3 * LINE_LIMIT + b'"jobId":"j"}'
        assert summary(parse([text])[0]) == ["0.0 LINE_TOO_LONG"]

    def test_an_envelope_too_long_to_read_is_quarantined_once(self) -> None:
        log = PLAIN.decode() + "x" * 2 * LINE_LIMIT + "\n"
        envelope = json.dumps({"log": log, "stream": "stderr", "time": "2026-11-21T02:22:54Z"}).encode()
        assert summary(parse([envelope])[0]) == ["0.0 LINE_TOO_LONG"]
        assert summary(parse([envelope.replace(b"jobId", b"other")])[0]) == ["0 noise"]

    def test_the_transport_before_it_is_known(self) -> None:
        source = CRI + b"F " + self.FILLER + PLAIN + b"\n"
        (outcome,) = parse([source])[0]
        assert isinstance(outcome, Accepted)
        assert outcome.stream == "stderr"
        assert outcome.time_ns is not None

    def test_ten_megabytes_of_pieces_are_one_line(self) -> None:
        piece = CRI + b"P " + b"x" * 16_384 + b"\n"
        source = piece * 640 + CRI + b"F tail " + PLAIN + b"\n"
        outcomes, parser = parse([source])
        assert summary(outcomes) == ["0.0 job-1"]
        assert (parser.lines, parser.joined_pieces) == (641, 640)

    def test_pieces_that_are_long_themselves(self) -> None:
        cut = PLAIN.index(b"status")
        source = (
            CRI + b"P " + self.FILLER + PLAIN[:cut] + b"\n" + CRI + b"F " + PLAIN[cut:] + self.FILLER + b"\n"
        )
        outcomes, parser = parse([source])
        assert summary(outcomes) == ["0.0 job-1"]
        assert parser.joined_pieces == 1
