"""Blast radius: exact where it follows from what is known, an upper bound elsewhere, labelled."""

from collections.abc import Mapping
from pathlib import Path

from gates.changes.documents import patched
from gates.changes.ports import NoRecentJobs, RecentJob, RecentWindow, nothing_visible
from gates.changes.preview import Preview, preview
from gates.decision import bucket
from tests.gates.changes.world import START, World, allowlist, document, rule
from tests.gates.decision.builders import job

BASE = document(kill=False, feature=True, percent=10, allowlist=allowlist(), step="expand-10", stage=2)
IDS = [f"job-{number}" for number in range(200)]


def of(patch: Mapping[str, object], jobs: list[RecentJob], hours: float = 2.0) -> Preview:
    after = patched(BASE, patch, revision=2, at_ns=START)
    return preview(BASE, after, RecentWindow(tuple(jobs), hours))


def seen(job_id: str, reached: bool = True) -> RecentJob:
    return RecentJob(job_id, bucket(job_id), reached)


def test_percent_is_exact_among_jobs_that_reached_the_bucket() -> None:
    found = of({"percent": 25}, [seen(name) for name in IDS])
    assert set(found.admitted) == {name for name in IDS if 10 <= bucket(name) < 25}
    assert found.expelled == ()
    assert found.exact
    assert found.admitted_per_hour == len(found.admitted) / 2


def test_a_lower_percent_expels() -> None:
    found = of({"percent": 5}, [seen(name) for name in IDS])
    assert set(found.expelled) == {name for name in IDS if 5 <= bucket(name) < 10}


def test_jobs_that_never_reached_the_bucket_are_an_upper_bound() -> None:
    found = of({"percent": 25}, [seen(name, reached=False) for name in IDS])
    assert found.admitted == ()
    assert found.perhaps_admitted == sum(10 <= bucket(name) < 25 for name in IDS)
    assert found.perhaps_expelled == 0
    assert not found.exact
    assert "at most" in found.sentence


def test_a_wider_scope_is_exact_with_specs_alone() -> None:
    patch = {"allowlist": allowlist(rule(subject=["Biology", "Physics"]))}
    name = next(name for name in IDS if bucket(name) < 10)
    with_spec = RecentJob(name, bucket(name), False, job(job_id=name, subject="Physics"))
    found = of(patch, [with_spec, seen(name, reached=False)])
    assert found.admitted == (name,)
    assert found.perhaps_admitted == 1
    assert found.scope == ("subject + `Physics` (rule `first`)",)


def test_a_wider_scope_says_what_it_cannot_see() -> None:
    found = of({"allowlist": allowlist(rule(subject=["Biology", "Physics"]))},
               [seen(name, reached=bucket(name) % 2 == 0) for name in IDS])  # fmt: skip
    assert (found.admitted, found.expelled, found.perhaps_expelled) == ((), (), 0)
    assert found.perhaps_admitted == sum(bucket(name) in (1, 3, 5, 7, 9) for name in IDS)
    assert "slice not visible" in found.sentence


def test_a_smaller_scope_expels_at_most_those_who_were_in() -> None:
    found = of({"allowlist": allowlist(enabled=False)}, [seen(name) for name in IDS])
    assert set(found.expelled) == {name for name in IDS if bucket(name) < 10}
    fewer = of({"allowlist": allowlist(rule(maxJobsPerRun=1, slotIds=["S2"]))}, [seen(name) for name in IDS])
    assert (fewer.admitted, fewer.expelled, fewer.perhaps_admitted) == ((), (), 0)
    assert fewer.perhaps_expelled == sum(bucket(name) < 10 for name in IDS)
    assert not fewer.exact


def test_less_percent_expels_at_most_those_who_may_have_been_in() -> None:
    found = of({"percent": 5}, [seen(name, reached=False) for name in IDS])
    assert (found.expelled, found.perhaps_admitted) == ((), 0)
    assert found.perhaps_expelled == sum(5 <= bucket(name) < 10 for name in IDS)


def test_where_jobs_cannot_be_seen_it_says_why() -> None:
    after = patched(BASE, {"percent": 25}, revision=2, at_ns=START)
    found = preview(BASE, after, nothing_visible("the store is locked; wait"))
    assert not found.exact
    assert found.admitted_per_hour is None
    assert "cannot be seen" in found.sentence
    assert "the store is locked; wait" in found.sentence
    assert NoRecentJobs().recent(START).unseen is not None


def test_a_kill_admits_nobody() -> None:
    found = of({"kill": True}, [seen(name) for name in IDS])
    assert found.admitted == ()
    assert set(found.expelled) == {name for name in IDS if bucket(name) < 10}
    assert found.exact


def test_with_no_job_seen_nothing_is_claimed() -> None:
    found = of({"percent": 25}, [], hours=0)
    assert not found.exact
    assert found.admitted_per_hour is None
    assert "cannot be said" in found.sentence
    assert of({"percent": 25}, [], hours=1).admitted_per_hour is None


def test_through_the_service(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.to_canary_1()
    world.jobs.window = RecentWindow(tuple(seen(name) for name in IDS), 1.0)
    found = world.service.preview({"percent": 100})
    assert len(found.admitted) == sum(bucket(name) >= 1 for name in IDS)
