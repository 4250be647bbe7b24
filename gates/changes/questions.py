"""What a review asks of the telemetry, gathered from one snapshot of the store.

The frozen document of an approved window is read by the field names of `{question, evidence, verdict}`
as their dataclasses dump to JSON: `evidence.units.jobs`, `evidence.percentiles.p50`, …
"""

import json
from collections.abc import Mapping
from typing import Any

from gates.changes.gathering import (
    LATCHED,
    P50,
    P95,
    newest_revision,
    thresholds_in_force,
    took_effect,
)
from gates.errors import UnknownEntry
from gates.store.port import Transaction
from gates.store.rows import RevisionRow
from gates.verdict.question import BadOutput, Question, Reference
from schemas.stages import Step


def question(tx: Transaction, now_ns: int, revision: int | None = None) -> Question:
    """What to ask about `revision`, or about the newest. Raises `UnknownEntry` where there is no such one.

    A past revision is judged by the thresholds of today, within the window in which it was in force;
    a ROLL BACK that still stands is a matter of the newest alone.
    """
    newest = newest_revision(tx)
    row = newest if revision is None else tx.revisions.get(revision)
    if row is None:
        raise UnknownEntry(f"there is no revision {revision}; `slotgate controls history` lists them")
    settings = tx.settings.all()
    return Question(
        revision=row.revision,
        step=Step(row.step),
        now_ns=now_ns,
        until_ns=_until_ns(tx, row),
        thresholds=thresholds_in_force(tx),
        budget_p50_ms=_milliseconds(settings.get(P50)),
        budget_p95_ms=_milliseconds(settings.get(P95)),
        reference=_reference(tx, row.revision),
        latched=(settings.get(LATCHED) or None) if row.revision == newest.revision else None,
        bad_outputs=tuple(
            BadOutput(job_id=one.job_id, reason=one.reason, reported_by=one.reported_by, at_ns=one.at_ns)
            for one in tx.bad_outputs.standing(row.revision)
        ),
        killed=bool(row.after["kill"]),
    )


def _until_ns(tx: Transaction, row: RevisionRow) -> int | None:
    """When the next revision took effect; null while this one is in force."""
    following = next((one for one in tx.revisions.after(row.revision) if took_effect(tx, one)), None)
    return None if following is None else following.effective_at_ns


def _milliseconds(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None


def _reference(tx: Transaction, before: int) -> Reference | None:
    """The newest window before the revision `before` that people expanded from on a verdict of EXPAND."""
    number = tx.reviews.expanded_before(before)
    row = None if number is None else tx.requests.get(number)
    if row is None or row.closed_at_ns is None:
        return None
    data = tx.evidence.get(row.evidence_digest)
    try:
        document = json.loads(data or b"{}")["document"]
        return _reference_of(json.loads(document)["evidence"], row.closed_at_ns)
    except (ValueError, TypeError, KeyError):
        return None  # frozen before there were documents: no comparison is better than a wrong one


def _reference_of(evidence: Mapping[str, Any], approved_at_ns: int) -> Reference:
    units, percentiles = evidence["units"], evidence["percentiles"]
    return Reference(
        revision=int(evidence["revision"]),
        step=Step(evidence["step"]),
        approved_at_ns=approved_at_ns,
        jobs=int(units["jobs"]),
        failed=int(units["failed"]),
        completed=int(units["completed"]),
        p50_ms=_number(percentiles["p50"]),
        p95_ms=_number(percentiles["p95"]),
        jobs_per_hour=_number(evidence["jobs_per_hour"]),
        opt_in_share=_number(evidence["opt_in_share"]),
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
