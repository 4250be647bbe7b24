"""A slice of the million fuzzed lines of `make soak`: the reference, the load and the oracle agree."""

from pathlib import Path
from random import Random

from tests.ingest.fuzz.agreeing import (
    assert_as_the_oracle_says,
    assert_nothing_is_made_up,
    assert_stored,
    by_reference,
)
from tests.ingest.fuzz.sources import damaged, mixed, provable

LINES = 1_000


def test_lines_that_are_proven_in_bulk(tmp_path: Path) -> None:
    source = provable(Random(20261121), LINES)
    read = by_reference(source.data)
    assert assert_as_the_oracle_says(source, read)["accepted"] > LINES / 5
    assert_stored(source.data, read, tmp_path)


def test_lines_of_all_transports_and_in_pieces(tmp_path: Path) -> None:
    source = mixed(Random(20261122), LINES)
    read = by_reference(source.data)
    assert assert_as_the_oracle_says(source, read)["accepted"] > LINES / 5
    assert_stored(source.data, read, tmp_path)


def test_lines_whose_transport_is_damaged(tmp_path: Path) -> None:
    source = damaged(Random(20261123), LINES)
    read = by_reference(source.data)
    assert assert_nothing_is_made_up(source, read)["accepted"] > LINES / 10
    assert_stored(source.data, read, tmp_path)
