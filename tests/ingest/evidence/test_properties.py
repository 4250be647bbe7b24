"""What must change nothing in the evidence, and what must change exactly one thing."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from gates.verdict.evidence import Evidence
from tests.ingest.evidence.homes import Home, history, in_force, line, removed, stub
from tests.ingest.store_from_template import open_store

_JOBS = st.sampled_from([f"job {n}" for n in range(8)] + ["probe:1"])
_TIMES = st.integers(1, 3_000)
_LINES = st.one_of(
    st.builds(stub, _JOBS, st.sampled_from([None, "KILL_SWITCH", "ROLLOUT_EXCLUDED", "NEW"]), _TIMES),
    st.builds(
        line,
        _JOBS,
        _TIMES,
        st.just("openai"),
        st.sampled_from([None, None, "OPENAI_HTTP_ERROR", "KILL_SWITCH"]),
        st.sampled_from([None, None, "STUB"]),
        st.sampled_from(["v1", "v2"]),
        st.sampled_from([0, 5, 5.5, 700, 2_000_000]),
    ),
    st.just(stub("broken", after_s=50).replace('"v1"', '"v2"')),
)
_LOGS = st.lists(_LINES, max_size=30)
_CONTROLS = (in_force(1), removed(1, 900), in_force(1, 1_000), in_force(2, 2_000))
_BUDGET = 500.0


@contextmanager
def _home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "spool").mkdir()
        with open_store(Path(folder) / "telemetry.duckdb") as store:
            yield Home(Path(folder), store, history(*_CONTROLS))


def _ask(home: Home) -> tuple[Evidence, Evidence]:
    return home.ask(1, budget_p50_ms=_BUDGET), home.ask(2, budget_p50_ms=_BUDGET)


def _placeless(evidence: Evidence) -> Evidence:
    """Without what is told source by source: of a kill, and of clocks, each source having one of its own."""
    return replace(evidence, kill=evidence.kill and replace(evidence.kill, sources=()), clocks=())


def _said_of_jobs(evidence: Evidence) -> list[object]:
    return [
        evidence.jobs,
        evidence.stub_jobs,
        evidence.units,
        evidence.versions,
        evidence.hours,
        evidence.model_hours,
        evidence.last_line_ns,
        evidence.sample,
        evidence.opt_in_share,
        {(one.path, one.status, one.error_code, one.jobs) for one in evidence.outcomes},
        {code for code, _ in evidence.unknown_codes},
    ]


def _neither_the_order_of_arrival_nor_splitting_a_file_changes_anything(
    whole: tuple[Evidence, Evidence], shuffled: list[str], cut: int
) -> None:
    with _home() as home:
        home.put(shuffled[:cut], "spool/0.log")
        home.put(shuffled[cut:], "spool/1.log")
        home.put([], "spool/empty.log")
        parts = _ask(home)
    for one, other in zip(whole, parts, strict=True):
        assert _placeless(one) == _placeless(other)


def _a_line_that_is_there_twice_changes_no_number_of_jobs(
    whole: tuple[Evidence, Evidence], twice: list[str]
) -> None:
    with _home() as home:
        home.put(twice)
        for one, other in zip(whole, _ask(home), strict=True):
            assert _said_of_jobs(one) == _said_of_jobs(other)


def _a_file_that_is_loaded_again_or_copied_changes_nothing(home: Home, before: Evidence) -> Evidence:
    home.put([])
    assert home.ask(1, budget_p50_ms=_BUDGET) == before
    (home.folder / "spool" / "copy.log").write_bytes((home.folder / "spool" / "a.log").read_bytes())
    home.put([], "spool/copy.log")
    after = home.ask(1, budget_p50_ms=_BUDGET)
    assert _said_of_jobs(after) == _said_of_jobs(before)
    return after


def _one_more_failed_job_is_exactly_one_more(home: Home, before: Evidence) -> None:
    home.put(line("another", 500, code="OPENAI_HTTP_ERROR"))
    after = home.ask(1, budget_p50_ms=_BUDGET)
    assert (after.units.jobs, after.units.failed) == (before.units.jobs + 1, before.units.failed + 1)
    assert (after.units.completed, after.jobs, after.lines) == (
        before.units.completed,
        before.jobs + 1,
        before.lines + 1,
    )
    assert after.digest != before.digest


def _the_numbers_agree_with_counting_line_by_line(home: Home, found: Evidence) -> None:
    """Against the definition, over the rows as they are stored."""
    with home.store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT executor_version, job_id, path, status, latency_ms, contradiction IS NOT NULL, step "
            "FROM telemetry WHERE revision = 1 AND (path = 'openai' OR job_id NOT LIKE 'probe:%')"
        ).fetchall()
    live = [row for row in rows if row[2] == "openai" and row[6] == "expand-50"]
    failed = {row[:2] for row in live if row[3] == "FAILED"}
    completed = {row[:2] for row in live if row[3] == "COMPLETED" and not row[5]}
    slow = {row[:2] for row in live if row[3] == "COMPLETED" and not row[5] and row[4] > _BUDGET}
    units = found.units
    assert (units.jobs, units.failed) == (len(failed | completed), len(failed))
    assert (units.completed, units.over_p50) == (len(completed), len(slow))
    assert (found.lines, found.jobs) == (len(rows), len({row[1] for row in rows}))
    latencies = sorted(row[4] for row in live if row[3] == "COMPLETED" and not row[5])
    assert found.percentiles.count == len(latencies)
    for percentile, share in ((found.percentiles.p50, 50), (found.percentiles.p95, 95)):
        rank = -(-len(latencies) * share // 100)
        assert percentile == (latencies[rank - 1] if latencies else None)


@settings(max_examples=6)
@given(log=_LOGS, order=st.randoms(use_true_random=False), cut=st.integers(0, 30), again=st.data())
def test_what_holds_of_any_log(log: list[str], order: Random, cut: int, again: st.DataObject) -> None:
    """Of one example each: to store it costs more than what is asked of it."""
    shuffled = list(log)
    order.shuffle(shuffled)
    with _home() as home:
        home.put(log)
        whole = _ask(home)
        _the_numbers_agree_with_counting_line_by_line(home, whole[0])
        copied = _a_file_that_is_loaded_again_or_copied_changes_nothing(home, whole[0])
        _one_more_failed_job_is_exactly_one_more(home, copied)
    _neither_the_order_of_arrival_nor_splitting_a_file_changes_anything(whole, shuffled, cut)
    _a_line_that_is_there_twice_changes_no_number_of_jobs(
        whole, [text for text in log for _ in range(again.draw(st.integers(1, 2)))]
    )
