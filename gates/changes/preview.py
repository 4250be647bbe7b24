"""Blast radius before the click: which of the recently seen jobs a change would newly admit or expel.

Exact where the answer follows from what is known: from the bucket alone, among jobs that reached the
bucket, unless the change takes from the scope; from the job spec, for any change. Every other job that
the change may touch is counted in an upper bound, and labelled so (DESIGN section 14.12). That a job
reached its bucket is as true as the telemetry: what was taken from the scope since is not in it.
"""

from dataclasses import dataclass

from gates.changes.documents import Document
from gates.changes.ports import RecentJob, RecentWindow
from gates.decision import Admitted, CompiledControls, compile_controls, decide
from gates.policy.diff import Delta, Dimension, Direction, diff
from gates.policy.scope import ScopeDimension
from gates.policy.values import control_values

_SCOPE = {Dimension(dimension.value) for dimension in ScopeDimension} | {Dimension.ALLOWLIST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a change would do to the jobs of the `hours` up to `until_ns`, each counted once.

    `admitted` and `expelled` are certain; `perhaps_admitted` and `perhaps_expelled` count jobs of
    which only an upper bound is known. `scope` lists the newly reachable parts of the allowlist.
    `unseen` says why no job could be seen; where it is not null, the counts say nothing. `stopped_again`
    says of a release why the budget guard would stop it again.
    """

    deltas: tuple[Delta, ...]
    admitted: tuple[str, ...]
    expelled: tuple[str, ...]
    perhaps_admitted: int
    perhaps_expelled: int
    seen: int
    hours: float
    until_ns: int | None
    unseen: str | None
    scope: tuple[str, ...]
    stopped_again: str | None = None

    @property
    def exact(self) -> bool:
        """Whether nothing is left to an upper bound."""
        return self.perhaps_admitted == self.perhaps_expelled == 0 and self.seen > 0

    @property
    def admitted_per_hour(self) -> float | None:
        """Newly admitted jobs per hour, upper bound included; null where no job or no time was seen."""
        if self.hours <= 0 or self.seen == 0:
            return None
        return (len(self.admitted) + self.perhaps_admitted) / self.hours

    @property
    def sentence(self) -> str:
        """All of it in words."""
        again = "" if self.stopped_again is None else f"; {self.stopped_again}"
        return f"{self._counted}{again}"

    @property
    def _counted(self) -> str:
        if self.unseen is not None:
            return f"recent jobs cannot be seen, what the change admits cannot be said: {self.unseen}"
        if self.seen == 0:
            return "no job was seen lately: what the change admits cannot be said"
        admitted, expelled = len(self.admitted), len(self.expelled)
        certain = f"newly admits {admitted:,} and expels {expelled:,} of {self.seen:,} jobs seen"
        if self.exact:
            return f"{certain}, exactly"
        bound = f"at most {self.perhaps_admitted} more admitted and {self.perhaps_expelled} more expelled"
        slice_unseen = "; NOT ENOUGH DATA: slice not visible" if self.scope else ""
        return f"{certain}; {bound}, whose job specs are not known (upper bound){slice_unseen}"


def preview(before: Document, after: Document, window: RecentWindow) -> Preview:
    """Compare the decisions under both revisions, job by job; time limits are left aside."""
    deltas = diff(control_values(before), control_values(after))
    old, new = compile_controls(before, "preview"), compile_controls(after, "preview")
    scope = {delta.direction for delta in deltas if delta.dimension in _SCOPE}
    widens, narrows = Direction.WIDENS in scope, bool(scope - {Direction.WIDENS})
    admitted, expelled, may_come, may_go = [], [], 0, 0
    for job in window.jobs:
        was = _admits(old, job, job.reached_bucket)
        becomes = _admits(new, job, job.reached_bucket and not narrows)
        if was is None or becomes is None:
            before_may, after_may = _may_admit(old, job), _may_admit(new, job)
            may_come += was is not True and after_may and (widens or not before_may)
            may_go += becomes is not True and before_may and (narrows or not after_may)
        elif becomes and not was:
            admitted.append(job.job_id)
        elif was and not becomes:
            expelled.append(job.job_id)
    return Preview(
        deltas=deltas,
        admitted=tuple(admitted),
        expelled=tuple(expelled),
        perhaps_admitted=may_come,
        perhaps_expelled=may_go,
        seen=len(window.jobs),
        hours=window.hours,
        until_ns=window.until_ns,
        unseen=window.unseen,
        scope=tuple(
            delta.words
            for delta in deltas
            if delta.direction is Direction.WIDENS and delta.dimension in _SCOPE
        ),
    )


def _admits(controls: CompiledControls, job: RecentJob, in_scope: bool) -> bool | None:
    """Whether the controls admit the job; None where that does not follow from what is known."""
    if job.job is not None:
        return isinstance(decide(controls, job.job), Admitted)
    if not _may_admit(controls, job):
        return False
    return True if in_scope else None


def _may_admit(controls: CompiledControls, job: RecentJob) -> bool:
    closed = controls.unknown or controls.killed or not controls.feature
    shut = any(index.refusal is not None for index in controls.allowlists)
    return not closed and not shut and job.bucket < controls.admits_below
