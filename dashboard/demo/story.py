"""What happens in the demo before now, as data: who changes what, and what goes wrong."""

from dataclasses import dataclass
from enum import StrEnum

from dashboard.demo.deeds import Acknowledge, Carry, Deed, Kill, Revert
from dashboard.demo.ladder import BROADENINGS, SMALLEST, allowlist

HOUR_S = 3_600.0


class Trouble(StrEnum):
    """What can go wrong around the executors."""

    NONE = "none"
    UPSTREAM_5XX = "upstream 5xx"
    GATEWAY_HTML = "gateway answers HTML"
    SLOW = "upstream slow"
    MISSING_KEY = "one worker without a key"
    CUT_LINES = "lines cut and garbled"
    SILENCE = "the log collector is down"


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody begins to do at `at_s` seconds after the story begins."""

    at_s: float
    deed: Deed


@dataclass(frozen=True, slots=True)
class Episode:
    """A trouble from `from_s` until `to_s`."""

    from_s: float
    to_s: float
    trouble: Trouble


def _hours(*changes: tuple[float, Deed]) -> tuple[Change, ...]:
    return tuple(Change(hours * HOUR_S, deed) for hours, deed in changes)


_SUBJECT, _BOARD, _LEVEL, _SPEC, _KIND, _SLOT = ({"allowlist": allowlist(reach)} for reach in BROADENINGS)
FEW = "the pilot is one slot of one course: it has a handful of jobs a day at this percent"
SMALL = "the slice is small, so its bound is wide; the bound is accepted"

DAYS = 6
# At 0 the home is made: kill on, feature off, nothing permitted. Then the enable sequence: feature,
# allowlist, percent, and only at its end the kill switch off.
PAST_CHANGES = _hours(
    (6, Carry({"feature": True}, "begin the enable sequence")),
    (9, Carry({"allowlist": allowlist(SMALLEST)}, "the smallest scope: summaries for one course")),
    (12, Carry({"percent": 1}, "the first canary")),
    (15, Carry({"kill": False}, "verified with the kill on: begin")),
    (36, Carry({"percent": 5}, "a larger canary", FEW)),
    (54, Carry({"percent": 10}, "the canary is quiet", FEW)),
    (56.4, Kill("most calls fail with 503")),
    (58.8, Acknowledge("the provider says it is mended")),
    (59, Carry({"kill": False}, "verified with the kill on: go on")),
    (76, Carry({"percent": 25}, "no evidence of harm at 10 %", FEW)),
    (81.8, Revert("answers take ten times as long")),
    (83, Acknowledge("the provider says that answers are quick again")),
    (84, Carry({"percent": 25}, "answers are quick again", FEW)),
    (92, Carry({"percent": 50}, "no evidence of harm at 25 %", FEW)),
    (99, Carry(_SUBJECT, "chemistry and physics as well", SMALL)),
    (102, Carry(_BOARD, "OCR as well", SMALL)),
    (104.4, Revert("some lines are garbled: nobody can tell what those runs did")),
    (105.5, Carry(_BOARD, "OCR again: one worker ran an old build, it is replaced", SMALL)),
    (112, Carry(_LEVEL, "A-level as well", SMALL)),
    (117, Carry(_SPEC, "the specification of 2018 as well", SMALL)),
    (123.5, Carry(_KIND, "assessments and statutory texts as well", SMALL)),
    (126.5, Carry(_SLOT, "every slot, and up to four jobs a run", SMALL)),
    (130, Carry({"percent": 100}, "everyone in scope", SMALL)),
    (136, Carry({"step": "steady"}, "this is how it stays", SMALL)),
)
PAST_EPISODES = tuple(
    Episode(start * HOUR_S, end * HOUR_S, trouble)
    for start, end, trouble in (
        (44, 49, Trouble.SILENCE),
        (54.8, 56.6, Trouble.UPSTREAM_5XX),
        (80.6, 82, Trouble.SLOW),
        (94, 94.25, Trouble.GATEWAY_HTML),
        (104, 104.3, Trouble.CUT_LINES),
        (132, 132.35, Trouble.MISSING_KEY),
    )
)


def trouble_at(episodes: tuple[Episode, ...], at_s: float) -> Trouble:
    """What is wrong at `at_s`."""
    return next((e.trouble for e in episodes if e.from_s <= at_s < e.to_s), Trouble.NONE)
