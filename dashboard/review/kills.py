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
        return _unseen(revisions, now_ns, thresholds.kill_confirm_s)
    return confirm(facts, now_ns, thresholds)


def _unseen(revisions: Sequence[RevisionRow], now_ns: int, wait_s: float) -> KillConfirmation:
    """The kill did not even reach the telemetry's own history of the controls."""
    revision, open_ns = revisions[-1].revision, _last_open_ns(revisions)
    engaged = [
        row.effective_at_ns for row in revisions if row.after["kill"] and row.effective_at_ns > open_ns
    ]
    if not engaged or now_ns - engaged[0] <= wait_s * SECOND:
        words = f"ENGAGED: telemetry has not seen the kill of revision {revision} yet"
        return KillConfirmation(state=KillState.ENGAGED, sentence=words)
    words = (
        f"UNCONFIRMED: telemetry has still not seen the kill of revision {revision}; look whether "
        "`slotgate serve` loads the spool, then send a probe: `slotgate probe`"
    )
    return KillConfirmation(state=KillState.UNCONFIRMED, sentence=words)


def _last_open_ns(revisions: Sequence[RevisionRow]) -> int:
    """When the newest revision without the kill was recorded: what was engaged before it is another kill.

    Further revisions under the same kill begin no other, and one by removal has the number of what it
    took away; so numbers do not tell kills apart.
    """
    return max((row.effective_at_ns for row in revisions if not row.after["kill"]), default=0)
