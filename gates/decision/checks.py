"""The gates. `CHECKS` is the policy: its order is authoritative and is never changed.

Each check looks at one gate alone and answers with the reason it denies, or None.
"""

from collections.abc import Callable

from gates.decision.bucket import bucket
from gates.decision.compiled import CompiledControls
from gates.decision.job import Job
from gates.decision.outcome import Gate

Check = Callable[[CompiledControls, Job], str | None]


def controls_known(controls: CompiledControls, _job: Job) -> str | None:
    """Gate 0: what the decision cannot know, denies."""
    return controls.unknown


def kill_switch(controls: CompiledControls, _job: Job) -> str | None:
    """Gate 1: the kill switch dominates everything."""
    return controls.killed


def feature_flag(controls: CompiledControls, _job: Job) -> str | None:
    """Gate 2: the feature must be on."""
    return None if controls.feature else "the feature is off"


def job_opt_in(_controls: CompiledControls, job: Job) -> str | None:
    """Gate 3: the caller must have opted in for this job."""
    return None if job.allow_ai else "the job did not opt in: metadata.allowAI is not true"


def allowlist(controls: CompiledControls, job: Job) -> str | None:
    """Gate 4: every allowlist in force must permit the job."""
    if not controls.allowlists:
        return "there is no allowlist"
    for index in controls.allowlists:
        if index.refusal is not None:
            return index.refusal
        if index.permitting_rule(job) is None:
            return "no allowlist rule permits the job"
    return None


def rollout(controls: CompiledControls, job: Job) -> str | None:
    """Gate 5: the job's bucket must lie below the rollout percent."""
    own = bucket(job.job_id)
    return None if own < controls.admits_below else f"bucket {own} is not below {controls.admits_below} %"


CHECKS: tuple[tuple[Gate, Check], ...] = (
    (Gate.CONTROLS, controls_known),
    (Gate.KILL_SWITCH, kill_switch),
    (Gate.FEATURE_FLAG, feature_flag),
    (Gate.JOB_OPT_IN, job_opt_in),
    (Gate.ALLOWLIST, allowlist),
    (Gate.ROLLOUT, rollout),
)
