"""What went unread since the time began that a review is about stands beside its verdict, holding nothing."""

from datetime import UTC
from pathlib import Path

import pytest

from dashboard.documents.verdicts import review
from dashboard.review.missed import Missed, missed
from dashboard.review.provider import TelemetryEvidence
from dashboard.telemetry.at_home import HomeTelemetry
from dashboard.telemetry.memory import HeldTelemetry
from dashboard.views.review.missing import missing
from dashboard.views.review.words import Here
from gates.home import Home
from gates.verdict.words import VerdictWord
from ingest.store.gaps import Gap
from tests.gates.verdict.builders import NOW, evidence, question, units

EARLIER = Gap(1, "/log/a", 0, 10, NOW - 2, "removed")
LATER = Gap(2, "/log/<b>", 100, 1_300, NOW, "truncated")


@pytest.mark.parametrize(
    ("from_ns", "found"),
    [(None, (EARLIER, LATER)), (NOW - 2, (EARLIER, LATER)), (NOW, (LATER,)), (NOW + 1, ())],
)
def test_it_is_of_the_time_that_is_asked_about(from_ns: int | None, found: tuple[Gap, ...]) -> None:
    seen = missed(HeldTelemetry(gone=(EARLIER, LATER)), from_ns)
    assert seen == Missed(found)
    assert (seen.bytes, seen.logs) == (sum(one.bytes for one in found), len(found))


def test_a_verdict_stands_where_nobody_could_look(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.telemetry.mkdir()
    seen = missed(HomeTelemetry(home), None)
    assert seen.gaps == ()
    assert "cannot be used" in str(seen.failure) or "damaged" in str(seen.failure)
    assert "could not be looked at" in missing(seen, Here(NOW, UTC))


def test_it_is_in_the_document_and_changes_no_verdict() -> None:
    telemetry = HeldTelemetry(evidence(units(100)), (LATER,))
    found = TelemetryEvidence(telemetry).reviewed(question())
    assert found.kept.verdict is VerdictWord.EXPAND
    shown = review(question(), found, found.kept, (), None, missed(telemetry, None))
    assert shown["gaps"] == [LATER.as_record()]
    assert review(question(), found, found.kept, (), None, Missed(failure="locked"))["gaps"] is None
    assert review(question(), None, found.kept, (), None, None)["gaps"] is None


def test_a_page_says_it_only_where_it_is_so() -> None:
    here = Here(NOW, UTC)
    assert missing(Missed(), here) == ""
    assert "10 bytes of 1 log went before they were read" in missing(Missed((EARLIER,)), here)
    assert "1,210 bytes of 2 logs went" in missing(Missed((EARLIER, LATER)), here)
