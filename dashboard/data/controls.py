"""The controls in force, as the strip on top of every page says them. Pure.

Two readings of the same file are put together: what the executors' own reader makes of it, which
decides, and the document, which also knows names. When they disagree, the reader counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gates.decision import CompiledControls


class State(StrEnum):
    """What a job can expect now."""

    LIVE = "LIVE"
    STUB_ONLY = "STUB ONLY"
    KILLED = "KILLED"
    UNKNOWN = "STATE UNKNOWN"


@dataclass(frozen=True, slots=True)
class ControlStrip:
    """`why` says the state in a few words. Times are epoch nanoseconds; null where nothing is known."""

    state: State
    why: str
    environment: str | None = None
    stage: int | None = None
    step: str | None = None
    percent: int | None = None
    scope: str | None = None
    scope_in_full: str | None = None
    revision: int | None = None
    since_ns: int | None = None


DIMENSIONS = (
    ("subject", "subjects"),
    ("level", "levels"),
    ("board", "boards"),
    ("specVersion", "spec versions"),
)
FEW = 3


def control_strip(controls: CompiledControls, document: Mapping[str, Any] | None) -> ControlStrip:
    """The strip for `controls`; `document` is the file as valid `controls.v1`, if it could be read."""
    if controls.unknown is not None:
        return ControlStrip(State.UNKNOWN, f"executors stub: {controls.unknown}")
    state, why = _state(controls, document)
    if document is None or document["revision"] != controls.revision:
        return ControlStrip(state, why, revision=controls.revision, since_ns=controls.effective_ns)
    short, full = _scope(document["allowlist"])
    return ControlStrip(
        state,
        why,
        environment=document["environment"],
        stage=int(document["stage"]),
        step=document["step"],
        percent=int(document["percent"]),
        scope=short,
        scope_in_full=full,
        revision=controls.revision,
        since_ns=controls.effective_ns,
    )


def _state(controls: CompiledControls, document: Mapping[str, Any] | None) -> tuple[State, str]:
    if controls.killed is not None:
        return State.KILLED, f"every job gets a stub: {controls.killed}"
    if not controls.feature:
        return State.STUB_ONLY, "every job gets a stub: the feature is off"
    if document is not None and not _open_rules(document["allowlist"]):
        return State.STUB_ONLY, "every job gets a stub: the allowlist permits nothing"
    if controls.admits_below == 0:
        return State.STUB_ONLY, "every job gets a stub: 0 % admits nobody"
    return State.LIVE, "admitted jobs call the model"


def _open_rules(allowlist: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [rule for rule in allowlist["rules"] if rule["enabled"]] if allowlist["enabled"] else []


def _scope(allowlist: Mapping[str, Any]) -> tuple[str, str]:
    """The union of what the enabled rules list: in short for the strip, and in full."""
    rules = _open_rules(allowlist)
    if not rules:
        return "nothing", "the allowlist is off" if not allowlist["enabled"] else "no rule is enabled"
    dimensions = [(_listed(rules, key), plural) for key, plural in DIMENSIONS]
    kinds = list(dict.fromkeys(kind for rule in rules for kind in rule["kinds"]))
    named = [*dimensions, (kinds, "kinds")]
    short = " · ".join(", ".join(v) if len(v) < FEW else f"{len(v)} {plural}" for v, plural in named)
    full = "\n".join(f"{plural}: {', '.join(values)}" for values, plural in named)
    rules_in_words = "1 rule" if len(rules) == 1 else f"{len(rules)} rules"
    return short, f"{rules_in_words}\n{full}"


def _listed(rules: list[Mapping[str, Any]], key: str) -> list[str]:
    return list(dict.fromkeys(value for rule in rules for value in rule["appliesTo"][key]))
