"""`slotgate budget`, `slotgate prices`, and what `slotgate report` says without them."""

import json
from pathlib import Path

import pytest

from tests.dashboard.cli.homes import ALICE, SAID, answer, founded, run
from tests.gates.spending.documents import budget_document, prices_document
from tests.ingest.telemetry import line_v2


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return founded(tmp_path)


def written(place: Path, document: object) -> str:
    (place / "document.json").write_text(json.dumps(document))
    return "document.json"


def test_nothing_is_set_in_a_new_home(place: Path) -> None:
    for name in ("budget", "prices"):
        assert f"no {name} is set; `slotgate {name} set FILE` sets one" in run(place, name, "show")[0]
        assert answer(place, name, "show")["document"] is None


def test_a_document_is_shown_as_it_was_set(place: Path) -> None:
    document = budget_document(callsPerDay=10)
    answer(place, "budget", "set", written(place, document), *SAID, *ALICE)
    shown = answer(place, "budget", "show")
    assert (shown["document"], shown["version"], shown["by"]) == (document, 1, "local|alice")
    assert shown["today"] == [{"limit": "calls", "used": 0.0, "of": 10.0, "unit": "calls", "unknown": None}]
    assert "calls: 0 of 10 calls today (0 %)" in run(place, "budget", "show")[0]


REFUSED = [
    ("budget", {"version": "budget.v1"}, 3, "not a budget.v1 document"),
    ("budget", budget_document(environment="prod"), 3, "this home is `test`"),
    ("prices", prices_document(("m", "2026-01-01", 1, 1), ("m", "2026-01-01", 2, 2)), 3, "keep one"),
    ("prices", [], 3, "not a prices.v1 document"),
]


@pytest.mark.parametrize(("name", "document", "code", "words"), REFUSED)
def test_a_document_that_does_not_fit(
    place: Path, name: str, document: object, code: int, words: str
) -> None:
    assert words in run(place, name, "set", written(place, document), *SAID, *ALICE, code=code)[1]
    assert answer(place, name, "show")["version"] == 0


def test_no_file_and_no_token(place: Path) -> None:
    assert "`none.json` cannot be read" in run(place, "budget", "set", "none.json", *SAID, *ALICE, code=3)[1]
    assert (
        "say who you are" in run(place, "prices", "set", written(place, prices_document()), *SAID, code=1)[1]
    )


def test_a_report_without_prices_or_store_has_no_cost_and_says_why(place: Path) -> None:
    spool = place / ".slotgate" / "spool"
    spool.mkdir(mode=0o700, exist_ok=True)
    (spool / "a.log").write_bytes(line_v2() + b"\n")
    run(place, "ingest", "load", str(spool))
    report = answer(place, "report")
    assert (report["prices"], report["totals"]["cost"]) == (None, None)
    assert report["totals"]["usage"][0]["totalTokens"] == 508
    assert "cost" not in run(place, "report")[0]
    (place / ".slotgate" / "gate.db").write_bytes(b"no store" * 500)
    out, err = run(place, "report", "--json")
    assert json.loads(out)["totals"]["cost"] is None
    assert "costs are left out" in err


def test_a_raised_limit_has_its_decision_record(place: Path) -> None:
    answer(place, "budget", "set", written(place, budget_document(callsPerDay=10)), *SAID, *ALICE)
    raised = answer(place, "budget", "set", written(place, budget_document(callsPerDay=20)), *SAID, *ALICE)
    assert raised["outcome"] == "WOULD_BLOCK"
    told = run(place, "record", str(raised["request"]))[0]
    assert "another budget, which takes something off the guard" in told
    assert "calls a day from 10 to 20" in told
