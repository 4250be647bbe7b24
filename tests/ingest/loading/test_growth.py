"""A file that grew, lost its beginning or ends within a line: only what is new is added, each line once."""

import os
from pathlib import Path

from ingest.loading.load import load
from ingest.progress import HowFar
from ingest.store import TelemetryStore
from tests.ingest.loading.loads import load_from, numbers, only
from tests.ingest.stored import CRI, cri, record, stored_jobs


def test_only_what_a_file_grew_by_is_added(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    for length in (1, 2, 50, 51, 3_000):
        path.write_bytes(b"") if length == 1 else None
        held = len(stored_jobs(store))
        with path.open("ab") as file:
            file.write(cri(*range(held, length)))
        summary = load_from(store, path)
        assert numbers(summary) == (length, length - held, held, 0)
    assert stored_jobs(store) == sorted(f"job-{number}" for number in range(3_000))


def test_a_last_line_without_newline_counts_now(store: TelemetryStore, tmp_path: Path) -> None:
    """Cut at every length of the second line, each in a file of its own."""
    spool = tmp_path / "spool"
    spool.mkdir()
    first, second = len(cri(1)), len(cri(1, 2))
    for length in range(first, second + 1):
        (spool / f"{length:04}.log").write_bytes(cri(1, 2)[:length])
    sources = load_from(store, spool, spool=spool).sources
    found = [(one.counts.lines, one.counts.accepted, one.counts.quarantined) for one in sources]
    assert found[0] == (1, 1, 0)
    assert found[-2:] == [(2, 2, 0)] * 2  # whole, but for the newline
    begun = found.index((2, 1, 1))  # enough of a record to be one, cut
    assert found[1:begun] == [(2, 1, 0)] * (begun - 1)
    assert found[begun:-2] == [(2, 1, 1)] * (len(found) - begun - 2)


def test_a_last_line_without_newline_comes_right_later(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    text = cri(1, 2, 3)
    seen = set()
    first, second = len(cri(1)), len(cri(1, 2))
    steps = (*range(first - 3, first + 4), *range(first + 4, second - 4, 40), *range(second - 4, second + 4))
    for length in (*steps, len(text) - 1, len(text)):
        with path.open("ab") as file:
            file.write(text[file.tell() : length])
        summary = load_from(store, path)
        seen.add((summary.counts.lines, len(stored_jobs(store)), summary.counts.quarantined))
    assert numbers(summary) == (3, 0, 3, 0)
    assert stored_jobs(store) == ["job-1", "job-2", "job-3"]
    assert (2, 2, 0) in seen  # whole, but for the newline
    assert (2, 1, 1) in seen  # cut: quarantined for now
    with store.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM quarantine").fetchall() == [(0,)]


def test_pieces_of_a_line_wait_for_the_rest_over_loads(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    text = record(7)
    path.write_bytes((CRI % ("F", record(6)) + CRI % ("P", text[:70])).encode())
    assert load_from(store, path).counts.quarantined == 1
    with path.open("a") as file:
        file.write(CRI % ("P", text[70:80]))
    load_from(store, path)
    with path.open("a") as file:
        file.write(CRI % ("F", text[80:]) + CRI % ("F", record(8)))
    summary = load_from(store, path)
    assert (summary.counts.lines, summary.counts.joined_pieces, summary.counts.quarantined) == (5, 2, 0)
    assert stored_jobs(store) == ["job-6", "job-7", "job-8"]


def test_a_file_begun_anew_is_a_new_generation(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(cri(1, 2, 3))
    load_from(store, path)
    os.truncate(path, 0)
    load_from(store, path)
    with path.open("ab") as file:
        file.write(cri(4))
    shorter = only(load_from(store, path))
    assert (shorter.state, shorter.generation, shorter.accepted) == ("restarted", 1, 1)
    with path.open("r+b") as file:
        file.write(cri(5, 6, 7, 8, 9))
    assert only(load_from(store, path)).generation == 2
    assert stored_jobs(store) == [f"job-{number}" for number in range(1, 10)]


def test_a_file_may_grow_while_it_is_read(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(cri(*range(60_000)))
    more = iter(range(60_000, 60_500))

    def grows(far: HowFar) -> None:
        if (number := next(more, None)) is not None:
            with path.open("ab") as file:
                file.write(cri(number))

    assert load(store, [path], None, grows).is_balanced
    assert load_from(store, path).counts.accepted == len(set(stored_jobs(store))) == len(stored_jobs(store))
