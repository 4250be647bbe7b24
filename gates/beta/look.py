"""What the probes of telemetry look at, and what they have in common."""

from dataclasses import dataclass

from gates.beta.observed import Observed, fails, holds, silent
from gates.verdict.evidence import Evidence, Severity
from gates.verdict.verdict import HoldCode, Verdict
from gates.verdict.words import VerdictWord


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The evidence of the revision in force and the verdict on it; `min_jobs` as the thresholds ask."""

    seen: Evidence
    verdict: Verdict
    min_jobs: int

    @property
    def lines(self) -> int:
        """Lines under this revision, probes included."""
        return self.seen.lines + self.seen.probes


def without(look: Look, codes: frozenset[str], clean: str) -> Observed:
    """It holds where lines came and the gate audit found none of `codes` in them."""
    found = [one for one in look.seen.findings if one.code in codes and one.lines]
    if found:
        critical = any(one.severity is Severity.CRITICAL for one in found)
        words = ", ".join(f"{one.code} on {count(one.lines, 'line')}" for one in found)
        return fails(f"the gate audit found {words}", VerdictWord.ROLL_BACK if critical else VerdictWord.HOLD)
    return holds(clean) if look.lines else silent("no line has come under this revision yet")


def held(look: Look, *codes: HoldCode) -> Observed | None:
    """What fails because the verdict holds for one of these reasons, or None."""
    reasons = [hold.words for hold in look.verdict.holds if hold.code in codes]
    return fails("; ".join(reasons), VerdictWord.HOLD) if reasons else None


def not_fresh(look: Look) -> str | None:
    """Why what telemetry shows is not of now, or None."""
    stale = (HoldCode.INGEST_BEHIND, HoldCode.EVIDENCE_OLD)
    return next((hold.words for hold in look.verdict.holds if hold.code in stale), None)


def count(number: int, of: str) -> str:
    """`1 line`, `2 lines`."""
    return f"{number} {of}" if number == 1 else f"{number} {of}s"
