"""The control strip: where the rollout stands, in one line that is read in five seconds."""

from datetime import tzinfo

from dashboard.data import format as words
from dashboard.data.controls import ControlStrip, State
from dashboard.views.markup import glyph, moment, tag, text

SIGNS = {State.LIVE: "●", State.STUB_ONLY: "○", State.KILLED: "■", State.UNKNOWN: "?"}
CLASSES = {
    State.LIVE: "sg-live",
    State.STUB_ONLY: "sg-stub-only",
    State.KILLED: "sg-killed",
    State.UNKNOWN: "sg-unknown",
}
STAGE_NAMES = ("baseline", "canary", "expand", "broaden", "steady")


def control_strip(strip: ControlStrip, now_ns: int, zone: tzinfo) -> str:
    """The strip as markup."""
    state = tag(
        "div",
        glyph(SIGNS[strip.state], "sg-state-glyph"),
        tag("strong", text(strip.state)),
        tag("span", text(strip.why), cls="sg-why"),
        cls="sg-state",
    )
    return tag(
        "section",
        state,
        tag("dl", *_facts(strip, now_ns, zone), cls="sg-facts"),
        cls=f"sg-strip {CLASSES[strip.state]}",
        aria_label="Controls in force",
        data_state=strip.state.name,
    )


def _facts(strip: ControlStrip, now_ns: int, zone: tzinfo) -> list[str]:
    facts = []
    if strip.environment is not None:
        facts.append(_fact("Environment", text(strip.environment)))
    if strip.step is not None and strip.stage is not None:
        facts.append(_fact("Stage / step", text(f"{strip.stage} {STAGE_NAMES[strip.stage]} / {strip.step}")))
    if strip.percent is not None:
        bar = tag("span", tag("span", style=f"width:{strip.percent}%"), cls="sg-meter", aria_hidden="true")
        facts.append(_fact("Percent", text(f"{strip.percent} %") + bar))
    if strip.scope is not None:
        facts.append(_fact("Scope", text(strip.scope), title=strip.scope_in_full, cls="sg-scope"))
    if strip.revision is not None:
        facts.append(_fact("Revision", text(strip.revision)))
    if strip.since_ns is not None:
        since = words.duration((now_ns - strip.since_ns) / 1e9)
        at = moment(words.instant(strip.since_ns, zone), words.utc(strip.since_ns))
        facts.append(_fact("In force for", text(since) + tag("small", at)))
    return facts


def _fact(name: str, value: str, title: str | None = None, cls: str = "") -> str:
    return tag("div", tag("dt", text(name)), tag("dd", value, title=title), cls=cls)
