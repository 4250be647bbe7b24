"""What an event says to people: what happened, who, where, and what to do next. Pure.

The headline is ours, but names a person and an environment; facts quote what people typed. Whoever
sends a message escapes all of it for where it goes.
"""

from dataclasses import dataclass

from dashboard.notify.events import Event, EventType, Incident

_LONGEST = 500

_HEADLINES = {
    EventType.KILL_ENGAGED: "STOPPED: all AI calls in {environment} are stopped",
    EventType.KILL_FAILED: "STOP FAILED in {environment}: AI calls may still be made",
    EventType.KILL_BREACHED: "STOPPED, AND NOT OBEYED in {environment}: AI calls were started since the kill",
    EventType.KILL_RELEASED: "RELEASED: AI calls in {environment} may be made again",
    EventType.CONTROLS_CHANGED: "Controls of {environment} changed",
    EventType.CONTROLS_UNREVIEWED: "STOPPED: the controls of {environment} held what nobody reviewed",
    EventType.VERDICT_ROLL_BACK: "ROLL BACK in {environment}: the rollout fails its checks",
    EventType.VERDICT_ACKNOWLEDGED: "The ROLL BACK in {environment} was acknowledged",
    EventType.REQUEST_OPENED: "A change of {environment} waits for an approver",
    EventType.REQUEST_APPROVED: "A change of {environment} was approved",
    EventType.REQUEST_CLOSED: "A change of {environment} was closed and will not be made",
    EventType.CHANGE_REFUSED: "A change of {environment} was refused",
    EventType.DRILL: "Drill of the kill in {environment}: {action}",
    EventType.RULES_CHANGED: "Rules of {environment} changed: {action}",
    EventType.BUDGET_WARNING: "The budget of {environment} is nearly used up",
    EventType.ACCESS_CHANGED: "Who may do what in {environment} changed: {action}",
    EventType.ACCESS_REFUSED: "Refused in {environment}: {action}",
    EventType.AUDIT_RECORDED: "Recorded in {environment}: {action}",
    EventType.TEST: "Test: notifications of {environment} arrive here",
}
_NEXT = {
    EventType.KILL_ENGAGED: "Check that the kill is confirmed, find the cause, then ask for the release "
    "with `slotgate unkill`.",
    EventType.KILL_FAILED: "Run `slotgate kill` on the host now; if that fails too, end the executors.",
    EventType.KILL_BREACHED: "End the executors that are named; the page Gate audit has their lines.",
    EventType.KILL_RELEASED: "Watch the verdict; one click, or `slotgate kill`, stops again.",
    EventType.CONTROLS_CHANGED: "Watch the verdict of the new step; `slotgate revert` goes back.",
    EventType.CONTROLS_UNREVIEWED: "Find out who wrote the control file; `slotgate doctor` says what stands.",
    EventType.VERDICT_ROLL_BACK: "Narrow or kill, find the cause, then `slotgate ack`.",
    EventType.VERDICT_ACKNOWLEDGED: "Nothing: the rollout may go on by its rules.",
    EventType.REQUEST_OPENED: "Read the request and its evidence, then approve or reject it.",
    EventType.REQUEST_APPROVED: "Apply it within its time, or reject it.",
    EventType.BUDGET_WARNING: "Raise the budget, or lower the percent; at 100 % everything is stopped.",
    EventType.TEST: "Nothing.",
}
_PAGES = {
    EventType.KILL_ENGAGED: "/overview",
    EventType.KILL_FAILED: "/stop",
    EventType.KILL_BREACHED: "/gate-audit",
    EventType.KILL_RELEASED: "/overview",
    EventType.CONTROLS_CHANGED: "/controls",
    EventType.CONTROLS_UNREVIEWED: "/controls",
    EventType.VERDICT_ROLL_BACK: "/review",
    EventType.VERDICT_ACKNOWLEDGED: "/review",
}


@dataclass(frozen=True, slots=True)
class Message:
    """An event in words. `facts` are pairs of a label and what is known; `link` is null without a URL."""

    headline: str
    facts: tuple[tuple[str, str], ...]
    next_step: str
    link: str | None


def message_of(event: Event, public_url: str | None) -> Message:
    """The words for `event`; `public_url` is where browsers reach the dashboard."""
    headline = _HEADLINES[event.type].format(
        environment=visible(event.environment), action=visible(event.action)
    )
    if event.actor:
        headline = f"{headline}, by {visible(_called(event.actor))}"
    facts = (
        ("who", event.actor),
        ("when", f"{event.at}, recorded late" if event.late else event.at),
        ("environment", event.environment),
        ("what", event.words),
        ("revision", "" if event.revision is None else str(event.revision)),
        ("request", event.request),
        ("reason", event.reason),
        ("outcome", " ".join((event.outcome, *event.codes)).strip()),
        ("record", str(event.seq) if event.seq else ""),
    )
    return Message(
        headline=headline,
        facts=tuple((label, visible(value)) for label, value in facts if value),
        next_step=_next(event),
        link=None if public_url is None else f"{public_url.rstrip('/')}{_page(event)}",
    )


def visible(text: str) -> str:
    """`text` on one line, bounded; what cannot be seen as an escape, so that nothing moves or hides."""
    seen = "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode("ascii")
        for char in text[:_LONGEST]
    )
    return f"{seen}…" if len(text) > _LONGEST else seen


def _called(actor: str) -> str:
    """`local|alice` is `alice`; the system stays what it is."""
    issuer, _, subject = actor.partition("|")
    return actor if issuer == "system" or not subject else subject


def _next(event: Event) -> str:
    if event.type is EventType.DRILL and event.triggers is Incident.KILL:
        return _NEXT[EventType.KILL_ENGAGED]
    return _NEXT.get(event.type, "Nothing, unless you did not expect it.")


def _page(event: Event) -> str:
    if event.request.isdecimal():
        return f"/record/{event.request}"
    return _PAGES.get(event.type, "/audit")
