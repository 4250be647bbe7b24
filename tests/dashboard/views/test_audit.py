"""The page Audit log: what is on record, filters in the address, one record in full, the verification."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.data.audit import AuditFilter, as_csv, as_ndjson, page, selected
from dashboard.data.audit_verifying import Verifying
from dashboard.data.differences import differences
from dashboard.server.seat import Seat
from gates.store.audit.export import from_ndjson
from gates.store.audit.selection import Sound, verify_selection
from gates.store.audit.verify import Broken, Intact
from gates.store.rows import AuditEntry
from gates.store.store import Store
from tests.dashboard.auth.town import ALICE, CAROL, Town
from tests.dashboard.views.pages import page as opened
from tests.dashboard.views.pages import said, seated_town

FORMULA = '=HYPERLINK("http://x","<img src=x onerror=1>")'


def entry(now_ns: int, **others: object) -> AuditEntry:
    facts = {
        "time_ns": now_ns,
        "actor": CAROL,
        "roles": ("oncall",),
        "action": "propose",
        "target": "controls",
    }
    return AuditEntry(**{**facts, **others})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Seat]]:
    with seated_town(tmp_path_factory.mktemp("audit")) as (people, seat):
        store = Store.open(people.home.store)
        with store.begin() as tx:
            now = people.clock()
            for number in range(60):
                tx.audit.append(entry(now, reason=f"try {number}", request_id=str(number)))
            tx.audit.append(
                entry(now, outcome="BLOCKED", mode="enforce", reason_codes=("E_ROLE",), reason=FORMULA)
            )
            tx.audit.append(entry(now, actor=ALICE, late=True, recorded_at_ns=now + 1))
            before = {"percent": 5, "kill": False, "step": "canary-5"}
            tx.audit.append(entry(now, action="apply", before=before, after={**before, "percent": 10}))
        store.close()
        yield people, seat


def verified(people: Town) -> str:
    """The page after "Verify the whole chain now", whatever came of it."""
    app = opened("audit", people, "bob").run()
    app.button(key="audit-verify").click()
    end = time.monotonic() + 90
    while not re.search(r"Verified |could not be verified", said(app.run())):
        assert time.monotonic() < end, said(app)
    return said(app)


def test_newest_first_with_the_way_to_older_ones(here: tuple[Town, Seat]) -> None:
    app = opened("audit", here[0], "bob").run()
    text = said(app)
    assert "Not verified since this server started" in text
    assert "No checkpoint was signed yet" in text
    assert "Older records" in text
    assert text.index("apply") < text.index("try 59")
    assert "try 1 " not in text


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ({"only": "refusals"}, "E_ROLE", "try 59"),
        ({"only": "late"}, "late", "try 59"),
        ({"request": "7"}, "try 7", "try 8"),
        ({"actor": "alice", "action": "propose"}, "alice", "carol"),
        ({"outcome": "BLOCKED"}, "E_ROLE", "try 59"),
        ({"actor": "nobody"}, "No record fits", "try 59"),
        ({"since": "1h", "only": "nonsense", "below": "x"}, "try 59", "No record fits"),
    ],
)
def test_filters_in_the_address(
    here: tuple[Town, Seat], query: dict[str, str], there: str, absent: str
) -> None:
    text = said(opened("audit", here[0], "bob", **query).run())
    table = text[text.index("Records") :]
    assert there in table
    assert absent not in table


def test_what_people_said_is_text(here: tuple[Town, Seat]) -> None:
    app = opened("audit", here[0], "bob", only="refusals").run()
    assert "<img" not in "".join(element.value for element in app.html if "<style>" not in element.value)


def test_one_record_in_full(here: tuple[Town, Seat]) -> None:
    store = Store.open(here[0].home.store)
    with store.read() as tx:
        tail = selected(tx.audit, AuditFilter(action="apply"))[-1]
    store.close()
    text = said(opened("audit", here[0], "bob", seq=str(tail.seq)).run())
    assert "percent 5 10" in text
    assert tail.leaf in text
    assert f"Record {tail.seq}: apply on controls" in text
    for wrong in ("0", "99999", "x", "9" * 40):
        assert "No such record" in said(opened("audit", here[0], "bob", seq=wrong).run())


def test_verify_now_runs_once_and_tells(here: tuple[Town, Seat]) -> None:
    text = verified(here[0])
    assert "Intact: " in text
    assert "cut off" in text


def test_files_can_be_checked_and_hold_no_formula(here: tuple[Town, Seat]) -> None:
    store = Store.open(here[0].home.store)
    with store.read() as tx:
        found = selected(tx.audit, AuditFilter(actor="carol"))
        everything = selected(tx.audit, AuditFilter(), most=5)
    store.close()
    assert [one.seq for one in found] == sorted(one.seq for one in found)
    lines = as_ndjson(found).splitlines(keepends=True)
    assert verify_selection(from_ndjson(lines)) == Sound(len(found), 1)
    assert len(everything) == 5
    forged = [lines[0].replace(b"try 0", b"try X"), *lines[1:]]
    assert isinstance(verify_selection(from_ndjson(forged)), Broken)
    assert isinstance(verify_selection(from_ndjson(lines[::-1])), Broken)
    assert b"\"'=HYPERLINK" in as_csv(found)


def test_a_search_that_finds_little_stops_in_time(here: tuple[Town, Seat]) -> None:
    store = Store.open(here[0].home.store)
    with store.begin() as tx:
        for _ in range(300):
            tx.audit.append(entry(here[0].clock(), action="sign in failed"))
    ticks = iter(range(10**6))
    with store.read() as tx:
        found = page(tx.audit, AuditFilter(actor="nobody"), seconds=0.5, monotonic=lambda: float(next(ticks)))
    store.close()
    assert (found.cut_short, found.looked) == (True, 255)
    assert found.older_below == found.newest - 254


def test_a_broken_chain_names_the_record(tmp_path: Path) -> None:
    import sqlite3

    with seated_town(tmp_path) as (people, _):
        file = sqlite3.connect(people.home.store)
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {name}")
        changed = "replace(CAST(body AS TEXT), 'local|alice', 'local|malle')"
        file.execute(f"UPDATE audit_record SET body = CAST({changed} AS BLOB) WHERE seq = 1")
        file.commit()
        file.close()
        assert "BROKEN at record 1 (edited)" in verified(people)


def test_a_store_that_cannot_be_read_breaks_nothing(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, _):
        app = opened("audit", people, "bob")
        people.home.store.write_bytes(b"no database at all" * 99)
        assert "The audit log cannot be read" in said(app.run())
        state = Verifying(lambda: Store.open(people.home.store).read(), time.time_ns)
        state.verify()
        assert state.state.failure


def test_intact_has_progress(here: tuple[Town, Seat]) -> None:
    store = Store.open(here[0].home.store)
    verifying = Verifying(store.read, time.time_ns)
    verifying.verify()
    store.close()
    last = verifying.state.last
    assert last is not None
    assert isinstance(last.found, Intact)
    assert verifying.state.of == last.found.records
    assert not verifying.state.running


def test_differences_in_words() -> None:
    rules = [{"id": "a", "slots": ["S1"]}]
    wider = [{"id": "a", "slots": ["S1", "S2"]}, {"id": "b", "slots": []}]
    found = list(differences({"p": 1, "r": rules, "x": None}, {"p": 5, "r": wider, "x": True}))
    assert found == [
        ("p", "1", "5"),
        ("r.a.slots", "nothing", '["S2"]'),
        ("r.b", "nothing", '{"id": "b", "slots": []}'),
        ("x", "nothing", "true"),
    ]
    assert list(differences(rules, rules)) == []
    assert list(differences(1, True)) == [("value", "1", "true")]
