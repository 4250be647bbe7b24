"""Whether telemetry confirms the newest kill of a home, asked anew at every call."""

from collections.abc import Callable, Sequence

from dashboard.telemetry.port import KillQuestion, Telemetry
from gates.changes.looking import Looking
from gates.store.rows import RevisionRow
from gates.verdict.evidence import KillState
from gates.verdict.kill_confirmation import confirm
from gates.verdict.verdict import KillConfirmation
from schemas.instant import SECOND

Clock = Callable[[], int]


def confirmation(service: Looking, telemetry: Telemetry, clock: Clock) -> KillConfirmation:
    """Where the confirmation of the kill in force stands; an earlier kill confirms nothing.

    Raises what the store and the telemetry raise.
    """
    thresholds, revisions = service.thresholds(), service.revisions()
    now_ns = clock()
    facts = telemetry.kill_facts(KillQuestion(now_ns=now_ns, skew_ns=round(thresholds.clock_skew_s * SECOND)))
    if facts is None or facts.released_ns is not None or facts.engaged_ns < _last_open_ns(revisions):
        words = f"ENGAGED: telemetry has not seen the kill of revision {revisions[-1].revision} yet"
        return KillConfirmation(state=KillState.ENGAGED, sentence=words)
    return confirm(facts, now_ns, thresholds)


def _last_open_ns(revisions: Sequence[RevisionRow]) -> int:
    """When the newest revision without the kill was recorded: what was engaged before it is another kill.

    Further revisions under the same kill begin no other, and one by removal has the number of what it
    took away; so numbers do not tell kills apart.
    """
    return max((row.effective_at_ns for row in revisions if not row.after["kill"]), default=0)
