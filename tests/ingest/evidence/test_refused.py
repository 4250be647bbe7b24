"""Quarantined records: which belong to the window, by their time or by their neighbours."""

import os
from collections.abc import Callable

import pytest

from tests.ingest.evidence.homes import SECOND, START, Home, in_force, stub

BROKEN = stub("x", after_s=60).replace('"latencyMs":100', '"latencyMs":-1')
CLAIMS = BROKEN.replace('"path":"stub"', '"path":"openai"')


def untimed(text: str) -> str:
    return text.split(" F ")[1]


def invalid(home: Home, revision: int = 1) -> tuple[int, int]:
    found = home.ask(revision)
    assert found.verification.schema_invalid == found.invalid
    return found.invalid, found.invalid_openai


def test_by_its_time(make_home: Callable[..., Home]) -> None:
    home = make_home(in_force(1), in_force(2, 100))
    home.put([BROKEN, CLAIMS, CLAIMS])
    assert invalid(home, 2) == (0, 0)
    found = home.ask(1, until_ns=START + 100 * SECOND)
    assert (found.invalid, found.invalid_openai) == (3, 2)


def test_imported_ones_count_by_their_time_alone(home: Home) -> None:
    home.put([BROKEN, untimed(CLAIMS)], "imported.log")
    assert invalid(home) == (1, 0)


@pytest.mark.parametrize(
    ("before", "after", "counted"),
    [
        ((), (), 1),
        ((50,), (), 1),
        ((), (50,), 0),
        ((40,), (50,), 0),
        ((150,), (), 1),
        ((), (150,), 1),
        ((50,), (150,), 1),
        ((150,), (50,), 1),
        ((50, 150), (50,), 1),
    ],
)
def test_without_a_time_unless_a_neighbour_shows_that_it_is_older(
    make_home: Callable[..., Home], before: tuple[int, ...], after: tuple[int, ...], counted: int
) -> None:
    home = make_home(in_force(1), in_force(2, 100))
    lines = [stub(f"job {n}", after_s=n) for n in before]
    home.put([*lines, untimed(CLAIMS), *(stub(f"job {n}", after_s=n) for n in after)])
    assert invalid(home, 2) == (counted, counted)


def test_without_a_time_in_a_file_that_was_written_before(home: Home) -> None:
    raw = home.folder / "spool" / "raw.log"
    raw.write_text(untimed(CLAIMS))
    os.utime(raw, ns=(START - 1, START - 1))
    home.put([], "spool/raw.log")
    assert invalid(home) == (0, 0)
    home.put("a line of something else\n", "spool/raw.log")
    assert invalid(home) == (1, 1), "written since, by whom nobody knows"
