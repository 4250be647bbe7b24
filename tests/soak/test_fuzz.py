"""A million fuzzed lines: no crash, none wrongly accepted or refused, the load like the reference."""

import secrets
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from tests.ingest.fuzz.agreeing import (
    assert_as_the_oracle_says,
    assert_nothing_is_made_up,
    assert_stored,
    by_reference,
)
from tests.ingest.fuzz.sources import damaged, mixed, provable

LINES, LINES_A_SOURCE = 500_000, 20_000


@pytest.mark.parametrize("seed", [7, None])
def test_half_a_million_lines(seed: int | None, tmp_path: Path) -> None:
    """Each; without a seed, with one that was never seen before."""
    seed = secrets.randbits(32) if seed is None else seed
    print(f"\nseed {seed}")
    lines, found = 0, Counter[str]()
    while lines < LINES:
        draw = Random(f"{seed} {lines}")
        kind = draw.choice((provable, provable, mixed, mixed, damaged))
        source = kind(draw, LINES_A_SOURCE)
        read = by_reference(source.data)
        judge = assert_nothing_is_made_up if kind is damaged else assert_as_the_oracle_says
        found += judge(source, read)
        with TemporaryDirectory(dir=tmp_path) as folder:
            assert_stored(source.data, read, Path(folder))
        lines += source.lines
    print(f"{lines:,} lines:", ", ".join(f"{kind} {count:,}" for kind, count in found.most_common()))
