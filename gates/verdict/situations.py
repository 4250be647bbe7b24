"""What a telemetry line says, and what the controls demand of its job: the axes of the gate audit."""

from dataclasses import dataclass
from enum import StrEnum

from schemas.codes import ErrorCode, Path


class Observed(StrEnum):
    """What a line says; the first that applies."""

    IMPOSSIBLE = "impossible"
    OPENAI = "openai"
    NO_CODE = "stub, null"
    KILL_SWITCH = "KILL_SWITCH"
    NOT_ALLOWLISTED = "NOT_ALLOWLISTED"
    ROLLOUT_EXCLUDED = "ROLLOUT_EXCLUDED"
    OTHER_CODE = "stub, other code"


class Situation(StrEnum):
    """What the controls demand of a job, in the order of the gates; the first that applies.

    Opt-in and scope are seen only where the job's spec is known. `OUTSIDE` and `INSIDE` are the
    bucket against the percent; `…_IN_SCOPE` that the spec is known and passes the gates before.
    """

    KILLED = "killed"
    FEATURE_OFF = "feature off"
    NOT_OPTED_IN = "not opted in"
    ALLOWLIST_OFF = "allowlist off"
    NOT_PERMITTED = "not permitted"
    OUTSIDE = "outside the percent"
    INSIDE = "inside the percent"
    OUTSIDE_IN_SCOPE = "outside the percent, in scope"
    INSIDE_IN_SCOPE = "inside the percent, in scope"


CODES: dict[str, Observed] = {
    ErrorCode.KILL_SWITCH: Observed.KILL_SWITCH,
    ErrorCode.NOT_ALLOWLISTED: Observed.NOT_ALLOWLISTED,
    ErrorCode.ROLLOUT_EXCLUDED: Observed.ROLLOUT_EXCLUDED,
}
"""What a stub line with this errorCode says."""


def observed(path: str, error_code: str | None, *, is_impossible: bool) -> Observed:
    """What a line says."""
    if is_impossible:
        return Observed.IMPOSSIBLE
    if path == Path.OPENAI:
        return Observed.OPENAI
    if error_code is None:
        return Observed.NO_CODE
    return CODES.get(error_code, Observed.OTHER_CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What an interval of a history demands. `admits_below`: the bucket bound that the percent means."""

    denies: bool
    feature: bool
    allowlist: bool
    admits_below: int


def situation(controls: Controls, bucket: int, *, opted_in: bool | None, permitted: bool | None) -> Situation:
    """What the controls demand of a job; `opted_in` and `permitted` are null where its spec is not known."""
    if controls.denies:
        return Situation.KILLED
    if not controls.feature:
        return Situation.FEATURE_OFF
    if opted_in is False:
        return Situation.NOT_OPTED_IN
    if not controls.allowlist:
        return Situation.ALLOWLIST_OFF
    if permitted is False:
        return Situation.NOT_PERMITTED
    if bucket < controls.admits_below:
        return Situation.INSIDE_IN_SCOPE if opted_in and permitted else Situation.INSIDE
    return Situation.OUTSIDE_IN_SCOPE if opted_in and permitted else Situation.OUTSIDE
