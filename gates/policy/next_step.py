"""The next legal step from where the controls stand, in words: every denial ends with it."""

from gates.policy.ladder_steps import may_broaden, next_percent
from gates.policy.sequence import in_sequence, next_enable_step
from gates.policy.state import State
from gates.policy.values import ENDLESS
from schemas.stages import Step


def next_legal_step(state: State) -> str:
    """What may be proposed now; narrowing is always open besides."""
    current = state.current
    if state.latched is not None:
        first = "" if current.kill or state.latched_revision != state.revision else "narrow or kill, "
        return f"{first}find the cause of the ROLL BACK, then acknowledge it"
    if in_sequence(current):
        return f"enable sequence, {next_enable_step(current).value}"
    if current.released_until_ns != ENDLESS:
        return f"verify the telemetry, then release the kill: back to {current.step}"
    percent = next_percent(current)
    if percent is None and current.step is Step.STEADY:
        return "none: the rollout is steady"
    if percent is None:
        return "steady, once the beta criteria are met and signed off"
    if may_broaden(current):
        to_all = "" if state.broadened else ", or percent 100 with the statement that no broadening is needed"
        return "broaden one allowlist dimension" + (", or percent 100" if state.broadened else to_all)
    return f"percent {percent}"
