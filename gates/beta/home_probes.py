"""Probes of what the home itself shows: kills and drills, the allowlist in force, the audit chain."""

from gates.beta.facts import BetaFacts
from gates.beta.observed import Observed, fails, holds, ran_out, silent
from gates.verdict.evidence import KillState
from gates.verdict.verdict import HoldCode
from gates.verdict.words import VerdictWord
from schemas.instant import SECOND

PROOF_DAYS = 7
DAY_NS = 24 * 3600 * SECOND
_DRILL = "`slotgate drill kill`"
_UNCONFIRMED = HoldCode.KILL_UNCONFIRMED


def kill_confirmed(facts: BetaFacts) -> Observed:
    """A kill that telemetry confirmed, or a drill, at most 7 days ago; and the newest kill is no other."""
    verdict = facts.verdict
    if verdict is not None and verdict.kill is not None and verdict.kill.state is KillState.BREACHED:
        return fails(verdict.kill.sentence, VerdictWord.ROLL_BACK)
    waiting = [] if verdict is None else [hold for hold in verdict.holds if hold.code is _UNCONFIRMED]
    if waiting:
        return silent(waiting[0].words)
    moments = [drill.confirmed_ns for drill in facts.drills]
    if facts.kill_confirmed_ns is not None:
        moments.append(facts.kill_confirmed_ns)
    killed = verdict is not None and verdict.word is VerdictWord.KILLED
    how = "`slotgate probe`, while the kill is on" if killed else _DRILL
    return _recent(
        facts.now_ns, moments, "a kill was confirmed by telemetry", "no kill was confirmed yet", how
    )


def rollback_tested(facts: BetaFacts) -> Observed:
    """A drill that was confirmed and restored the same controls, at most 7 days ago."""
    moments = [drill.restored_ns for drill in facts.drills]
    return _recent(facts.now_ns, moments, "a drill stopped and restored the rollout", "no drill was made yet")


def allowlist(facts: BetaFacts) -> Observed:
    """The control file is valid, and so its allowlist: the schema knows no mode but deny by default."""
    if facts.allowlist.why is not None:
        return fails(f"no valid allowlist is in force: {facts.allowlist.why}", VerdictWord.HOLD)
    if not facts.allowlist.enabled:
        return holds("valid; it is off and denies everything")
    rules = "1 rule permits" if facts.allowlist.rules == 1 else f"{facts.allowlist.rules} rules permit"
    return holds(f"valid, deny by default; {rules} what they list")


def chain(facts: BetaFacts) -> Observed:
    """The audit chain verifies."""
    if facts.chain is None:
        return silent("the audit chain was not looked at")
    if facts.chain.broken is not None:
        return fails(f"the audit chain does not verify: {facts.chain.broken}", VerdictWord.HOLD)
    return holds(f"{facts.chain.records} audit records, intact")


def _recent(now_ns: int, moments: list[int], what: str, nothing: str, how: str = _DRILL) -> Observed:
    past = [moment for moment in moments if moment <= now_ns]
    if moments and not past:
        return silent(f"{what} in the future: set the clock right, then run {how}")
    if not past:
        return silent(f"{nothing}: run {how}")
    ago = days_ago(now_ns - max(past))
    if now_ns - max(past) > PROOF_DAYS * DAY_NS:
        return ran_out(f"{what} {ago}, which counts for {PROOF_DAYS} days: run {how}")
    return holds(f"{what} {ago}; it counts for {PROOF_DAYS} days")


def days_ago(nanoseconds: int) -> str:
    """A length of time up to now, in words."""
    hours = nanoseconds // (3600 * SECOND)
    if hours < 1:
        return "less than an hour ago"
    if hours < 48:
        return "1 hour ago" if hours == 1 else f"{hours} hours ago"
    return f"{hours // 24} days ago"
