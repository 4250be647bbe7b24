"""The page Beta criteria: states and their reasons, what stands against steady, signing and withdrawing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.data.beta import CI_JOBS
from dashboard.data.cached.beta import forget
from dashboard.server.seat import Seat
from gates.beta.items import ITEMS
from gates.store.review_rows import StatementRow
from gates.store.store import Store
from tests.dashboard.auth.town import Town
from tests.dashboard.views.pages import page, said, seated_town

ITEM, LINK = "ready-fallback", "https://wiki.example/fallback"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[tuple[Town, Seat]]:
    forget()
    with seated_town(tmp_path) as found:
        yield found


def statements(people: Town) -> tuple[StatementRow, ...]:
    store = Store.open(people.home.store)
    with store.read() as tx:
        found: tuple[StatementRow, ...] = tx.statements.all()
    store.close()
    return found


def sign(app: AppTest, text: str, link: str = LINK) -> AppTest:
    app.text_input(key=f"beta-sign-{ITEM}-link").set_value(link)
    app.text_area(key=f"beta-sign-{ITEM}-text").set_value(text)
    app.run()
    return app.button(key=f"beta-sign-{ITEM}").click().run()


def test_every_list_with_its_progress_and_why_not_steady(here: tuple[Town, Seat]) -> None:
    text = said(page("beta", here[0], "bob").run())
    assert "Permits steady: no, because" in text
    assert "telemetry could not be looked at: the first look follows" in text
    for item in ITEMS:
        assert item.item_id in text
    assert CI_JOBS["flight-kill-check"] in text
    assert "0 of 6: 0 by evidence, 0 signed" in text


def test_one_list_and_one_state(here: tuple[Town, Seat]) -> None:
    text = said(page("beta", here[0], "bob", list="ga-exit").run())
    assert "ga-support" in text
    assert "flight-ci-green" not in text
    text = said(page("beta", here[0], "bob", list="preflight", state="MET").run())
    assert "flight-allowlist" in text
    assert "flight-ci-green" not in text
    text = said(page("beta", here[0], "bob", list="ga-exit", state="CONTRADICTED").run())
    assert "No item of these lists is in that state" in text
    assert "ga-support" in said(page("beta", here[0], "bob", list="nonsense", state="<b>").run())


def test_who_may_only_look_is_told_why(here: tuple[Town, Seat]) -> None:
    app = page("beta", here[0], "bob", item=ITEM).run()
    assert app.button(key=f"beta-sign-{ITEM}").disabled
    assert "to sign takes the role oncall, engineering_owner or approver" in said(app)


def test_sign_then_withdraw(here: tuple[Town, Seat]) -> None:
    app = page("beta", here[0], "carol", item=ITEM, list="beta-ready").run()
    assert app.button(key=f"beta-sign-{ITEM}").disabled
    assert app.button(key=f"beta-withdraw-{ITEM}").disabled
    assert "give a link, and say what you looked at" in said(app)
    sign(app, "read <b>the</b> stub path")
    text = said(app)
    assert "Done: statement 1: you signed ready-fallback for 30 days" in text
    assert "read <b>the</b> stub path" in text
    (row,) = statements(here[0])
    assert (row.author, row.link, row.withdrawn_at_ns) == ("local|carol", LINK, None)
    app.text_area(key=f"beta-withdraw-{ITEM}-reason").set_value("the stub path changes").run()
    app.button(key=f"beta-withdraw-{ITEM}").click().run()
    assert "Done: 1 withdrawn" in said(app)
    assert statements(here[0])[0].withdrawn_at_ns is not None


def test_a_stale_page_withdraws_nothing(here: tuple[Town, Seat]) -> None:
    first = page("beta", here[0], "carol", item=ITEM).run()
    second = page("beta", here[0], "alice", item=ITEM).run()
    second.text_input(key=f"beta-sign-{ITEM}-link").set_value(LINK)
    second.text_area(key=f"beta-sign-{ITEM}-text").set_value("alice looked").run()
    sign(first, "carol looked")
    second.button(key=f"beta-sign-{ITEM}").click().run()
    assert "Nothing changed: somebody signed or withdrew this item" in said(second)
    assert [row.text for row in statements(here[0])] == ["carol looked"]
    second.button(key=f"beta-sign-{ITEM}").click().run()
    assert len(statements(here[0])) == 2


def test_a_link_of_another_kind_stays_text(here: tuple[Town, Seat]) -> None:
    app = page("beta", here[0], "carol", item=ITEM).run()
    sign(app, "looked", "javascript:alert(1)")
    markup = "".join(element.value for element in app.html if "<style>" not in element.value)
    assert 'href="javascript' not in markup
    assert "Nothing changed" in said(app)


def test_a_store_that_cannot_be_read_breaks_nothing(here: tuple[Town, Seat]) -> None:
    app = page("beta", here[0], "bob")
    here[0].home.store.write_bytes(b"no database at all" * 99)
    assert "The lists cannot be judged" in said(app.run())
