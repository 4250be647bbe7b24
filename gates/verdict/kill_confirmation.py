"""Whether telemetry confirms a kill. Never green without evidence (DESIGN section 6).

    ENGAGED      the kill is on; nothing has come since
    DRAINING     calls from before it have ended; nothing decided since has been seen
    CONFIRMED    a job decided since was stubbed, and no call was started since
    BREACHED     a call was started since
    UNCONFIRMED  nothing decided since was seen in time, or before the kill was released

CONFIRMED can still become BREACHED, by a line that comes late; a call in flight shows when it ends.
"""

from typing import assert_never

from gates.verdict.evidence import KillFacts, KillState
from gates.verdict.thresholds import Thresholds
from gates.verdict.verdict import KillConfirmation
from gates.verdict.wording import SECOND_NS, clock, count, ordered, span

PROBE = "send a probe: `slotgate probe`"


def confirm(facts: KillFacts, now_ns: int, thresholds: Thresholds) -> KillConfirmation:
    """Where the confirmation stands, and in one sentence why."""
    state = _state(facts, now_ns, thresholds.kill_confirm_s)
    return KillConfirmation(state=state, sentence=f"{state}: {_words(state, facts, now_ns, thresholds)}")


def _state(facts: KillFacts, now_ns: int, wait_s: float) -> KillState:
    if facts.openai_since > 0:
        return KillState.BREACHED
    if facts.stubbed_since > 0:
        return KillState.CONFIRMED
    if facts.released_ns is not None or now_ns - facts.engaged_ns > wait_s * SECOND_NS:
        return KillState.UNCONFIRMED
    return KillState.DRAINING if facts.in_flight > 0 else KillState.ENGAGED


def _words(state: KillState, facts: KillFacts, now_ns: int, thresholds: Thresholds) -> str:
    on = clock(facts.engaged_ns)
    wait = f"telemetry has {span(thresholds.kill_confirm_s)} to show it, then {PROBE}"
    match state:
        case KillState.BREACHED:
            return (
                f"{count(facts.openai_since, 'OpenAI call')} started after the kill of "
                f"{clock(facts.engaged_ns)}{_last_after(facts)}{_of_sources(facts)}, "
                f"{facts.stubbed_since:,} stubbed since; stop those executors themselves"
            )
        case KillState.CONFIRMED:
            return ", ".join((*_before(facts), f"{facts.stubbed_since:,} stubbed since", "0 calls since"))
        case KillState.DRAINING:
            return f"{', '.join(_before(facts))}; none decided since {on} has been seen; {wait}"
        case KillState.ENGAGED:
            return f"no line has come since {on}; {wait}"
        case KillState.UNCONFIRMED:
            return f"{_unseen(facts, now_ns)}; {', '.join(_before(facts))}"
        case _:
            assert_never(state)


def _unseen(facts: KillFacts, now_ns: int) -> str:
    if facts.released_ns is not None:
        lasted = span((facts.released_ns - facts.engaged_ns) / SECOND_NS)
        return f"no job ran in the {lasted} until its release; `slotgate drill kill` confirms the next one"
    return f"no job has run since, {span((now_ns - facts.engaged_ns) / SECOND_NS)} ago; {PROBE}"


def _before(facts: KillFacts) -> tuple[str, ...]:
    """What is known of the calls from before the kill."""
    if facts.last_openai_start_ns is None:
        return ("no OpenAI call was seen before it",)
    early = (facts.engaged_ns - facts.last_openai_start_ns) / SECOND_NS
    when = f"{span(early)} before" if early >= 0 else f"{span(-early)} after"
    skew = "" if early >= 0 else " (within the clock skew)"
    words = f"last OpenAI call started {when} the kill{skew}"
    if facts.in_flight == 0 or facts.in_flight_ended_ns is None:
        return (words, "none seen in flight")
    return (words, f"{facts.in_flight:,} in flight ended by {clock(facts.in_flight_ended_ns)}")


def _last_after(facts: KillFacts) -> str:
    if facts.last_openai_start_ns is None or facts.last_openai_start_ns <= facts.engaged_ns:
        return ""
    return f", the last {span((facts.last_openai_start_ns - facts.engaged_ns) / SECOND_NS)} after it"


def _of_sources(facts: KillFacts) -> str:
    """Which sources broke it, the worst first; three names are enough for a sentence."""
    breakers = sorted(
        (source for source in facts.sources if source.openai_since > 0),
        key=lambda source: (-source.openai_since, source.source),
    )
    if not breakers:
        return ""
    names = [f"{source.source} ({source.openai_since:,})" for source in breakers[:3]]
    rest = [f"{len(breakers) - 3} more"] if len(breakers) > 3 else []
    return f", in {ordered([*names, *rest])}"
