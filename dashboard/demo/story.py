"""What happens in the demo, as data: the days before now, and the minutes that repeat while it runs."""

from dataclasses import dataclass
from enum import StrEnum

from dashboard.demo.deeds import Carry, Deed, Kill, Narrow, Revert
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
    (62.4, Kill("most calls fail with 503")),
    (65, Carry({"kill": False}, "the provider says it is mended")),
    (76, Carry({"percent": 25}, "no evidence of harm at 10 %")),
    (82, Revert("answers take three times as long")),
    (84, Carry({"percent": 25}, "answers are quick again", FEW)),
    (88, Carry({"percent": 50}, "no evidence of harm at 25 %")),
    (96, Carry(_SUBJECT, "chemistry and physics as well")),
    (101, Carry(_BOARD, "OCR as well")),
    (106, Carry(_LEVEL, "A-level as well")),
    (110, Carry(_SPEC, "the specification of 2018 as well")),
    (114, Carry(_KIND, "assessments and statutory texts as well")),
    (118, Carry(_SLOT, "every slot, and up to four jobs a run")),
    (124, Carry({"percent": 100}, "everyone in scope")),
    (136, Carry({"step": "steady"}, "this is how it stays")),
)
PAST_EPISODES = tuple(
    Episode(start * HOUR_S, end * HOUR_S, trouble)
    for start, end, trouble in (
        (44, 49, Trouble.SILENCE),
        (61.2, 62.6, Trouble.UPSTREAM_5XX),
        (81, 83, Trouble.SLOW),
        (90, 91.2, Trouble.GATEWAY_HTML),
        (104, 104.3, Trouble.CUT_LINES),
        (130, 130.35, Trouble.MISSING_KEY),
        (140, 140.3, Trouble.CUT_LINES),
    )
)

# The live part begins anew after `LIVE_SECONDS`; it begins and ends at steady.
LIVE_SECONDS = 900.0
LIVE_CHANGES = (
    Change(150, Narrow({"percent": 50}, "most calls fail with 503")),
    Change(300, Carry({"percent": 100}, "the provider says it is mended")),
    Change(380, Carry({"step": "steady"}, "this is how it stays")),
    Change(560, Kill("a drill")),
    Change(605, Carry({"kill": False}, "the drill is over")),
)
LIVE_EPISODES = (
    Episode(100, 150, Trouble.UPSTREAM_5XX),
    Episode(420, 424, Trouble.CUT_LINES),
    Episode(460, 500, Trouble.GATEWAY_HTML),
    Episode(680, 720, Trouble.MISSING_KEY),
    Episode(780, 830, Trouble.SLOW),
)


def trouble_at(episodes: tuple[Episode, ...], at_s: float) -> Trouble:
    """What is wrong at `at_s`."""
    return next((e.trouble for e in episodes if e.from_s <= at_s < e.to_s), Trouble.NONE)
