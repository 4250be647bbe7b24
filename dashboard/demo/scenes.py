"""The live part as data: scenes that follow each other and begin anew, some fifteen minutes a round."""

from dataclasses import dataclass
from enum import Enum, auto

from dashboard.demo.deeds import Acknowledge, Carry, Deed, Kill, Narrow
from dashboard.demo.story import Trouble
from gates.verdict.words import VerdictWord

GIVE_UP = "a demo waits for no perfect evidence; the bound is stated and accepted"
INCIDENTS = (Trouble.UPSTREAM_5XX, Trouble.GATEWAY_HTML, Trouble.MISSING_KEY, Trouble.SLOW)
"""What goes wrong in each round, in turn."""


class Place(Enum):
    """Where a round can be taken up again."""

    STEADY = auto()
    AT_HALF = auto()
    INCIDENT_OVER = auto()
    KILLED = auto()
    AT_ALL = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What happens, and when it is over: at `until`, but not before `least_s` nor after `most_s` seconds.

    `deed` is played at its beginning. `incident`: the trouble of this round goes on meanwhile.
    `place`: whoever finds the controls as they are at its beginning goes on here.
    """

    says: str
    until: VerdictWord
    least_s: float
    most_s: float
    deed: Deed | None = None
    trouble: Trouble = Trouble.NONE
    incident: bool = False
    place: Place | None = None


ROUND: tuple[Scene, ...] = (
    Scene(
        says="100 % of the pilot's jobs reach the model, and nothing is wrong",
        until=VerdictWord.EXPAND,
        least_s=120,
        most_s=300,
        place=Place.STEADY,
    ),
    Scene(
        says="bob, who is on call, goes back to 50 %, alone: every revision starts its count anew",
        deed=Narrow({"percent": 50}, "the provider announces maintenance"),
        until=VerdictWord.EXPAND,
        least_s=100,
        most_s=240,
    ),
    Scene(
        says="alice proposes 100 %, bob approves, alice applies",
        deed=Carry({"percent": 100}, "the maintenance is over", GIVE_UP),
        until=VerdictWord.EXPAND,
        least_s=100,
        most_s=240,
        place=Place.AT_HALF,
    ),
    Scene(
        says="an incident begins",
        until=VerdictWord.ROLL_BACK,
        least_s=15,
        most_s=150,
        incident=True,
    ),
    Scene(
        says="bob narrows to 50 %, alone; the incident ends, and ROLL BACK stands until it is acknowledged",
        deed=Narrow({"percent": 50}, "too many calls fail"),
        until=VerdictWord.ROLL_BACK,
        least_s=25,
        most_s=30,
    ),
    Scene(
        says="alice acknowledges the incident; the count of this revision goes on",
        deed=Acknowledge("the cause is found and mended"),
        until=VerdictWord.EXPAND,
        least_s=60,
        most_s=240,
        place=Place.INCIDENT_OVER,
    ),
    Scene(
        says="alice and bob go to 100 % again",
        deed=Carry({"percent": 100}, "no evidence of harm at 50 % since", GIVE_UP),
        until=VerdictWord.EXPAND,
        least_s=90,
        most_s=240,
    ),
    Scene(
        says="workers write garbled lines",
        trouble=Trouble.CUT_LINES,
        until=VerdictWord.HOLD,
        least_s=8,
        most_s=60,
    ),
    Scene(
        says="the lines are whole again, but what was garbled stays unknown",
        until=VerdictWord.HOLD,
        least_s=40,
        most_s=45,
    ),
    Scene(
        says="bob stops everything, alone, until somebody knows what these lines were",
        deed=Kill("nobody can read what was sent to the model"),
        until=VerdictWord.KILLED,
        least_s=60,
        most_s=70,
    ),
    Scene(
        says="the kill is confirmed by telemetry; alice and bob release it",
        deed=Carry({"kill": False}, "the lines were read by hand: all of them were stubs"),
        until=VerdictWord.EXPAND,
        least_s=90,
        most_s=240,
        place=Place.KILLED,
    ),
    Scene(
        says="alice and bob call it steady again",
        deed=Carry({"step": "steady"}, "this is how it stays", GIVE_UP),
        until=VerdictWord.EXPAND,
        least_s=60,
        most_s=240,
        place=Place.AT_ALL,
    ),
)

EMERGENCY = Scene(
    says="nobody foresaw this ROLL BACK: bob stops everything, alone",
    deed=Kill("a ROLL BACK that nobody foresaw"),
    until=VerdictWord.KILLED,
    least_s=60,
    most_s=70,
)
"""After it the round begins anew where the controls stand: the kill is released once it is acknowledged."""
