"""Decide one job, or explain every gate's answer to it."""

from dataclasses import dataclass

from gates.decision.checks import CHECKS, facts_of
from gates.decision.compiled import CompiledControls
from gates.decision.job import Job
from gates.decision.outcome import Admitted, Decision, Denied, Gate


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """What one gate says on its own; `reason` is null where it passes."""

    gate: Gate
    reason: str | None


def decide(controls: CompiledControls, job: Job) -> Decision:
    """Ask the gates in order; the first that denies decides. Total: it never raises.

    A fault of our own while deciding is something the decision cannot know, so it denies as well.
    """
    try:
        return _decide(controls, job)
    except Exception as error:  # noqa: BLE001  the last line of defence: any fault means STUB
        return Denied(
            job_id=str(getattr(job, "job_id", "")),
            bucket=0,
            percent=None,
            revision=None,
            origin=str(getattr(controls, "origin", "")),
            break_glass=False,
            rule_id=None,
            gate=Gate.CONTROLS,
            reason=f"the decision failed: {type(error).__name__}",
        )


def explain(controls: CompiledControls, job: Job) -> tuple[GateAnswer, ...]:
    """Every gate's own answer, in order, also of those that the decision does not reach."""
    facts = facts_of(controls, job)
    return tuple(GateAnswer(gate, check(controls, job, facts)) for gate, check in CHECKS)


def _decide(controls: CompiledControls, job: Job) -> Decision:
    facts = facts_of(controls, job)
    for gate, check in CHECKS:
        reason = check(controls, job, facts)
        if reason is not None:
            return Denied(
                job_id=job.job_id,
                bucket=facts.bucket,
                percent=controls.percent,
                revision=controls.revision,
                origin=controls.origin,
                break_glass=controls.break_glass_until_ns is not None,
                rule_id=facts.rule_id if gate is Gate.ROLLOUT else None,
                gate=gate,
                reason=reason,
            )
    return Admitted(
        job_id=job.job_id,
        bucket=facts.bucket,
        percent=controls.percent,
        revision=controls.revision,
        origin=controls.origin,
        break_glass=controls.break_glass_until_ns is not None,
        rule_id=facts.rule_id,
    )
