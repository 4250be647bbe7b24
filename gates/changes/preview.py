"""Blast radius before the click: which of the recently seen jobs a change would newly admit or expel.

Exact where the answer follows from what is known: from the bucket alone, for a change of percent or
a switch, among jobs that reached the bucket; from the job spec, for any change. Every other job is
counted in an upper bound, and labelled so (DESIGN section 14.12).
"""

from dataclasses import dataclass

from gates.changes.documents import Document
from gates.changes.ports import RecentJob, RecentWindow
from gates.decision import Admitted, CompiledControls, compile_controls, decide
from gates.policy.diff import Delta, Dimension, Direction, diff
from gates.policy.scope import ScopeDimension
from gates.policy.values import control_values

_BY_BUCKET = {Dimension.KILL, Dimension.FEATURE, Dimension.PERCENT, Dimension.ROLLOUT_ZERO, Dimension.STEP}
_SCOPE = {Dimension(dimension.value) for dimension in ScopeDimension} | {Dimension.ALLOWLIST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a change would do to the jobs of `hours`, each counted once.

    `admitted` and `expelled` are certain; `perhaps_admitted` counts jobs of which only an upper
    bound is known. `scope` lists the newly reachable parts of the allowlist.
    """

    deltas: tuple[Delta, ...]
    admitted: tuple[str, ...]
    expelled: tuple[str, ...]
    perhaps_admitted: int
    seen: int
    hours: float
    scope: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether nothing is left to an upper bound."""
        return self.perhaps_admitted == 0 and self.seen > 0

    @property
    def admitted_per_hour(self) -> float | None:
        """Newly admitted jobs per hour, upper bound included; null where no time was covered."""
        if self.hours <= 0:
            return None
        return (len(self.admitted) + self.perhaps_admitted) / self.hours

    @property
    def sentence(self) -> str:
        """All of it in words."""
        if self.seen == 0:
            return "no job was seen lately: what the change admits cannot be said"
        certain = (
            f"newly admits {len(self.admitted)} and expels {len(self.expelled)} of {self.seen} jobs seen"
        )
        if self.perhaps_admitted:
            return f"{certain}; at most {self.perhaps_admitted} more, whose job specs are not known"
        return f"{certain}, exactly"


def preview(before: Document, after: Document, window: RecentWindow) -> Preview:
    """Compare the decisions under both revisions, job by job; time limits are left aside."""
    deltas = diff(control_values(before), control_values(after))
    old, new = compile_controls(before, "preview"), compile_controls(after, "preview")
    by_bucket = {delta.dimension for delta in deltas} <= _BY_BUCKET
    admitted, expelled, perhaps = [], [], 0
    for job in window.jobs:
        was, becomes = _admits(old, job, by_bucket), _admits(new, job, by_bucket)
        if was is None or becomes is None:
            perhaps += _may_admit(new, job)
        elif becomes and not was:
            admitted.append(job.job_id)
        elif was and not becomes:
            expelled.append(job.job_id)
    return Preview(
        deltas=deltas,
        admitted=tuple(admitted),
        expelled=tuple(expelled),
        perhaps_admitted=perhaps,
        seen=len(window.jobs),
        hours=window.hours,
        scope=tuple(
            delta.words
            for delta in deltas
            if delta.direction is Direction.WIDENS and delta.dimension in _SCOPE
        ),
    )


def _admits(controls: CompiledControls, job: RecentJob, by_bucket: bool) -> bool | None:
    """Whether the controls admit the job; None where that does not follow from what is known."""
    if job.job is not None:
        return isinstance(decide(controls, job.job), Admitted)
    if not _may_admit(controls, job):
        return False
    return True if by_bucket and job.reached_bucket else None


def _may_admit(controls: CompiledControls, job: RecentJob) -> bool:
    closed = controls.unknown or controls.killed or not controls.feature
    shut = any(index.refusal is not None for index in controls.allowlists)
    return not closed and not shut and job.bucket < controls.admits_below
