"""`slotgate beta` as a process: what it ends with, who may sign, and what is said."""

from pathlib import Path

import pytest

from tests.dashboard.cli.homes import ALICE, answer, founded, run

SIGNED = ("--link", "https://ci.example/7", "--text", "run 7 is green")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return founded(tmp_path)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that nothing changes."""
    return founded(tmp_path_factory.mktemp("untouched"))


def test_a_new_home_has_nothing_to_show(place: Path) -> None:
    shown = answer(place, "beta", code=1)
    states = {item["id"]: item["state"] for item in shown["items"]}
    assert len(states) == 35
    assert {name for name, state in states.items() if state != "OPEN"} == {"flight-allowlist"}
    assert (shown["met"], shown["permitsSteady"], shown["rollbackRequired"]) == (False, False, [])
    out, _ = run(place, "beta", "list", code=1)
    assert "MET           flight-allowlist" in out
    assert "slotgate beta sign flight-ci-green" in out


def test_a_list_whose_items_are_all_met_ends_with_0(place: Path) -> None:
    for item in ("flight-ci-green", "flight-telemetry-validation", "flight-kill-check"):
        run(place, "beta", "sign", item, *SIGNED, *ALICE)
    assert answer(place, "beta", "--list", "preflight", code=1)["met"] is False
    signed = answer(place, "beta", "sign", "flight-stubbed-server", *SIGNED, "--days", "2", *ALICE)
    assert (signed["item"], signed["author"]) == ("flight-stubbed-server", "local|alice")
    shown = answer(place, "beta", "--list", "preflight")
    assert shown["met"] is True
    assert {item["statement"]["link"] for item in shown["items"] if item["statement"]} == {SIGNED[1]}
    run(place, "beta", "withdraw", "flight-kill-check", "--reason", "it is red", *ALICE)
    assert answer(place, "beta", "--list", "preflight", code=1)["met"] is False
    audited, _ = run(place, "audit", "list")
    assert "withdraw statement" in audited


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("sign", "change-path", *SIGNED, *ALICE), 3, "is computed from evidence"),
        (("sign", "of-nobody", *SIGNED, *ALICE), 1, "there is no such item"),
        (("sign", "flight-ci-green", *SIGNED), 1, "say who you are"),
        (("sign", "flight-ci-green", "--link", "wiki", "--text", "x", *ALICE), 3, "the link is none"),
        (("sign", "flight-ci-green", *SIGNED, "--days", "0", *ALICE), 3, "`--days`"),
        (("sign", "flight-ci-green", *SIGNED, "--days", "nan", *ALICE), 3, "`--days`"),
        (("sign", "flight-ci-green", *ALICE), 2, "needs --link"),
        (("sign", *SIGNED, *ALICE), 2, "needs ITEM"),
        (("list", *SIGNED), 2, "takes no --link"),
        (("withdraw", "flight-ci-green", *ALICE), 2, "needs --reason"),
        (("withdraw", "flight-ci-green", "--reason", "x", *ALICE), 1, "no statement about"),
        (("nonsense",), 2, "invalid choice"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_refused(untouched: Path, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in run(untouched, "beta", *words, code=code)[1]


def test_what_somebody_wrote_is_shown_harmlessly(place: Path) -> None:
    text = "looked\x1b[2J at it"
    run(place, "beta", "sign", "ready-fallback", "--link", "ADR-7", "--text", text, *ALICE)
    out, _ = run(place, "beta", "--list", "beta-ready", code=1)
    assert "\x1b" not in out
    assert "looked\\x1b[2J at it" in out
