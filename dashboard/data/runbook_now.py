"""Which topics of the runbook fit what stands now, the most urgent first. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from dashboard.data.controls import ControlStrip, State
from gates.verdict.evidence import KillState
from gates.verdict.verdict import Verdict
from gates.verdict.words import VerdictWord
from schemas.stages import Step

STOPPED, ROLL_BACK, HOLD = "it-is-stopped-confirm-then-release", "roll-back", "hold-what-to-do"
HOME, EXPANSION, ENABLE, INCIDENT = (
    "when-something-is-wrong-with-the-home", "expansion", "enable-sequence", "incident",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fits:
    """`said` says why the topic `name` is the one to read now."""

    name: str
    said: str


def fitting(strip: ControlStrip, verdict: Verdict | None, failure: str | None) -> tuple[Fits, ...]:
    """What to read now; each topic once. `verdict` is the newest, `failure` why there is no newer one."""
    found: dict[str, Fits] = {}
    for one in _fits(strip, verdict, failure):
        found.setdefault(one.name, one)
    return tuple(found.values())


def _fits(strip: ControlStrip, verdict: Verdict | None, failure: str | None) -> Iterator[Fits]:
    if strip.state is State.UNKNOWN:
        yield Fits(HOME, f"the state of the controls is unknown: {strip.why}")
    if strip.state is State.KILLED:
        breached = (
            verdict is not None and verdict.kill is not None and verdict.kill.state is KillState.BREACHED
        )
        yield Fits(STOPPED, "it is KILLED, and the kill is BREACHED" if breached else "it is KILLED")
    if verdict is not None:
        if verdict.word is VerdictWord.ROLL_BACK or verdict.stops:
            yield Fits(ROLL_BACK, "the verdict is ROLL BACK, and stands until it is acknowledged")
        for hold in verdict.holds:
            yield Fits(hold.code.value, f"HOLD: {hold.words}")
        if verdict.holds:
            yield Fits(HOLD, "what to look at first on HOLD")
    if failure is not None:
        yield Fits(HOME, f"no verdict can be formed: {failure}")
    if strip.state is not State.KILLED and strip.step == Step.BASELINE:
        yield Fits(ENABLE, "the rollout stands at the baseline")
    elif strip.state is State.LIVE:
        yield Fits(EXPANSION, "the rollout is live: the next step, or the way back")
        yield Fits(INCIDENT, "if anything looks wrong: stop first")
