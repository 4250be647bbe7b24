"""Histories, lines and job specs as files, and what the store found in them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from ingest.history.controls import ControlHistory, read_home_history
from ingest.instants import rfc3339
from ingest.loading.load import Surroundings, load
from ingest.store import TelemetryStore
from tests.ingest.gate_audit.reference import Found, Line, Spec
from tests.ingest.store_from_template import open_store

BASE_NS = 1_795_227_600_000_000_000
MS = 1_000_000
SUBJECTS = ("Biology", "Physics")


def at(ms: int) -> int:
    return BASE_NS + ms * MS


def controls(revision: int, **changes: Any) -> dict[str, Any]:
    """A control document; `subjects` are what its one rule lists, `enabled` is its allowlist."""
    subjects, enabled = changes.pop("subjects", list(SUBJECTS)), changes.pop("enabled", True)
    rule = {
        "id": "r",
        "enabled": True,
        "appliesTo": {"subject": subjects, "level": ["GCSE"], "board": ["AQA"], "specVersion": ["v1"]},
        "kinds": ["explanatory"],
        "slotIds": [],
        "maxJobsPerRun": 1,
    }
    return {
        "version": "controls.v1",
        "environment": "test",
        "revision": revision,
        "effectiveAt": rfc3339(BASE_NS),
        "kill": False,
        "feature": True,
        "percent": 10,
        "rolloutZero": "nobody",
        "stage": 2,
        "step": "expand-10",
        "allowlist": {
            "version": "allowlist.v1",
            "enabled": enabled,
            "mode": "deny_by_default",
            "rules": [rule],
        },
        "breakGlassUntil": None,
        "validUntil": None,
    } | changes


def event(kind: str, ms: int, revision: int, **changes: Any) -> dict[str, Any]:
    """A line of the home's history."""
    return {
        "version": "control-revision.v1",
        "event": kind,
        "at": rfc3339(at(ms)),
        "revision": revision,
        "late": False,
        "controls": None if kind == "removed" else controls(revision, **changes),
    }


def line(ms: int, job_id: str, outcome: tuple[str, str, str | None], latency_ms: int = 0) -> Line:
    return Line(at(ms), job_id, *outcome, latency_ms)


def cri(one: Line) -> str:
    record = {
        "version": "v1",
        "executorVersion": "openai.v1",
        "jobId": one.job_id,
        "path": one.path,
        "status": one.status,
        "latencyMs": one.latency_ms,
        "errorCode": one.code,
    }
    return f"{rfc3339(one.time_ns)} stderr F {json.dumps(record, separators=(',', ':'))}\n"


def told(job_id: str, ms: int, opted_in: bool, subject: str) -> str:
    """A line of the home's specs."""
    document = {
        "version": "job-facts.v1",
        "at": rfc3339(at(ms)),
        "jobId": job_id,
        "allowAI": opted_in,
        "appliesTo": {"subject": subject, "level": "GCSE", "board": "AQA", "specVersion": "v1"},
        "jobs": [{"slotId": "S1", "kind": "explanatory"}],
    }
    return json.dumps(document, separators=(",", ":")) + "\n"


@dataclass(frozen=True)
class World:
    """All that there is to know in the end."""

    events: tuple[dict[str, Any], ...]
    files: tuple[tuple[Line, ...], ...]
    told: tuple[tuple[str, int, bool, str], ...]

    @property
    def lines(self) -> list[Line]:
        return [one for file in self.files for one in file]

    def specs(self) -> dict[str, Spec]:
        """What is known of each job; one whose specs differ is not known."""
        known: dict[str, set[tuple[bool, str]]] = {}
        first: dict[str, int] = {}
        for job_id, ms, opted_in, subject in self.told:
            known.setdefault(job_id, set()).add((opted_in, subject))
            first[job_id] = min(first.get(job_id, at(ms)), at(ms))
        return {
            job_id: Spec(*facts.copy().pop(), first[job_id])
            for job_id, facts in known.items()
            if len(facts) == 1
        }

    def subjects(self, history: ControlHistory) -> dict[str | None, frozenset[str]]:
        """What each allowlist permits; a disabled one nothing."""
        found: dict[str | None, frozenset[str]] = {}
        for digest, text in history.allowlists.items():
            document = json.loads(text)
            listed = document["rules"][0]["appliesTo"]["subject"] if document["enabled"] else []
            found[digest] = frozenset(listed)
        return found


class Disk:
    """The files of a world in `folder`, as far as they were written, and a store that loads them."""

    def __init__(self, folder: Path, world: World) -> None:
        self.world = world
        self.folder = folder
        (folder / "spool").mkdir(parents=True)
        (folder / "specs").mkdir()
        self.store = open_store(folder / "telemetry.duckdb")
        self._texts = ["".join(map(cri, file)).encode() for file in world.files]
        self._events = [json.dumps(one) + "\n" for one in world.events]
        self._told = [told(*one) for one in world.told]

    def history(self) -> ControlHistory | None:
        return read_home_history(self.folder / "history.jsonl")

    def grow(self, shares: Sequence[float]) -> None:
        """Write so much of each file, and of history and specs; never less than before."""
        *of_files, of_history, of_specs = shares
        for number, (text, share) in enumerate(zip(self._texts, of_files, strict=True)):
            path = self.folder / "spool" / f"{number}.log"
            held = path.stat().st_size if path.exists() else 0
            with path.open("ab") as file:
                file.write(text[held : max(held, round(len(text) * share))])
        self._append("history.jsonl", self._events, of_history)
        self._append("specs/2026-11-21.jsonl", self._told, of_specs)

    def _append(self, name: str, lines: list[str], share: float) -> None:
        path = self.folder / name
        held = len(path.read_text().splitlines()) if path.exists() else 0
        with path.open("a") as file:
            file.writelines(lines[held : max(held, round(len(lines) * share))])

    def load(self) -> None:
        around = Surroundings(None, lambda: BASE_NS, self.folder / "spool", self.folder / "specs")
        load(self.store, [self.folder / "spool"], self.history(), surroundings=around)

    def found(self) -> list[Found]:
        return found(self.store)


def found(store: TelemetryStore) -> list[Found]:
    """All findings, sorted."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT job_id, line_time_ns, code, revision, explained_by IS NOT NULL FROM gate_finding"
        ).fetchall()
    return sorted(rows, key=str)


OUTCOMES: tuple[tuple[str, str, str | None], ...] = (
    ("openai", "COMPLETED", None),
    ("openai", "FAILED", "OPENAI_HTTP_ERROR"),
    ("stub", "STUB", None),
    ("stub", "STUB", "KILL_SWITCH"),
    ("stub", "STUB", "NOT_ALLOWLISTED"),
    ("stub", "STUB", "ROLLOUT_EXCLUDED"),
    ("stub", "STUB", "LUNCH"),
    ("openai", "STUB", None),
)
# Buckets 0, 7, 48, 49, 89, 95 and 7.
JOBS = ("job-22", "job-29", "job-0", "job-1", "job-00045", "job-00014", "probe:30")
_QUARTERS = st.integers(-8, 60).map(lambda quarter: quarter * 250)

lines = st.builds(
    line, _QUARTERS, st.sampled_from(JOBS), st.sampled_from(OUTCOMES), st.sampled_from([0, 100, 700, 3000])
)
specs = st.tuples(st.sampled_from(JOBS), _QUARTERS, st.booleans(), st.sampled_from(SUBJECTS))


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, Any], ...]:
    """Revisions some seconds apart, some announced before, some removed or running out."""
    events, ms = [], 0
    for revision in range(1, draw(st.integers(1, 5)) + 1):
        if revision > 1 and draw(st.integers(0, 5)) == 0:
            events.append(event("removed", ms, revision - 1))
            ms += draw(st.sampled_from([500, 1000, 2500]))
        changes = {
            "kill": draw(st.integers(0, 3)) == 0,
            "feature": draw(st.integers(0, 3)) > 0,
            "enabled": draw(st.integers(0, 3)) > 0,
            "percent": draw(st.sampled_from([0, 5, 49, 90, 100])),
            "rolloutZero": draw(st.sampled_from(["nobody", "everyone"])),
            "subjects": draw(st.sampled_from([["Biology"], list(SUBJECTS)])),
            "validUntil": draw(st.sampled_from([None, None, None, rfc3339(at(ms + 1250))])),
        }
        lead = draw(st.sampled_from([None, 200, 1500])) if revision > 1 else None
        if lead is not None:
            events.append(event("publishing", ms - lead, revision, **changes))
        events.append(event("effective", ms, revision, **changes))
        ms += draw(st.sampled_from([500, 1000, 2500, 4000]))
    return tuple(events)


worlds = st.builds(
    World,
    histories(),
    st.tuples(
        st.lists(lines, max_size=14).map(tuple),
        st.lists(lines, max_size=6).map(tuple),
    ),
    st.lists(specs, max_size=5).map(tuple),
)
