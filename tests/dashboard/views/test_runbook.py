"""The page Runbook: the topic that fits, every topic and code, commands with this home in them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.data.controls import ControlStrip, State
from dashboard.data.handbook import codes, search, topic, topics
from dashboard.data.markdown import Code, Heading, Items, Paragraph, Table, blocks
from dashboard.data.runbook_now import ENABLE, EXPANSION, HOLD, HOME, INCIDENT, ROLL_BACK, STOPPED, fitting
from dashboard.server.seat import Seat
from dashboard.views.runbook.drawn import command_text, inline
from gates.policy.outcome import ReasonCode
from gates.verdict.judge import judge
from gates.verdict.verdict import Hold, HoldCode
from gates.verdict.words import VerdictWord
from tests.dashboard.auth.town import Town
from tests.dashboard.views.pages import page, said, seated_town
from tests.gates.verdict.builders import evidence, question, units

LIVE = ControlStrip(State.LIVE, "admitted jobs call the model", step="expand-10")
JUDGED = judge(question(), evidence(units(100)))


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Seat]]:
    with seated_town(tmp_path_factory.mktemp("runbook")) as found:
        yield found


def test_every_code_that_anything_links_to_has_a_topic() -> None:
    for code in (*ReasonCode, *HoldCode):
        assert topic(code.value) is not None, code
    for name in (STOPPED, ROLL_BACK, HOLD, HOME, EXPANSION, ENABLE, INCIDENT, "audit"):
        assert topic(name) is not None, name
    names = [one.name for one in (*topics(), *codes())]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("strip", "word", "first"),
    [
        (LIVE, VerdictWord.EXPAND, EXPANSION),
        (LIVE, VerdictWord.ROLL_BACK, ROLL_BACK),
        (replace(LIVE, step="baseline"), VerdictWord.NOT_ENOUGH_DATA, ENABLE),
        (ControlStrip(State.KILLED, "the kill is on"), VerdictWord.KILLED, STOPPED),
        (ControlStrip(State.UNKNOWN, "unreadable"), VerdictWord.EXPAND, HOME),
    ],
)
def test_what_fits_comes_first(strip: ControlStrip, word: VerdictWord, first: str) -> None:
    assert fitting(strip, replace(JUDGED, word=word), None)[0].name == first


def test_each_reason_to_hold_links_to_what_ends_it() -> None:
    held = replace(JUDGED, word=VerdictWord.HOLD, holds=(Hold(code=HoldCode.SILENCE, words="no line"),))
    assert [one.name for one in fitting(LIVE, held, None)][:2] == ["SILENCE", HOLD]
    assert HOME in [one.name for one in fitting(LIVE, None, "the store is locked")]


def test_the_page_opens_with_what_fits(here: tuple[Town, Seat]) -> None:
    app = page("runbook", here[0], "bob").run()
    assert "What fits now" in said(app)
    assert "Each step needs the verdict EXPAND" in said(app)


def test_a_topic_by_address_with_commands_of_this_home(here: tuple[Town, Seat]) -> None:
    app = page("runbook", here[0], "bob", topic="incident").run()
    assert "It prints what it read back" in said(app)
    assert f"export SLOTGATE_HOME={here[0].home.root}\nslotgate kill" in [code.value for code in app.code]
    assert "No such topic" in said(page("runbook", here[0], "bob", topic="<b>").run())
    assert "A person" not in said(page("runbook", here[0], "bob", topic="E_ROLE").run())


def test_search_by_words(here: tuple[Town, Seat]) -> None:
    assert "Break-glass" in said(page("runbook", here[0], "bob", q="break-glass nobody else").run())
    assert "No topic holds all" in said(page("runbook", here[0], "bob", q="zebra <i>").run())
    assert search("kill")[0].title.lower().count("kill")


def test_our_markdown_as_blocks() -> None:
    text = "# T\n\ntwo\nlines\n\n- a\n  b\n- c\n\n1. x\n\n| h | i |\n| --- | --- |\n| 1 | 2 |"
    text += "\n\n```sh\nls\n\nls\n```"
    assert list(blocks(text)) == [
        Heading(1, "T"),
        Paragraph("two lines"),
        Items(False, ("a b", "c")),
        Items(True, ("x",)),
        Table(("h", "i"), (("1", "2"),)),
        Code("sh", "ls\n\nls"),
    ]


def test_text_stays_inert() -> None:
    assert inline("<b> `<i>` **x** [a](http://evil) [b](beta.md)") == (
        '&lt;b&gt; <code>&lt;i&gt;</code> <strong>x</strong> a <a href="/beta" target="_self">b</a>'
    )


@pytest.mark.parametrize("folder", ["/srv/$(reboot)", "/srv/a\nb", "/srv/`id`", "relative", "/srv/\u202eb"])
def test_a_folder_that_is_not_harmless_is_left_out(folder: str) -> None:
    assert command_text(Code("sh", "slotgate kill"), Path(folder)) == "slotgate kill"


def test_commands_are_copied_without_prompts() -> None:
    block = Code("console", "$ slotgate kill\n$ slotgate probe")
    assert command_text(block, Path("/srv/my home")) == (
        "export SLOTGATE_HOME='/srv/my home'\nslotgate kill\nslotgate probe"
    )
    output = Code("console", "KILLED: revision 1")
    assert command_text(output, Path("/srv/home")) == output.text


def test_all_documents_are_in_the_wheel() -> None:
    wheel = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    for name in {one.document for one in (*topics(), *codes())}:
        assert re.search(rf'"docs/{re.escape(name)}" = "dashboard/handbook/{re.escape(name)}"', wheel)
