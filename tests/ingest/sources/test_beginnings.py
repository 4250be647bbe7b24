"""A file is compared with few sources, and with every one that it may be a copy of."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.beginnings import LENGTHS, Beginnings, digest_of_beginning, within
from ingest.sources.identity import PAGE, Prefix

TEXTS = st.lists(
    st.tuples(st.sampled_from([b"a", b"b"]), st.sampled_from([1, 100, *LENGTHS])), max_size=4
).map(lambda parts: b"".join(byte * count for byte, count in parts))


@dataclass(frozen=True)
class Text:
    """A source that holds `text`; `known` of its beginnings are."""

    source_id: int
    text: bytes
    known: int = len(LENGTHS)
    first_line: bytes | None = b"same"

    @property
    def beginnings(self) -> tuple[bytes, ...]:
        lengths = [length for length in LENGTHS if length <= len(self.text)][: self.known]
        return tuple(digest_of_beginning(self.text[:length]) for length in lengths)


def found(texts: list[Text], file: bytes) -> set[int]:
    return {one.source_id for one in Beginnings(texts).like(b"same", lambda count: file[:count])}


@given(st.lists(st.tuples(TEXTS, st.integers(0, len(LENGTHS)))), TEXTS)
def test_whoever_begins_with_the_other_is_found(sources: list[tuple[bytes, int]], file: bytes) -> None:
    texts = [Text(number, text, known) for number, (text, known) in enumerate(sources)]
    related = {one.source_id for one in texts if one.text.startswith(file) or file.startswith(one.text)}
    assert related <= found(texts, file)


def test_of_many_that_begin_alike_few_are_found() -> None:
    banner = b"x" * (LENGTHS[0] - 1)
    texts = [Text(number, banner + b"%3d" % number * 2_000) for number in range(500)]
    for file in (texts[7].text, texts[7].text[:300], texts[7].text + b"more"):
        assert len(found(texts, file)) <= 100
        assert 7 in found(texts, file)
    assert found(texts, texts[7].text[: LENGTHS[1]]) == {7}
    assert found(texts, banner) == set(range(500))
    assert found([Text(1, banner, first_line=b"other")], banner) == set()


def test_a_source_moves_with_what_becomes_known_of_it() -> None:
    short, long = Text(1, b"x" * 100), Text(1, b"x" * 300)
    sources = Beginnings([short])
    sources.leave_out(short)
    sources.put(long)
    assert [one.text for one in sources.like(b"same", lambda count: b"x" * count)] == [long.text]
    assert list(sources.like(b"same", lambda count: b"y" * count)) == []


@given(st.lists(st.integers(0, 20_000), max_size=6))
def test_a_prefix_knows_its_beginnings_however_it_is_read(cuts: list[int]) -> None:
    data = bytes(range(256)) * 300
    expected = tuple(digest_of_beginning(data[:length]) for length in LENGTHS)
    prefix = Prefix()
    for cut in sorted({*cuts, len(data)}):
        prefix.update(data[prefix.offset : cut])
        assert prefix.beginnings == within(expected, cut)
    again = Prefix.resumed(prefix.mark(), data)
    assert again is not None
    assert again.beginnings == expected


def test_a_prefix_taken_up_behind_the_first_page_knows_none() -> None:
    data = b"x" * (3 * PAGE)
    prefix = Prefix()
    prefix.update(data)
    mark = prefix.mark()
    again = Prefix.resumed(mark, data[mark.anchor : mark.offset])
    assert again is not None
    assert again.beginnings == ()
