"""`slotgate mode auto-narrow`: shown to anybody, set by an admin who says why."""

from pathlib import Path

from tests.dashboard.cli.homes import ALICE, answer, run
from tests.dashboard.cli.test_guarded import place

__all__ = ["place"]


def test_it_is_off_until_an_admin_sets_it_with_a_reason(place: Path) -> None:
    assert answer(place, "mode", "auto-narrow")["autoNarrow"] == "off"
    _, said = run(place, "mode", "auto-narrow", "kill", *ALICE, code=3)
    assert "say why with --reason" in said
    set_ = answer(place, "mode", "auto-narrow", "last-approved", "--reason", "nights", *ALICE)
    assert set_ == {"autoNarrow": "last-approved", "before": "off"}
    said, _ = run(place, "mode", "auto-narrow")
    assert said.startswith("auto-narrow last-approved: a ROLL BACK returns to the last approved controls")
    _, said = run(place, "mode", "auto-narrow", "off", "--reason", "x", code=1)
    assert "say who you are" in said
    _, said = run(place, "mode", "auto-narrow", "sometimes", code=2)
    assert "sometimes" in said
