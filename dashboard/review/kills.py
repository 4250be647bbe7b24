"""Whether telemetry confirms the newest kill of a home, asked anew at every call."""

from collections.abc import Callable

from dashboard.telemetry.port import KillQuestion, Telemetry
from gates.changes.looking import Looking
from gates.verdict.evidence import KillState
from gates.verdict.kill_confirmation import confirm
from gates.verdict.verdict import KillConfirmation
from schemas.instant import SECOND

Clock = Callable[[], int]


def confirmation(service: Looking, telemetry: Telemetry, clock: Clock) -> KillConfirmation:
    """Where the confirmation of the revision in force stands; an earlier kill confirms nothing.

    Raises what the store and the telemetry raise.
    """
    revision, thresholds = service.newest().revision, service.thresholds()
    now_ns = clock()
    facts = telemetry.kill_facts(KillQuestion(now_ns=now_ns, skew_ns=round(thresholds.clock_skew_s * SECOND)))
    if facts is None or facts.revision < revision or facts.released_ns is not None:
        words = f"ENGAGED: telemetry has not seen the kill of revision {revision} yet"
        return KillConfirmation(state=KillState.ENGAGED, sentence=words)
    return confirm(facts, now_ns, thresholds)
