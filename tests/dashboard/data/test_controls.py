from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.data.controls import State, control_strip
from dashboard.data.controls_file import read_strip
from gates.controls.reader import ControlFile
from gates.decision import compile_controls, unknown_controls
from schemas.stages import Step
from tests.dashboard.record import LIVE, empty_home, publish
from tests.dashboard.rungs import WIDEST, Rung, controls

AT_NS = 1_795_200_000 * 10**9
STUB = "every job gets a stub: "


@pytest.mark.parametrize(
    ("rung", "state", "why"),
    [
        (LIVE, State.LIVE, "admitted jobs call the model"),
        (LIVE.killed(), State.KILLED, STUB + "the kill switch is on"),
        (replace(LIVE, feature=False), State.STUB_ONLY, STUB + "the feature is off"),
        (
            replace(LIVE, allowlist=False),
            State.STUB_ONLY,
            STUB + "the allowlist permits nothing",
        ),
        (replace(LIVE, percent=0), State.STUB_ONLY, STUB + "0 % admits nobody"),
        (replace(LIVE, feature=False).killed(), State.KILLED, STUB + "the kill switch is on"),
    ],
)
def test_state(rung: Rung, state: State, why: str) -> None:
    document = controls(rung, 7, AT_NS).model_dump(mode="json")
    strip = control_strip(compile_controls(document, "file"), document)
    assert (strip.state, strip.why) == (state, why)
    assert (strip.revision, strip.since_ns, strip.step) == (7, AT_NS, "canary-5")


def test_unknown_controls_say_why_and_nothing_else() -> None:
    strip = control_strip(unknown_controls("the file is gone", "file"), None)
    assert strip.state is State.UNKNOWN
    assert strip.why == "executors stub: the file is gone"
    assert (strip.step, strip.percent, strip.revision) == (None, None, None)


def test_a_document_of_another_revision_is_not_believed() -> None:
    old = controls(LIVE, 6, AT_NS).model_dump(mode="json")
    new = controls(LIVE.killed(), 7, AT_NS).model_dump(mode="json")
    strip = control_strip(compile_controls(new, "file"), old)
    assert strip.state is State.KILLED
    assert strip.percent is None


def test_scope_is_short_and_in_full() -> None:
    document = controls(Rung(Step.STEADY, percent=100, reach=WIDEST), 1, AT_NS).model_dump(mode="json")
    strip = control_strip(compile_controls(document, "file"), document)
    assert strip.scope == "3 subjects · GCSE, A-level · AQA, OCR · 2016, 2018 · 3 kinds"
    assert strip.scope_in_full is not None
    assert "subjects: Biology, Chemistry, Physics" in strip.scope_in_full


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version":"controls.v1"}'])
def test_a_damaged_file_is_never_the_last_known_state(tmp_path: Path, damage: bytes) -> None:
    home = empty_home(tmp_path)
    publish(home, LIVE)
    source = ControlFile(home.control_file)
    assert read_strip(source, home.control_file).state is State.LIVE
    home.control_file.write_bytes(damage)
    assert read_strip(source, home.control_file).state is State.UNKNOWN
    home.control_file.unlink()
    assert read_strip(source, home.control_file).state is State.UNKNOWN
    publish(home, LIVE, revision=2)
    assert read_strip(source, home.control_file).state is State.LIVE
