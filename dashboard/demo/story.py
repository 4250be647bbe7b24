"""What happens in the demo, as data: the days before now, and the minutes that repeat while it runs."""

from dataclasses import dataclass
from enum import StrEnum

from dashboard.demo import ladder
from dashboard.demo.ladder import Rung
from schemas.stages import Step

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
    """New controls at `at_s` seconds after the story begins."""

    at_s: float
    rung: Rung


@dataclass(frozen=True, slots=True)
class Episode:
    """A trouble from `from_s` until `to_s`."""

    from_s: float
    to_s: float
    trouble: Trouble


BASELINE = Rung(Step.BASELINE, kill=True, feature=False, allowlist=False)
CANARY_1 = Rung(Step.CANARY_1, percent=1)
CANARY_5 = Rung(Step.CANARY_5, percent=5)
EXPAND_10 = Rung(Step.EXPAND_10, percent=10)
EXPAND_25 = Rung(Step.EXPAND_25, percent=25)
EXPAND_50 = Rung(Step.EXPAND_50, percent=50)
STEADY = Rung(Step.STEADY, percent=100, reach=ladder.WIDEST)


def _hours(*changes: tuple[float, Rung]) -> tuple[Change, ...]:
    return tuple(Change(hours * HOUR_S, rung) for hours, rung in changes)


DAYS = 6
PAST_CHANGES = _hours(
    (0, BASELINE),
    # The enable sequence: feature, allowlist, percent, and only then the kill switch off.
    (6, Rung(Step.BASELINE, kill=True, allowlist=False)),
    (9, Rung(Step.BASELINE, kill=True)),
    (12, Rung(Step.BASELINE, kill=True, percent=1)),
    (15, CANARY_1),
    (36, CANARY_5),
    (54, EXPAND_10),
    (62.4, EXPAND_10.killed()),
    (65, EXPAND_10),
    (76, EXPAND_25),
    (86, EXPAND_50),
    (96, Rung(Step.BROADEN_SUBJECT, percent=50, reach=ladder.WIDER_SUBJECT)),
    (101, Rung(Step.BROADEN_BOARD, percent=50, reach=ladder.WIDER_BOARD)),
    (106, Rung(Step.BROADEN_LEVEL, percent=50, reach=ladder.WIDER_LEVEL)),
    (110, Rung(Step.BROADEN_SPEC, percent=50, reach=ladder.WIDER_SPEC)),
    (114, Rung(Step.BROADEN_KIND, percent=50, reach=ladder.WIDER_KIND)),
    (118, Rung(Step.BROADEN_SLOT, percent=50, reach=ladder.WIDEST)),
    (124, Rung(Step.EXPAND_100, percent=100, reach=ladder.WIDEST)),
    (136, STEADY),
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

# The live part begins anew after `LIVE_SECONDS`.
LIVE_SECONDS = 900.0
LIVE_START = STEADY
LIVE_CHANGES = (
    Change(150, Rung(Step.EXPAND_50, percent=50, reach=ladder.WIDEST)),
    Change(300, Rung(Step.EXPAND_100, percent=100, reach=ladder.WIDEST)),
    Change(380, STEADY),
    Change(560, STEADY.killed()),
    Change(605, STEADY),
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
