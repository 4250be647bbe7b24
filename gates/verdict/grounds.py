"""Everything that was found in the evidence, from which the word and all sentences follow."""

from dataclasses import dataclass

from gates.verdict.checks import checks, required
from gates.verdict.evidence import Evidence
from gates.verdict.expansion import missing, stops
from gates.verdict.holds import holds
from gates.verdict.kill_confirmation import confirm
from gates.verdict.question import Question
from gates.verdict.readiness import readiness
from gates.verdict.verdict import Check, CheckName, CheckState, Hold, KillConfirmation, Readiness


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What was asked, what was seen, and every finding of it; `killed`: kill on, or no control file."""

    question: Question
    evidence: Evidence
    killed: bool
    checks: tuple[Check, ...]
    holds: tuple[Hold, ...]
    stops: tuple[str, ...]
    missing: tuple[str, ...]
    kill: KillConfirmation | None
    readiness: Readiness
    readiness_words: str

    @property
    def required(self) -> tuple[Check, ...]:
        """The checks that EXPAND needs: all but those of versions no longer in use."""
        return tuple(check for check in self.checks if required(self.evidence, check))

    @property
    def opens(self) -> tuple[Check, ...]:
        """The required checks that are open, failures first."""
        order = list(CheckName)
        found = (check for check in self.required if check.state is CheckState.OPEN)
        return tuple(sorted(found, key=lambda check: (order.index(check.name), check.version or "")))

    @property
    def failures(self) -> Check | None:
        """The failures of all versions together; null where no job may reach the model."""
        found = (c for c in self.checks if c.name is CheckName.FAILURES and c.version is None)
        return next(found, None)


def grounds_of(question: Question, evidence: Evidence) -> Grounds:
    """Look at everything; nothing is decided here."""
    asks = question.thresholds.steps.get(question.step)
    killed = evidence.controls is not None and (evidence.controls.kill or evidence.controls.removed)
    found = checks(question, evidence)
    closed = asks is not None and asks.failures is None and not killed
    kill = None if evidence.kill is None else confirm(evidence.kill, question.now_ns, question.thresholds)
    state, words = readiness(question, evidence, kill)
    return Grounds(
        question=question,
        evidence=evidence,
        killed=killed,
        checks=found,
        holds=holds(question, evidence),
        stops=stops(evidence, found, baseline=closed),
        missing=missing(question, evidence),
        kill=kill,
        readiness=state,
        readiness_words=words,
    )
