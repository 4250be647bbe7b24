"""Many more worlds for the gate audit, every order of arrival, and very many findings in one load."""

from collections import Counter
from pathlib import Path

from hypothesis import settings

from tests.ingest.gate_audit.test_auditing import any_order_of_arrival, arrivals
from tests.ingest.gate_audit.worlds import Disk, World, event, line

test_any_order_of_arrival = settings(max_examples=2_000)(arrivals(any_order_of_arrival))

JOBS = 140_000
"""More than a row group of DuckDB."""


def test_as_many_contradictions_as_jobs(tmp_path: Path) -> None:
    lines = tuple(
        line(600_000 + number, f"job-{number}", outcome)
        for number in range(JOBS)
        for outcome in (("openai", "COMPLETED", None), ("stub", "STUB", "ROLLOUT_EXCLUDED"))
    )
    disk = Disk(tmp_path, World(events=(event("effective", 0, 1),), files=(lines,), told=()))
    disk.grow((1.0, 1.0, 1.0))
    disk.load()
    assert Counter(code for _, _, code, _, _ in disk.found())["INCONSISTENT_DECISION"] == 2 * JOBS
