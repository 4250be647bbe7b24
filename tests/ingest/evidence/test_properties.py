"""What must change nothing in the evidence, and what must change exactly one thing."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

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
# Each example makes a store on disk and loads files into it.
_FEW = settings(max_examples=6)


@contextmanager
def _home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "spool").mkdir()
        with open_store(Path(folder) / "telemetry.duckdb") as store:
            yield Home(Path(folder), store, history(*_CONTROLS))


def _ask(files: Sequence[Sequence[str]]) -> tuple[Evidence, Evidence]:
    with _home() as home:
        for number, lines in enumerate(files):
            home.put(lines, f"spool/{number}.log")
        home.put([], "spool/empty.log")
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


@_FEW
@given(log=_LOGS, order=st.randoms(use_true_random=False), cut=st.integers(0, 30))
def test_neither_the_order_of_arrival_nor_splitting_a_file_changes_anything(
    log: list[str], order: object, cut: int
) -> None:
    shuffled = list(log)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    whole, parts = _ask([log]), _ask([shuffled[:cut], shuffled[cut:]])
    for one, other in zip(whole, parts, strict=True):
        assert _placeless(one) == _placeless(other)


@_FEW
@given(log=_LOGS, again=st.data())
def test_a_line_that_is_there_twice_changes_no_number_of_jobs(log: list[str], again: st.DataObject) -> None:
    twice = [text for text in log for _ in range(again.draw(st.integers(1, 2)))]
    for one, other in zip(_ask([log]), _ask([twice]), strict=True):
        assert _said_of_jobs(one) == _said_of_jobs(other)


@_FEW
@given(log=_LOGS)
def test_a_file_that_is_loaded_again_or_copied_changes_nothing(log: list[str]) -> None:
    with _home() as home:
        home.put(log)
        before = home.ask(1)
        home.put([])
        assert home.ask(1) == before
        (home.folder / "spool" / "copy.log").write_bytes((home.folder / "spool" / "a.log").read_bytes())
        home.put([], "spool/copy.log")
        assert _said_of_jobs(home.ask(1)) == _said_of_jobs(before)


@_FEW
@given(log=_LOGS)
def test_one_more_failed_job_is_exactly_one_more(log: list[str]) -> None:
    with _home() as home:
        home.put(log)
        before = home.ask(1)
        home.put(line("another", 500, code="OPENAI_HTTP_ERROR"))
        after = home.ask(1)
    assert (after.units.jobs, after.units.failed) == (before.units.jobs + 1, before.units.failed + 1)
    assert (after.units.completed, after.jobs, after.lines) == (
        before.units.completed,
        before.jobs + 1,
        before.lines + 1,
    )
    assert after.digest != before.digest


@_FEW
@given(log=_LOGS)
def test_the_numbers_agree_with_counting_line_by_line(log: list[str]) -> None:
    """Against the definition, over the rows as they are stored."""
    with _home() as home:
        home.put(log)
        found = home.ask(1, budget_p50_ms=_BUDGET)
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
