"""One pass over a window: what it counts is what counting line by line gives."""

import hashlib
import json
from collections import Counter, defaultdict

import duckdb
import pytest

from ingest.evidence.digest import HASHED, digest_of
from ingest.evidence.moments import LAST_LINES
from ingest.evidence.tally import Group, Hour, Tally
from ingest.recent_jobs import HOUR_NS
from tests.ingest.evidence.homes import Home, line, stub

GROUP = Group(
    managed=True,
    is_probe=False,
    executor_version="v1",
    path="openai",
    status="COMPLETED",
    error_code=None,
    contradicted=False,
    removed=False,
    over_p50=False,
    over_p95=False,
    lines=2,
    first_ns=1,
    last_ns=2,
    verifying=2,
    hashed=5,
)


def hour(number: int | None, lines: int, *, to_model: bool = True) -> Hour:
    return Hour(managed=True, is_probe=False, to_model=to_model, hour=number, lines=lines, last_ns=None)


@pytest.mark.parametrize(
    ("hours", "since"),
    [
        ((), None),
        (((9, 199),), None),
        (((9, 200),), 9),
        (((9, 199), (7, 1), (5, 1_000)), 7),
        (((None, 1_000), (9, 10)), None),  # lines without a time come last, and only where others are few
        (((0, 1_000),), None),  # of the hour before 1970 some are older than its number says
    ],
)
def test_the_newest_lines_are_looked_for_where_they_are(
    hours: tuple[tuple[int | None, int], ...], since: int | None
) -> None:
    tally = Tally((), tuple(hour(*one) for one in hours))
    assert tally.newest_since_ns(LAST_LINES) == (None if since is None else since * HOUR_NS)


def test_hours_that_are_not_chosen_are_not_counted() -> None:
    tally = Tally((), (hour(9, 1_000, to_model=False), hour(8, 150), hour(7, 50)))
    assert tally.newest_since_ns(LAST_LINES, lambda one: one.to_model) == 7 * HOUR_NS


@pytest.mark.parametrize("job", ["a", "job 1", "ä🙂", "x" * 200])
@pytest.mark.parametrize("time", [None, -1, 0, 1_790_000_000_123_456_789])
@pytest.mark.parametrize("latency", [0.0, 0.1, 5.5, 1e300])
def test_a_line_hashes_to_half_of_its_md5(job: str, time: int | None, latency: float) -> None:
    """As `md5_number_lower` of DuckDB 2.0 has it, which frozen evidence was named by."""
    query = f"SELECT {HASHED} FROM (SELECT ?::BIGINT AS line_time_ns, ? AS latency_ms, ? AS job_id)"
    found = duckdb.connect().execute(query, [time, latency, job]).fetchall()[0][0]
    text = f"{-1 if time is None else time} {round(min(latency, 4.6e12) * 1e6)} {job}"
    assert found == int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little")


def test_groups_of_one_outcome_are_one_sum() -> None:
    """Whether a line was slow, or contradicts itself, is no part of its name."""
    outcome = ("v1", "openai", "COMPLETED", None)
    split = Tally((GROUP, GROUP._replace(over_p50=True, lines=3, hashed=7)), ())
    assert digest_of(1, split.of_outcomes()) == digest_of(1, [(outcome, 5, 12)])
    assert digest_of(1, split.of_outcomes()) != digest_of(2, split.of_outcomes())
    imported = Tally((*split.groups, GROUP._replace(managed=False)), ())
    assert digest_of(1, imported.of_outcomes()) == digest_of(1, split.of_outcomes())


def test_the_digest_is_the_one_that_its_definition_gives(home: Home) -> None:
    home.put([line("a"), line("b", code="OPENAI_HTTP_ERROR"), stub("probe:1"), stub("c"), line("a", ms=0.5)])
    home.put(line("a"), "elsewhere.log")
    with home.store.cursor() as cursor:
        stored = cursor.execute(
            "SELECT executor_version, path, status, error_code, line_time_ns, latency_ms, job_id "
            "FROM telemetry WHERE source_id IN (SELECT source_id FROM source WHERE trust = 'managed')"
        ).fetchall()
    lines: Counter[tuple[object, ...]] = Counter()
    sums: dict[tuple[object, ...], int] = defaultdict(int)
    for *outcome, time, latency, job in stored:
        digest = hashlib.md5(f"{time} {round(latency * 1e6)} {job}".encode(), usedforsecurity=False).digest()
        lines[tuple(outcome)] += 1
        sums[tuple(outcome)] += int.from_bytes(digest[8:], "little")
    said = sorted(json.dumps((*outcome, lines[outcome], str(sums[outcome]))) for outcome in lines)
    text = "\n".join(("evidence-rows.v1", "1", *said))
    assert home.ask().digest == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_versions_in_use_are_those_of_the_newest_lines(home: Home) -> None:
    home.put([line(f"old {n}", 60, version="v1") for n in range(30)])
    home.put([line(f"new {n}", 4_000 + n, version="v2") for n in range(LAST_LINES)])
    assert {one.executor_version: one.in_use for one in home.ask().versions} == {"v1": False, "v2": True}
    home.put(line("again", 5_000, version="v1"))
    assert all(one.in_use for one in home.ask().versions)
