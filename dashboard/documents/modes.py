"""The enforcement mode as JSON."""

from gates.changes.acceptance import Acceptance, Tally
from gates.changes.divergence import Divergence
from gates.policy.intent import Mode

_STRICTER = {Mode.OFF: Mode.SHADOW, Mode.SHADOW: Mode.ENFORCE, Mode.ENFORCE: Mode.ENFORCE}


def stricter(in_force: Mode) -> Mode:
    """What a promotion leads to."""
    return _STRICTER[in_force]


def mode(in_force: Mode, said: Divergence, checks: Acceptance) -> dict[str, object]:
    """The mode, what each mode said so far, and the checks that a promotion to `enforce` asks for."""
    return {
        "mode": in_force.value,
        "shadow": {"wouldBlock": said.shadow.stopped, **_tally(said.shadow)},
        "enforce": {"blocked": said.enforce.stopped, **_tally(said.enforce)},
        "acceptance": checks.as_record(),
        "ready": checks.passed,
    }


def _tally(tally: Tally) -> dict[str, object]:
    return {"judged": tally.judged, "byReason": dict(tally.by_reason)}
