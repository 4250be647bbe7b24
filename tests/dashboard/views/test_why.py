"""Why the verdict is what it is: answered in the first screen, and opened in full."""

import html
import re
from datetime import UTC

import pytest

from dashboard.server.watch import Watched
from dashboard.views.verdict import verdict_line
from dashboard.views.why import explained
from gates.verdict.words import VerdictWord
from tests.dashboard.views.test_verdict import SHOWN, reviewed
from tests.gates.verdict.builders import NOW, evidence, units


def words(markup: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", markup))).strip()


@pytest.mark.parametrize("word", VerdictWord, ids=lambda word: word.value)
def test_all_of_it_is_explained(word: VerdictWord) -> None:
    found = reviewed(SHOWN[word])
    said = words(explained(found.question, found.evidence, found.verdict)).replace("`", "")
    held = {f"{hold.code}: {hold.words}" for hold in found.verdict.holds}  # said with the holds themselves
    for each in {*found.verdict.would_change, *found.verdict.missing, *found.verdict.stops} - held:
        assert words(each).replace("`", "") in said
    for hold in found.verdict.holds:
        assert f"{hold.code.value} {hold.words}".replace("`", "") in said
    for check in found.verdict.checks:
        assert f"{check.bad:,} of {check.of:,}" in said
    assert ("What would change it" in said) is bool({*found.verdict.would_change} - held)


def test_why_it_holds_stands_in_the_first_screen_with_where_to_look() -> None:
    found = reviewed(evidence(units(100), invalid=1, invalid_openai=1, unknown_codes=(("NEW_CODE", 2),)))
    assert found.verdict.word is VerdictWord.HOLD
    markup = verdict_line(Watched(reviewed=found), 7, NOW, UTC)
    assert len(found.verdict.holds) >= 2
    for hold in found.verdict.holds[:3]:
        assert hold.code.value in words(markup)
    assert words(markup).count(found.verdict.holds[0].words) == 1, "the sentence says the first one already"
    assert "/triage?tab=quarantine&amp;step=" in markup or "/triage?tab=quarantine&step=" in markup


def test_why_it_rolls_back_and_where_to_act() -> None:
    markup = verdict_line(Watched(reviewed=reviewed(SHOWN[VerdictWord.ROLL_BACK])), 7, NOW, UTC)
    assert "5 of 15 failed" in words(markup)
    assert "tab=failures" in markup
    assert 'href="/controls"' in markup


@pytest.mark.parametrize("word", [VerdictWord.EXPAND, VerdictWord.KILLED, VerdictWord.NOT_ENOUGH_DATA])
def test_other_words_need_no_list(word: VerdictWord) -> None:
    assert "sg-v-reasons" not in verdict_line(Watched(reviewed=reviewed(SHOWN[word])), 7, NOW, UTC)


def test_what_telemetry_says_is_inert() -> None:
    found = reviewed(evidence(units(100), unknown_codes=(("<script>alert(1)</script>", 2),)))
    markup = explained(found.question, found.evidence, found.verdict)
    assert "<script>" not in markup
    assert "&lt;script&gt;" in markup
