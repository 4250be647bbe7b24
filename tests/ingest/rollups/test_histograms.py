"""Histograms added up in arrays are the same, counted one after the other."""

from collections import Counter, defaultdict

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.rollups.histograms import Histograms, histograms, regrouped
from ingest.rollups.latency_buckets import BUCKETS, value_of

Group = tuple[str, int | None]
PIECE = st.dictionaries(st.integers(0, BUCKETS - 1), st.integers(-3, 9).filter(bool), max_size=5)
GROUP = st.tuples(st.sampled_from("ab"), st.sampled_from([None, 1, 2]))
PIECES = st.lists(st.tuples(GROUP, PIECE), max_size=8)
AT_EDGES = st.lists(st.tuples(GROUP, st.sampled_from([0.0, 0.25, 7.0, 8_000.0])), max_size=8)
_SCHEMA = pa.schema(
    {
        "path": pa.string(),
        "bin": pa.int64(),
        "buckets": pa.list_(pa.int16()),
        "counts": pa.list_(pa.int64()),
        "latency_ms": pa.float64(),
    }
)


def table(pieces: list[tuple[Group, dict[int, int]]], at_edges: list[tuple[Group, float]]) -> pa.Table:
    rolled = [(*group, list(piece), list(piece.values()), None) for group, piece in pieces]
    rows = [*rolled, *((*group, None, None, latency_ms) for group, latency_ms in at_edges)]
    return pa.Table.from_pylist([dict(zip(_SCHEMA.names, row, strict=True)) for row in rows], _SCHEMA)


def one_by_one(
    pieces: list[tuple[Group, dict[int, int]]], at_edges: list[tuple[Group, float]]
) -> dict[Group, list[tuple[float, int]]]:
    found: Counter[tuple[Group, float]] = Counter()
    of_buckets: Counter[tuple[Group, int]] = Counter()
    for group, piece in pieces:
        for bucket, lines in piece.items():
            of_buckets[group, bucket] += lines
    for (group, bucket), lines in of_buckets.items():
        found[group, float(value_of(pa.array([bucket]).to_numpy())[0])] += lines
    for group, latency_ms in at_edges:
        found[group, latency_ms] += 1
    grouped: dict[Group, list[tuple[float, int]]] = defaultdict(list)
    for (group, ms), lines in sorted(found.items(), key=lambda one: one[0][1]):
        grouped[group].extend([(ms, lines)] if lines else [])
    return {group: latencies for group, latencies in grouped.items() if latencies}


def spelled(found: Histograms) -> dict[Group, list[tuple[float, int]]]:
    groups = [(one["path"], one["bin"]) for one in found.groups.to_pylist()]
    return {group: found.of(number) for number, group in enumerate(groups)}


@example([(("a", None), {0: -1})], [(("a", None), 0.0)])
@given(PIECES, AT_EDGES)
def test_pieces_are_added_up_by_group(
    pieces: list[tuple[Group, dict[int, int]]], at_edges: list[tuple[Group, float]]
) -> None:
    assert spelled(histograms(table(pieces, at_edges))) == one_by_one(pieces, at_edges)


def test_more_groups_than_a_table_of_cells_has_room_for_are_added_up_alike() -> None:
    pieces: list[tuple[Group, dict[int, int]]] = [
        (("a", number % 3_100), {number % 40: 1, 40 + number % 9: 2}) for number in range(4_000)
    ]
    assert spelled(histograms(table(pieces, []))) == one_by_one(pieces, [])


@given(PIECES.map(lambda pieces: [(group, {b: abs(n) for b, n in piece.items()}) for group, piece in pieces]))
def test_ranks_are_those_of_the_lines(pieces: list[tuple[Group, dict[int, int]]]) -> None:
    found = histograms(table(pieces, []))
    for number, (_, latencies) in enumerate(spelled(found).items()):
        lines = [ms for ms, count in latencies for _ in range(count)]
        assert found.runs[number] == len(lines)
        assert found.longest[number] == lines[-1]
        for percent in (1, 50, 95, 99, 100):
            assert found.nearest_rank(percent)[number] == lines[-(-len(lines) * percent // 100) - 1]


@given(PIECES, AT_EDGES)
def test_groups_put_together_are_one(
    pieces: list[tuple[Group, dict[int, int]]], at_edges: list[tuple[Group, float]]
) -> None:
    positive = [(group, {b: abs(n) for b, n in piece.items()}) for group, piece in pieces]
    found = histograms(table(positive, at_edges))
    by_path = regrouped(found, found.groups.select(["path"]))
    together: Counter[tuple[str, float]] = Counter()
    for (path, _), latencies in one_by_one(positive, at_edges).items():
        for ms, lines in latencies:
            together[path, ms] += lines
    assert {
        (path, ms): lines
        for number, path in enumerate(by_path.groups["path"].to_pylist())
        for ms, lines in by_path.of(number)
    } == dict(together)
