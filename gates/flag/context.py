"""The evaluation context as a job: what is not said in it is not known, and what is not known denies.

Facts keep the names that they have in a job spec (docs/integrations.md lists them). A fact of the wrong type
is not known either: refusing the whole question would hand the answer to the default in the caller's code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gates.decision import Job, Slot
from gates.decision.allowlist import MAX_JOBS

TARGETING_KEY = "targetingKey"
_NOT_KNOWN = ""
"""No rule can list it: the contract wants every listed value to be non-empty."""


class ContextFault(StrEnum):
    """Why a context names no job; OpenFeature's error codes."""

    TARGETING_KEY_MISSING = "TARGETING_KEY_MISSING"
    INVALID_CONTEXT = "INVALID_CONTEXT"


@dataclass(frozen=True, slots=True)
class Asked:
    """The job that a context describes; `not_known` names the facts that it does not say."""

    job: Job
    not_known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unusable:
    """The context names no job: `words` say what to send."""

    fault: ContextFault
    words: str


def asked_by(context: object) -> Asked | Unusable:
    """The job of `context`, an object whose `targetingKey` is the jobId. Never raises."""
    if not isinstance(context, Mapping):
        return Unusable(ContextFault.INVALID_CONTEXT, "the context is no object; send one")
    job_id = context.get(TARGETING_KEY)
    if job_id is None or job_id == "":
        words = f"the context has no `{TARGETING_KEY}`; send the jobId there"
        return Unusable(ContextFault.TARGETING_KEY_MISSING, words)
    if not isinstance(job_id, str):
        return Unusable(ContextFault.INVALID_CONTEXT, f"`{TARGETING_KEY}` is no text; send the jobId there")
    texts = {name: _text(context, name) for name in ("subject", "level", "board", "specVersion")}
    opted_in, slots = context.get("allowAI"), _slots(context)
    each = slots or (_slot(context),)
    known = {
        **{name: bool(text) for name, text in texts.items()},
        "allowAI": isinstance(opted_in, bool),
        "jobs": bool(slots),
        "kind": all(slot.kind for slot in each),
        "slotId": all(slot.slot_id for slot in each),
    }
    job = Job(
        job_id=job_id,
        subject=texts["subject"],
        level=texts["level"],
        board=texts["board"],
        spec_version=texts["specVersion"],
        allow_ai=opted_in is True,
        slots=slots,
    )
    return Asked(job, tuple(name for name, is_known in known.items() if not is_known))


def _slots(context: Mapping[object, object]) -> tuple[Slot, ...]:
    """One for each job of the spec: `jobs` lists them, or counts jobs that share `kind` and `slotId`.

    Empty where neither is said. More than any rule allows are as good as one too many.
    """
    jobs = context.get("jobs")
    if isinstance(jobs, list | tuple):
        listed = jobs[: MAX_JOBS + 1]
        if not all(isinstance(job, Mapping) for job in listed):
            return ()
        return tuple(map(_slot, listed))
    count = _whole(jobs)
    if count is None or count < 1:
        return ()
    return (_slot(context),) * min(count, MAX_JOBS + 1)


def _slot(said: Mapping[object, object]) -> Slot:
    return Slot(_text(said, "slotId"), _text(said, "kind"))


def _whole(value: object) -> int | None:
    """JSON has one number type, so 2.0 is the integer 2; true is none."""
    if type(value) is int or (type(value) is float and value.is_integer()):
        return int(value)
    return None


def _text(context: Mapping[object, object], name: str) -> str:
    value = context.get(name)
    return value if isinstance(value, str) else _NOT_KNOWN
