"""The verdict of the first screen, in each of its states."""

import html
import re
from datetime import UTC

import pytest

from dashboard.review.provider import Reviewed, TelemetryEvidence
from dashboard.server.watch import Watched
from dashboard.telemetry.memory import HeldTelemetry
from dashboard.views.verdict import CLASSES, SIGNS, verdict_line
from gates.verdict.evidence import Evidence
from gates.verdict.words import VerdictWord
from tests.gates.verdict.builders import NOW, SECOND, controls, evidence, kill, question, units

SHOWN: dict[VerdictWord, Evidence] = {
    VerdictWord.KILLED: evidence(controls=controls(kill=True), kill=kill()),
    VerdictWord.ROLL_BACK: evidence(units(15, 5)),
    VerdictWord.HOLD: evidence(units(100), invalid=1),
    VerdictWord.EXPAND: evidence(units(100)),
    VerdictWord.NOT_ENOUGH_DATA: evidence(units(3)),
}


def reviewed(found: Evidence) -> Reviewed:
    return TelemetryEvidence(HeldTelemetry(found)).reviewed(question())


def words(watched: Watched, revision: int | None = 7, later_s: float = 3) -> str:
    markup = verdict_line(watched, revision, NOW + int(later_s * SECOND), UTC)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", markup))).strip()


@pytest.mark.parametrize("word", VerdictWord, ids=lambda word: word.value)
def test_word_glyph_sentence_and_next_action(word: VerdictWord) -> None:
    found = reviewed(SHOWN[word])
    assert found.verdict.word is word
    said = words(Watched(reviewed=found))
    assert said.startswith(f"{SIGNS[word]} {word.replace('_', ' ')} ")
    assert said.count(word.replace("_", " ")) >= 1
    assert f"Next: {found.verdict.next_action}".replace("`", "").replace(" ", "") in said.replace(" ", "")
    assert "judged 3 s ago" in said


def test_every_word_looks_different() -> None:
    assert len(set(SIGNS.values())) == len(set(CLASSES.values())) == len(VerdictWord)


def test_before_the_first_and_where_none_can_be_formed() -> None:
    assert words(Watched()).startswith("… NO VERDICT YET")
    assert words(Watched(failure="the disk is full")) == "? NO VERDICT it cannot be formed: the disk is full"

    said = words(Watched(nothing="this home has no store; `slotgate init` makes one"))
    assert said == "○ NO VERDICT this home has no store; slotgate init makes one"


def test_an_old_verdict_is_called_old() -> None:
    found = reviewed(SHOWN[VerdictWord.EXPAND])
    assert "▲ judged 2 min" in words(Watched(reviewed=found), later_s=130)
    assert "▲ of revision 7; that of 8 follows" in words(Watched(reviewed=found), revision=8)
    assert "▲ no newer one can be formed: locked" in words(Watched(reviewed=found, failure="locked"))
    assert "▲ no newer one follows: it is gone" in words(Watched(reviewed=found, nothing="it is gone"))


def test_what_the_server_did_itself_stands_above() -> None:
    watched = Watched(reviewed=reviewed(SHOWN[VerdictWord.KILLED]), done="STOPPED, kill on", done_ns=NOW)
    assert words(watched).startswith("■ Done by the server itself ")
    assert "STOPPED, kill on" in words(watched)


def test_what_telemetry_says_is_inert() -> None:
    markup = verdict_line(Watched(failure="<script>alert(1)</script>"), None, NOW, UTC)
    assert "<script>" not in markup
