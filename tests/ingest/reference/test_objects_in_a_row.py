"""Objects behind each other without a newline, as Firehose writes them: each is a line."""

from itertools import cycle

from hypothesis import given
from hypothesis import strategies as st

from ingest.lines import LINE_LIMIT, Part
from ingest.reference.parser import SourceParser
from ingest.transports.seams import OBJECT_LIMIT, ObjectSplitter
from tests.ingest.reference.test_reference import parse, summary
from tests.ingest.several import HEAD, MIDDLE, TAIL, cloudwatch, counts, cri, event, job
from tests.ingest.telemetry import PLAIN


def places(*lines: bytes) -> list[int]:
    """Where each of lines that follow each other begins."""
    return [sum(map(len, lines[:number])) for number in range(len(lines))]


class TestObjectsBehindEachOther:
    """As Firehose writes them, without a newline: each is a line."""

    def test_every_object_is_a_line_however_the_bytes_come(self) -> None:
        objects = [cloudwatch(event(job(f"j{n}"), n), event("é}{" * n, n)) for n in range(20)]
        data, at = b"".join(objects), places(*objects)
        expected = [f"{at[n]}.0 j{n}" for n in range(20)]
        for size in (1, 7, 1000, len(data)):
            outcomes, parser = parse(data[at : at + size] for at in range(0, len(data), size))
            assert summary(outcomes) == expected
            assert counts(parser) == (20, 20, 0, 0)

    def test_a_message_that_quotes_a_seam_is_not_cut(self) -> None:
        seam = '}{"messageType":"DATA_MESSAGE" }{'
        outcomes, _ = parse([cloudwatch(event(seam + job("a")), event(seam, 1), event(job("b"), 2))])
        assert summary(outcomes) == ["0.0 a", "0.1 b"]

    def test_a_file_of_many_mebibytes_without_a_newline(self) -> None:
        filler = cloudwatch(event("x" * 100_000))
        ends = cloudwatch(event(job("a"))), cloudwatch(event(job("b"), 1), event(job("c"), 2))
        objects = [ends[0], *[filler] * 15, *ends, *[filler] * 15, ends[1]]
        data, at = b"".join(objects) + b"\n" + PLAIN + b"\n", places(*objects, b"", b"\n")
        assert len(data) > 2 * LINE_LIMIT
        whole, parser = parse([data])
        found = [one for one in summary(whole) if "noise" not in one]
        assert found == [
            "0.0 a",
            f"{at[16]}.0 a",
            f"{at[17]}.0 b",
            f"{at[17]}.1 c",
            f"{at[33]}.0 b",
            f"{at[33]}.1 c",
            f"{len(data) - len(PLAIN) - 1}.0 job-1",
        ]
        assert counts(parser) == (35, 5, 30, 0)
        assert parser.safe_offset == len(data)
        assert whole == parse(data[at : at + 65_537] for at in range(0, len(data), 65_537))[0]

    def test_each_object_that_was_read_may_be_a_checkpoint(self) -> None:
        objects = [cloudwatch(event("x" * 400_000), event(job(f"j{n}"), n)) for n in range(5)]
        data = b"".join(objects)
        whole, _ = parse([data])
        parser = SourceParser()
        before = parser.feed(data)
        assert parser.safe_offset == places(*objects)[-1]
        after, _ = parse([data[parser.safe_offset :]], SourceParser(parser.safe_offset))
        assert before + after == whole

    def test_one_object_of_many_mebibytes(self) -> None:
        data = cloudwatch(*(event("x" * 100_000, n) for n in range(90)), event(job("a"), 90))
        assert len(data) > 8 << 20
        assert summary(parse([data])[0]) == ["0.0 a"]

    def test_an_object_beyond_the_limit_is_quarantined_and_the_next_is_read(self) -> None:
        filler = [event("x" * 1_000_000)] * (OBJECT_LIMIT // 1_000_000 + 1)
        objects = (
            cloudwatch(event(job("b"))),
            cloudwatch(*filler, event(job("a"))),
            cloudwatch(event(job("c"))),
        )
        whole, parser = parse([b"".join(objects)])
        _, second, third = places(*objects)
        assert summary(whole) == ["0.0 b", f"{second}.0 TRUNCATED", f"{third}.0 c"]
        assert counts(parser) == (3, 3, 0, 0)

    @given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.lists(st.integers(1, 40), min_size=1))
    def test_how_the_bytes_come_makes_no_difference(self, sizes: list[int], cuts: list[int]) -> None:
        objects = [b'{"a":' + b"}" * size + b"}" for size in sizes]
        splitter, found, rest = ObjectSplitter(b'{"a":', limit=30), [b""], b"".join(objects)
        for cut in cycle(cuts):
            pieces = [*splitter.feed(rest[:cut]), *(() if rest else splitter.finish())]
            for part, text in pieces:
                found[-1] += text
                assert len(text) <= 30 + 2 * 40
                if part in (Part.WHOLE, Part.END):
                    assert (part is Part.WHOLE) == (len(found[-1]) <= 30)
                    found.append(b"")
            if not rest:
                break
            rest = rest[cut:]
        assert found == [*objects, b""]

    def test_a_piece_in_a_long_line_goes_on_in_the_next(self) -> None:
        pad = cloudwatch(*(event("x" * 100_000) for _ in range(12)))
        begin = cloudwatch(event(cri("P", HEAD)))
        parser = SourceParser()
        assert summary(parser.feed(pad + begin + pad + b"\n")) == ["0 noise", f"{len(pad + begin)} noise"]
        assert parser.safe_offset == len(pad)
        rest = cloudwatch(event(cri("F", MIDDLE + TAIL))) + b"\n"
        assert summary(parser.feed(rest)) == [f"{len(pad)}.0 whole"]
        assert parser.finish() == []
        assert counts(parser) == (4, 1, 2, 1)
