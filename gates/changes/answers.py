"""What the change service answers: frozen values that carry the decision and what came of it."""

from dataclasses import dataclass
from typing import Any

from gates.policy.intent import Mode
from gates.policy.outcome import Outcome, PolicyDecision, ReasonCode

REFUSED, CONFLICT = 1, 5
_CAME_LATE = {ReasonCode.BASE_REVISION, ReasonCode.REQUEST_CLOSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`request` is the number of the change request, null where none is involved.

    `revision` is the revision now in force through this call, null where it put none in force.
    `words` say what was done. `secret` is a token, shown this once. `late` says why the record of
    what took effect could not be written yet.
    """

    decision: PolicyDecision
    mode: Mode | None
    words: str
    request: int | None = None
    revision: int | None = None
    secret: str | None = None
    late: str | None = None

    @property
    def exit_code(self) -> int:
        """0, or why it was blocked: somebody came first, or a rule."""
        if self.decision.outcome is not Outcome.BLOCKED:
            return 0
        return CONFLICT if set(self.decision.reason_codes) & _CAME_LATE else REFUSED

    def as_record(self) -> dict[str, Any]:
        """The answer as every channel gives it: the same body for the same input."""
        decision = self.decision
        record: dict[str, Any] = {
            "outcome": decision.outcome.value,
            "mode": None if self.mode is None else self.mode.value,
            "reasonCodes": [code.value for code in decision.reason_codes],
            "findings": [
                {"code": finding.code.value, "words": finding.words, "source": finding.source}
                for finding in decision.findings
            ],
            "deltas": [
                {"dimension": delta.dimension.value, "direction": delta.direction.value, "words": delta.words}
                for delta in decision.deltas
            ],
            "nextStep": decision.next_step,
            "request": self.request,
            "revision": self.revision,
            "done": self.words,
        }
        if self.secret is not None:
            record["token"] = self.secret
        if self.late is not None:
            record["late"] = self.late
        return record
