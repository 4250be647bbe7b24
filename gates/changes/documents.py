"""The controls document that a change leads to. Pure: documents in, a document out.

Steps are always derived, never taken from whoever asks: a step decides what may come next. Only
`steady`, which nothing derives, can be asked for.
"""

from collections.abc import Mapping
from typing import Any

from gates.changes.scope import intersection
from gates.controls.instant import timestamp
from gates.errors import InvalidChange
from gates.policy.diff import diff
from gates.policy.ladder_steps import step_after
from gates.policy.values import control_values
from schemas import check
from schemas.stages import STAGE_OF, Step

Document = Mapping[str, Any]
Patch = Mapping[str, Any]
"""The keys of `controls.v1` that change, with their new values; of `PATCH_KEYS`."""

PATCH_KEYS = frozenset({"kill", "feature", "percent", "rolloutZero", "allowlist", "validUntil", "step"})


def first_document(environment: str, at_ns: int) -> dict[str, Any]:
    """The controls of a new home: everything closed."""
    return {
        "version": "controls.v1",
        "environment": environment,
        "revision": 1,
        "effectiveAt": timestamp(at_ns),
        "kill": True,
        "feature": False,
        "percent": 0,
        "rolloutZero": "nobody",
        "stage": 0,
        "step": Step.BASELINE.value,
        "allowlist": {"version": "allowlist.v1", "enabled": False, "mode": "deny_by_default", "rules": []},
        "breakGlassUntil": None,
        "validUntil": None,
    }


def patched(base: Document, patch: Patch, *, revision: int, at_ns: int) -> dict[str, Any]:
    """What `base` becomes by `patch`. A break-glass release ends with it, so that nothing widens under one.

    Raises `InvalidChange` when the patch is none, or its result no `controls.v1`.
    """
    _require_patch(patch)
    settled = {**base, "kill": base["kill"] or base["breakGlassUntil"] is not None, "breakGlassUntil": None}
    wanted = {**settled, **{key: value for key, value in patch.items() if key != "step"}}
    return _stepped(settled, wanted, patch, revision, at_ns)


def released(base: Document, *, until_ns: int, revision: int, at_ns: int) -> dict[str, Any]:
    """`base` with the kill off until `until_ns`; the document itself ends the release."""
    return {
        **base,
        "kill": False,
        "breakGlassUntil": timestamp(until_ns),
        "revision": revision,
        "effectiveAt": timestamp(at_ns),
    }


def killed(base: Document, *, revision: int, at_ns: int) -> dict[str, Any]:
    """`base` with the kill on, and everything else as it was."""
    return {
        **base,
        "kill": True,
        "breakGlassUntil": None,
        "revision": revision,
        "effectiveAt": timestamp(at_ns),
    }


def narrowed(base: Document, patch: Patch, *, revision: int, at_ns: int) -> dict[str, Any]:
    """`base` with everything taken away that `patch` takes away; what the patch would add is left out.

    The lesser percent, the common part of the rules, the kill of either. Raises `InvalidChange`.
    """
    _require_patch(patch)
    wanted = dict(base)
    if patch.get("kill") is True:
        wanted |= {"kill": True, "breakGlassUntil": None}
    if patch.get("feature") is False:
        wanted["feature"] = False
    if patch.get("rolloutZero") == "nobody":
        wanted["rolloutZero"] = "nobody"
    if "percent" in patch and _admits({**wanted, "percent": patch["percent"]}) < _admits(base):
        wanted["percent"] = patch["percent"]
    if "allowlist" in patch:
        wanted["allowlist"] = intersection(base["allowlist"], _valid_allowlist(patch["allowlist"]))
    if patch.get("validUntil") is not None:
        limits = [time for time in (base["validUntil"], patch["validUntil"]) if time is not None]
        wanted["validUntil"] = min(limits, key=_instant)
    return _stepped(base, wanted, {}, revision, at_ns)


def content_of(document: Document) -> dict[str, Any]:
    """The document less what every revision has of its own: number and time."""
    return {key: value for key, value in document.items() if key not in ("revision", "effectiveAt")}


def renumbered(document: Document, *, revision: int) -> dict[str, Any]:
    """The same controls as another revision."""
    return {**document, "revision": revision}


def _stepped(
    before: Document, wanted: dict[str, Any], patch: Patch, revision: int, at_ns: int
) -> dict[str, Any]:
    document = {**wanted, "revision": revision, "effectiveAt": timestamp(at_ns)}
    _require_valid(document)
    current, after = control_values(before), control_values(document)
    step = Step.STEADY if "step" in patch else step_after(current, after, diff(current, after))
    return {**document, "step": step.value, "stage": int(STAGE_OF[step] or 0)}


def _require_patch(patch: Patch) -> None:
    if not patch:
        raise InvalidChange("the change is empty; name at least one setting")
    if strange := sorted(set(patch) - PATCH_KEYS):
        raise InvalidChange(f"`{strange[0]}` cannot be changed; these can: {', '.join(sorted(PATCH_KEYS))}")
    if patch.get("step", Step.STEADY) != Step.STEADY:
        raise InvalidChange("a step follows from the change; only `steady` can be asked for")


def _require_valid(document: Document) -> None:
    if found := check.problems("controls.v1", document):
        raise InvalidChange(f"the change leads to controls that are not valid: {found[0]}")


def _valid_allowlist(allowlist: Any) -> Mapping[str, Any]:
    if found := check.problems("allowlist.v1", allowlist):
        raise InvalidChange(f"not an allowlist.v1 document: {found[0]}")
    checked: Mapping[str, Any] = allowlist
    return checked


def _admits(document: Document) -> int:
    percent = document["percent"]
    if not isinstance(percent, int) or isinstance(percent, bool) or not 0 <= percent <= 100:
        raise InvalidChange(f"percent `{percent}` is not a whole number from 0 to 100")
    return 100 if percent == 0 and document["rolloutZero"] == "everyone" else percent


def _instant(text: Any) -> int:
    from schemas.instant import epoch_ns

    instant = epoch_ns(text) if isinstance(text, str) else None
    if instant is None:
        raise InvalidChange(f"`{text}` is not an RFC 3339 time")
    return instant
