from hypothesis import given
from hypothesis import strategies as st

from ingest.lines import LINE_LIMIT, LineSplitter, Part


def split(*blocks: bytes) -> tuple[list[tuple[Part, int, bytes]], LineSplitter]:
    splitter = LineSplitter()
    parts = [part for block in blocks for part in splitter.feed(block)]
    return parts + list(splitter.finish()), splitter


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n", b"\x00", b"bc", b""]), max_size=20))
def test_lines_are_those_of_the_whole(blocks: list[bytes]) -> None:
    whole = b"".join(blocks)
    expected, at = [], 0
    for text in whole.split(b"\n"):
        if at < len(whole):
            expected.append((Part.WHOLE, at, text.removesuffix(b"\r")))
        at += len(text) + 1
    parts, splitter = split(*blocks)
    assert parts == expected
    assert splitter.offset == len(whole)


def test_a_long_line_comes_in_parts() -> None:
    text = b"x" * (LINE_LIMIT + 5)
    parts, splitter = split(b"a\n" + text + b"\nb\n")
    assert [(part, offset, len(piece)) for part, offset, piece in parts] == [
        (Part.WHOLE, 0, 1),
        (Part.HEAD, 2, LINE_LIMIT),
        (Part.MORE, 2, 5),
        (Part.END, 2, 0),
        (Part.WHOLE, 2 + len(text) + 1, 1),
    ]
    assert splitter.offset == len(text) + 5


def test_a_line_without_end_is_passed_on_not_kept() -> None:
    splitter = LineSplitter()
    block = b"x" * 65_536
    passed = sum(len(text) for _ in range(160) for _, _, text in splitter.feed(block))
    assert passed == 160 * len(block)
    assert splitter.offset == 0
    assert [part for part, _, _ in splitter.finish()] == [Part.END]
    assert splitter.offset == passed
