import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from ingest.columns import WORD
from ingest.combinations import numbered

ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["x", "y", "z"]), st.none()), min_size=1
)


def columns(rows: list[tuple[str | None, ...]], kind: pa.DataType) -> list[pa.Array]:
    return [pa.array(list(column), kind) for column in zip(*rows, strict=True)]


@given(ROWS)
def test_rows_have_the_same_number_where_they_say_the_same(rows: list[tuple[str | None, ...]]) -> None:
    numbers, first = numbered(columns(rows, pa.string()))
    assert [rows[first[number]] for number in numbers] == rows
    assert len(first) == len(set(rows))
    assert all(rows.index(rows[row]) == row for row in first.tolist())


@given(ROWS, ROWS)
def test_text_kept_as_words_is_the_same_text(
    rows: list[tuple[str | None, ...]], more: list[tuple[str | None, ...]]
) -> None:
    """Also where pieces with dictionaries of their own stand below each other."""
    pieces = zip(columns(rows, WORD), columns(more, WORD), strict=True)
    worded = [pa.chunked_array([piece, other]) for piece, other in pieces]
    found = [array.tolist() for array in numbered(worded)]
    plain = [array.tolist() for array in numbered(columns([*rows, *more], pa.string()))]
    assert sorted(found[1]) == sorted(plain[1])
    assert [found[1][number] for number in found[0]] == [plain[1][number] for number in plain[0]]
