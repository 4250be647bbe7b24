"""What a receiver has still to be told. Pure: values in, values out; the clock and chance are arguments.

The cursor runs ahead over the chain; what is selected waits in `waiting` until it was delivered or given
up. What is urgent goes first. Events of one incident go in the order in which they happened, so that an
end never comes before its beginning.
"""

from dataclasses import dataclass, replace

from dashboard.notify.events import Event, Incident

SECOND = 10**9
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 900.0
MOST_ATTEMPTS = 105
"""With the pauses below about a day; counted, because a clock may be set."""
MOST_WAITING, MOST_FAILED = 2_000, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An event that was not delivered yet. `next_ns` is when to try, by a clock that may be set."""

    seq: int
    urgent: bool
    incidents: tuple[Incident, ...]
    attempts: int = 0
    next_ns: int = 0
    last: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """An event that was given up, and why."""

    seq: int
    at_ns: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """All records up to `cursor`, whose leaf hash is `leaf`, were looked at; null before the first.

    `after` is that of the receiver: one that was added anew begins anew. `disabled` says why nothing is
    sent any more. `failed` holds the newest of `failures`.
    """

    after: int
    cursor: int
    leaf: str | None = None
    waiting: tuple[Waiting, ...] = ()
    delivered: int = 0
    delivered_ns: int | None = None
    failures: int = 0
    failed: tuple[Failed, ...] = ()
    disabled: str | None = None


def noticed(backlog: Backlog, events: tuple[Event, ...], cursor: int, leaf: str, now_ns: int) -> Backlog:
    """The chain was read up to `cursor`; `events` are what the receiver selected of it."""
    new = [
        Waiting(
            seq=event.seq,
            urgent=event.urgent,
            incidents=(*event.resolves, *((event.triggers,) if event.triggers else ())),
        )
        for event in events
    ]
    # What is urgent does not wait out the pause of what must go before it.
    hurried = {incident for one in new if one.urgent for incident in one.incidents}
    before = (
        replace(one, next_ns=0) if hurried.intersection(one.incidents) else one for one in backlog.waiting
    )
    found = replace(backlog, cursor=cursor, leaf=leaf, waiting=(*before, *new))
    for one in _surplus(found.waiting):
        found = given_up(found, one.seq, now_ns, "too many events waited")
    return found


def begun_anew(backlog: Backlog, cursor: int, leaf: str | None, now_ns: int) -> Backlog:
    """The chain is another than the one that was read: what waited cannot be read any more."""
    for one in backlog.waiting:
        backlog = given_up(backlog, one.seq, now_ns, "the audit chain is another one now")
    return replace(backlog, cursor=cursor, leaf=leaf)


def due(backlog: Backlog, now_ns: int) -> Waiting | None:
    """What to deliver now: urgent before others, old before new, incidents in order."""
    if backlog.disabled is not None:
        return None
    busy: set[Incident] = set()
    ready: list[Waiting] = []
    for one in backlog.waiting:
        if not busy.intersection(one.incidents) and _is_time(one, now_ns):
            ready.append(one)
        busy.update(one.incidents)
    return min(ready, key=lambda one: (not one.urgent, one.seq), default=None)


def delivered(backlog: Backlog, seq: int, now_ns: int) -> Backlog:
    """The receiver has it."""
    return replace(_without(backlog, seq), delivered=backlog.delivered + 1, delivered_ns=now_ns)


def postponed(
    backlog: Backlog, seq: int, now_ns: int, why: str, chance: float, at_least_s: float = 0.0
) -> Backlog:
    """Try again later, or give up after many attempts. `chance` in [0, 1) spreads the attempts."""
    [one] = [one for one in backlog.waiting if one.seq == seq]
    attempts = one.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        return given_up(backlog, seq, now_ns, f"given up after {attempts} attempts: {why}")
    pause_s = min(LONGEST_PAUSE_S, max(pause(attempts, chance), at_least_s))
    later = replace(one, attempts=attempts, next_ns=now_ns + round(pause_s * SECOND), last=why)
    return replace(backlog, waiting=tuple(later if each.seq == seq else each for each in backlog.waiting))


def given_up(backlog: Backlog, seq: int, now_ns: int, why: str) -> Backlog:
    """It will not be delivered; that stays on the list of what failed."""
    failed = (*backlog.failed, Failed(seq, now_ns, why))[-MOST_FAILED:]
    return replace(_without(backlog, seq), failures=backlog.failures + 1, failed=failed)


def disabled(backlog: Backlog, why: str) -> Backlog:
    """The receiver wants nothing any more. What waits stays on record."""
    return replace(backlog, disabled=why)


def pause(attempts: int, chance: float) -> float:
    """Seconds before the next attempt: doubling, bounded, and between half and all of that."""
    whole: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(attempts - 1, 30))
    return whole * (0.5 + chance / 2)


def _is_time(one: Waiting, now_ns: int) -> bool:
    """Also where the clock was set back: no pause is longer than the longest."""
    return now_ns >= one.next_ns or one.next_ns - now_ns > LONGEST_PAUSE_S * SECOND


def _without(backlog: Backlog, seq: int) -> Backlog:
    return replace(backlog, waiting=tuple(one for one in backlog.waiting if one.seq != seq))


def _surplus(waiting: tuple[Waiting, ...]) -> tuple[Waiting, ...]:
    """The oldest beyond what may wait, those that are urgent last."""
    surplus = len(waiting) - MOST_WAITING
    return tuple(sorted(waiting, key=lambda one: (one.urgent, one.seq))[:surplus]) if surplus > 0 else ()
