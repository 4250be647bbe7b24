"""The control file as metrics, read at the scrape, as every executor reads it."""

from collections.abc import Iterator

from prometheus_client.metrics_core import InfoMetricFamily, Metric

from dashboard.api.metrics.families import PREFIX, gauge, one_hot
from dashboard.data.controls import ControlStrip, State
from gates.decision import CompiledControls
from schemas.instant import SECOND

_WORDS = {
    State.LIVE: "live",
    State.STUB_ONLY: "stub_only",
    State.KILLED: "killed",
    State.UNKNOWN: "unknown",
}


def of_controls(controls: CompiledControls, strip: ControlStrip) -> Iterator[Metric]:
    """What is in force; where that is not known, only this."""
    readable = controls.unknown is None
    yield gauge("controls_readable", "Whether the control file can be relied on; 0 means STUB.", readable)
    said = "What a job can expect: live, stub_only, killed, or unknown, which means STUB."
    yield one_hot("controls_state", said, "state", _WORDS.values(), _WORDS[strip.state])
    if not readable or controls.percent is None or controls.revision is None:
        return
    yield gauge("controls_killed", "Whether the kill switch is on.", controls.killed is not None)
    yield gauge("controls_feature_enabled", "Whether the feature flag is on.", controls.feature)
    yield gauge("controls_rollout", "The rollout percent, from 0 to 1.", controls.percent / 100, "ratio")
    yield gauge("controls_revision", "The revision in force.", controls.revision)
    for name, help_, at_ns in (
        ("controls_effective_timestamp", "Since when it is in force, Unix time.", controls.effective_ns),
        ("controls_valid_until_timestamp", "When it runs out, Unix time; absent: never.",
         controls.valid_until_ns),
        ("controls_break_glass_until_timestamp", "When the emergency release ends, Unix time; absent: none.",
         controls.break_glass_until_ns),
    ):  # fmt: skip
        if at_ns is not None:
            yield gauge(name, help_, at_ns / SECOND, "seconds")
    names = {"environment": controls.environment or "", "step": controls.step or ""}
    stage = "" if strip.stage is None else str(strip.stage)
    yield InfoMetricFamily(f"{PREFIX}_controls", "Names of what is in force.", {**names, "stage": stage})
