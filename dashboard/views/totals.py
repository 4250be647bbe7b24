"""The figures under the strip: how many, which way, how many failed, and how far to trust the record."""

from dataclasses import dataclass

import pandas as pd

from dashboard.data import format as words
from dashboard.data.overview import Overview
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from dashboard.views.markup import glyph, tag, text


@dataclass(frozen=True, slots=True)
class Split:
    """Lines by what became of them."""

    stub: int
    completed: int
    failed: int

    @property
    def openai(self) -> int:
        """Lines of the path openai."""
        return self.completed + self.failed

    @property
    def runs(self) -> int:
        """All of them."""
        return self.stub + self.openai


def split(outcomes: pd.DataFrame) -> Split:
    """Count a frame of `queries.outcomes`."""
    openai = outcomes["path"] == "openai"
    failed = openai & (outcomes["status"] == "FAILED")
    runs = outcomes["runs"]
    return Split(int(runs[~openai].sum()), int(runs[openai & ~failed].sum()), int(runs[failed].sum()))


def totals(view: Overview) -> str:
    """The figures as markup."""
    counted = split(view.outcomes)
    recent = split(view.recent)
    tiles = [
        _tile("Runs", words.count(counted.runs), _recent(recent)),
        _tile(
            "openai",
            words.share(counted.openai, counted.runs),
            f"{words.count(counted.openai)} lines",
            mark=glyph("●", "sg-openai"),
        ),
        _tile(
            "stub",
            words.share(counted.stub, counted.runs),
            f"{words.count(counted.stub)} lines",
            mark=glyph("○", "sg-stub"),
        ),
        _failed(counted),
        _latency(view),
        _quarantined(view),
        _suspect("Contradictory", view.chosen.contradictions, "valid but impossible"),
        _tile(
            "Unattributed",
            words.count(view.chosen.no_step),
            f"{words.count(view.chosen.no_time)} have no time",
        ),
    ]
    return tag("dl", *tiles, cls="sg-totals", aria_label="Totals")


def _recent(recent: Split) -> str:
    if recent.runs == 0:
        return "none in the last 10 min"
    return f"{words.count(recent.runs)} in the last 10 min"


def _failed(counted: Split) -> str:
    if counted.openai == 0:
        return _tile("openai failed", words.MISSING, "no model call")
    detail = f"{words.count(counted.failed)} of {words.count(counted.openai)}"
    if counted.openai < FEWEST_FOR_PERCENTILES:
        detail += " – too few to judge"
    mark = glyph("✕", "sg-failed") if counted.failed else ""
    return _tile(
        "openai failed",
        words.share(counted.failed, counted.openai),
        detail,
        mark=mark,
        cls="sg-bad" if counted.failed else "",
    )


def _latency(view: Overview) -> str:
    found = view.latencies[view.latencies["path"] == "openai"]
    if found.empty:
        return _tile("openai p95", words.MISSING, "no model call")
    row = found.iloc[0]
    if row["runs"] < FEWEST_FOR_PERCENTILES:
        return _tile("openai p95", words.MISSING, f"{row['runs']} runs: too few, see the points")
    return _tile("openai p95", words.latency(row["p95"]), f"p50 {words.latency(row['p50'])}")


def _quarantined(view: Overview) -> str:
    records = int(view.quarantine["records"].sum())
    claims = int(view.quarantine["claim_openai"].sum())
    detail = f"{words.count(claims)} say openai" if claims else "in the whole record"
    return _suspect("Quarantined", records, detail)


def _suspect(name: str, found: int, detail: str) -> str:
    mark = glyph("▲", "sg-warn") if found else ""
    return _tile(name, words.count(found), detail, mark=mark, cls="sg-suspect" if found else "")


def _tile(name: str, value: str, detail: str, mark: str = "", cls: str = "") -> str:
    return tag(
        "div",
        tag("dt", mark, text(name)),
        tag("dd", tag("strong", text(value)), tag("small", text(detail))),
        cls=cls,
    )
