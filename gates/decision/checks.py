"""The gates. `CHECKS` is the policy: its order is authoritative and is never changed.

Each check looks at one gate alone and answers with the reason it denies, or None.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gates.decision.bucket import bucket
from gates.decision.compiled import CompiledControls
from gates.decision.job import Job
from gates.decision.outcome import Gate


@dataclass(frozen=True, slots=True)
class Facts:
    """What several gates and the decision itself need, computed once.

    `refusal` says why no allowlist rule permits the job, or is null and `rule_id` names the rule.
    """

    bucket: int
    rule_id: str | None
    refusal: str | None


Check = Callable[[CompiledControls, Job, Facts], str | None]


def facts_of(controls: CompiledControls, job: Job) -> Facts:
    """Bucket the job and look it up: every allowlist in force must permit it, the first names the rule."""
    own = bucket(job.job_id)
    rule_id = None
    for index in controls.allowlists:
        rule = index.permitting_rule(job)
        if rule is None:
            return Facts(own, None, index.refusal or "no allowlist rule permits the job")
        rule_id = rule_id or rule
    return Facts(own, rule_id, None if rule_id is not None else "there is no allowlist")


def controls_known(controls: CompiledControls, _job: Job, _facts: Facts) -> str | None:
    """Gate 0: what the decision cannot know, denies."""
    return controls.unknown


def kill_switch(controls: CompiledControls, _job: Job, _facts: Facts) -> str | None:
    """Gate 1: the kill switch dominates everything."""
    return controls.killed


def feature_flag(controls: CompiledControls, _job: Job, _facts: Facts) -> str | None:
    """Gate 2: the feature must be on."""
    return None if controls.feature else "the feature is off"


def job_opt_in(_controls: CompiledControls, job: Job, _facts: Facts) -> str | None:
    """Gate 3: the caller must have opted in for this job."""
    return None if job.allow_ai else "the job did not opt in: metadata.allowAI is not true"


def allowlist(_controls: CompiledControls, _job: Job, facts: Facts) -> str | None:
    """Gate 4: every allowlist in force must permit the job."""
    return facts.refusal


def rollout(controls: CompiledControls, _job: Job, facts: Facts) -> str | None:
    """Gate 5: the job's bucket must lie below the rollout percent."""
    if facts.bucket < controls.admits_below:
        return None
    return f"bucket {facts.bucket} is not below {controls.admits_below} %"


CHECKS: tuple[tuple[Gate, Check], ...] = (
    (Gate.CONTROLS, controls_known),
    (Gate.KILL_SWITCH, kill_switch),
    (Gate.FEATURE_FLAG, feature_flag),
    (Gate.JOB_OPT_IN, job_opt_in),
    (Gate.ALLOWLIST, allowlist),
    (Gate.ROLLOUT, rollout),
)
