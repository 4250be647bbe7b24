"""Each gate's own answer about a job, under the controls of a revision or those in force now.

What is not known is said as not known: without a job spec nobody can tell opt-in and scope.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dashboard.data.queries import Cursor, records
from dashboard.data.triage.jobs import JobFound, Spec
from gates.decision import CompiledControls, Gate, Job, compile_allowlist, explain
from gates.decision.bucket import bucket
from ingest.job_specs.answers import job_of

MOST_REVISIONS = 6
_UNTOLD = "the job's spec is not known"
_DIFFER = "the runs of this job told different specs; none is trusted"
_CLOSED = {"version": "allowlist.v1", "enabled": False, "mode": "deny_by_default", "rules": []}
_NO_RULES = "the history does not say its rules"
_DISABLED = str(compile_allowlist(_CLOSED).refusal)
_INTERVALS = """
SELECT i.history_id, i.interval_no, i.revision, i.step, i.kill, i.feature, i.percent, i.allowlist,
    i.zero_admits, i.removed, i.denies_from_ns, d.document
FROM control_interval i LEFT JOIN allowlist_document d ON d.digest = i.allowlist_digest
WHERE i.history_id = ? AND list_contains(?::INTEGER[], i.interval_no) ORDER BY i.interval_no DESC
"""


class Answered(StrEnum):
    """What a gate says."""

    PASSES = "passes"
    DENIES = "denies"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class GateSays:
    """One gate, and why."""

    gate: Gate
    answer: Answered
    why: str


@dataclass(frozen=True, slots=True)
class Explained:
    """All gates under one set of controls. The first that denies decides; `decision` is that in words."""

    title: str
    revision: int | None
    gates: tuple[GateSays, ...]
    decision: str


def under_revisions(cursor: Cursor, found: JobFound) -> tuple[Explained, ...]:
    """Under the controls that its newest lines were decided by, newest first. Raises `QueryTimeout`."""
    wanted: dict[str, list[int]] = {}
    for line in found.lines:
        if line.history is not None and line.interval_no is not None:
            numbers = wanted.setdefault(line.history, [])
            if line.interval_no not in numbers:
                numbers.append(line.interval_no)
    answers: list[Explained] = []
    for history, numbers in wanted.items():
        for row in records(cursor, _INTERVALS, (history, numbers[:MOST_REVISIONS])):
            times = [one.decided_from_ns for one in found.lines if one.interval_no == row["interval_no"]]
            decided = min((at for at in times if at is not None), default=None)
            ran_out = (
                row["denies_from_ns"] is not None and decided is not None and decided >= row["denies_from_ns"]
            )
            controls, known = _controls(row, ran_out=ran_out)
            title = f"revision {row['revision']}, {row['step']}"
            answers.append(explained(title, controls, found.job_id, found.spec, scope_known=known))
    return tuple(answers[:MOST_REVISIONS])


def explained(
    title: str, controls: CompiledControls, job_id: str, spec: Spec | None, *, scope_known: bool = True
) -> Explained:
    """What each gate says. `scope_known` is false where nobody kept the rules of the allowlist."""
    job = _job(job_id, spec)
    answers = explain(controls, job or Job(job_id, "", "", "", "", allow_ai=True, slots=()))
    gates = tuple(_says(one.gate, one.reason, spec, job, scope_known=scope_known) for one in answers)
    return Explained(title, controls.revision, gates, _decision(gates, bucket(job_id)))


def _says(
    gate: Gate, reason: str | None, spec: Spec | None, job: Job | None, *, scope_known: bool
) -> GateSays:
    needs_spec = gate in (Gate.JOB_OPT_IN, Gate.ALLOWLIST)
    if gate is Gate.ALLOWLIST and not scope_known:
        return GateSays(gate, Answered.UNKNOWN, _NO_RULES)
    if gate is Gate.ALLOWLIST and reason == _DISABLED:
        return GateSays(gate, Answered.DENIES, reason)
    if needs_spec and job is None:
        return GateSays(gate, Answered.UNKNOWN, _UNTOLD if spec is None else _DIFFER)
    if reason is not None:
        return GateSays(gate, Answered.DENIES, reason)
    return GateSays(gate, Answered.PASSES, "")


def _decision(gates: Sequence[GateSays], own: int) -> str:
    unknown = [one.gate for one in gates if one.answer is Answered.UNKNOWN]
    for one in gates:
        if one.answer is Answered.DENIES:
            before = [gate for gate in unknown if list(Gate).index(gate) < list(Gate).index(one.gate)]
            return "stub" if not before else "stub, by this gate or one before it"
    if unknown:
        return f"not known: bucket {own} is inside, and opt-in and scope decide"
    return "openai: every gate passes"


def _job(job_id: str, spec: Spec | None) -> Job | None:
    if spec is None or spec.opted_in is None or spec.document is None:
        return None
    return job_of(json.loads(spec.document), job_id, opted_in=spec.opted_in)


def _controls(row: dict[str, object], *, ran_out: bool) -> tuple[CompiledControls, bool]:
    """The controls of an interval of a history, and whether its allowlist's rules are known."""
    percent = int(str(row["percent"]))
    document = row["document"]
    known = not row["allowlist"] or document is not None
    allowlists = (compile_allowlist(json.loads(str(document)) if row["allowlist"] and known else _CLOSED),)
    killed = (
        "the kill switch is on"
        if row["kill"]
        else "the revision had run out, which kills"
        if ran_out
        else None
    )
    everyone = percent == 0 and row["zero_admits"] == "everyone"
    controls = CompiledControls(
        origin=str(row["history_id"]),
        unknown="the control file was gone" if row["removed"] else None,
        killed=killed,
        feature=bool(row["feature"]),
        percent=percent,
        admits_below=100 if everyone else percent,
        allowlists=allowlists,
        revision=int(str(row["revision"])),
    )
    return controls, known
