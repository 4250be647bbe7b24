"""The controls in the form the gates read. Validity is paid once, here; what cannot compile denies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gates.decision.allowlist import AllowlistIndex, compile_allowlist
from schemas.instant import epoch_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledControls:
    """One revision of the controls.

    `unknown` says why the controls cannot be relied on (missing, invalid, too old), else it is
    null. `killed` likewise says why the kill is on. `admits_below` is the bucket bound that
    `percent` means: 100 for percent 0 where 0 means everyone. Every index in `allowlists` must
    permit a job. Times are nanoseconds since the epoch, null where there is no such limit. `environment`
    and `step` are names that go into answers; no gate looks at them.
    """

    origin: str
    unknown: str | None
    killed: str | None = None
    feature: bool = False
    percent: int | None = None
    admits_below: int = 0
    allowlists: tuple[AllowlistIndex, ...] = ()
    revision: int | None = None
    effective_ns: int | None = None
    valid_until_ns: int | None = None
    break_glass_until_ns: int | None = None
    environment: str | None = None
    step: str | None = None

    @property
    def has_time_limits(self) -> bool:
        """Whether `effective_at` can change anything."""
        return self.valid_until_ns is not None or self.break_glass_until_ns is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What an executor's environment takes away from a control file; it can never add."""

    killed: str | None = None
    feature_off: bool = False
    percent: int | None = None
    allowlist: AllowlistIndex | None = None


def unknown_controls(reason: str, origin: str) -> CompiledControls:
    """Controls that deny everything because `reason`."""
    return CompiledControls(origin=origin, unknown=reason)


def compile_controls(document: Mapping[str, Any], origin: str) -> CompiledControls:
    """Compile a document that is valid as `controls.v1`; never raises.

    Only a literal `false` releases the kill and only a literal `true` turns the feature on, so
    that even a document nobody checked cannot open a gate by its types.
    """
    try:
        percent = _whole_number(document["percent"])
        if not 0 <= percent <= 100:
            return unknown_controls(f"percent `{percent}` is not within 0..100", origin)
        everyone = percent == 0 and document["rolloutZero"] == "everyone"
        return CompiledControls(
            origin=origin,
            unknown=None,
            killed=None if document["kill"] is False else "the kill switch is on",
            feature=document["feature"] is True,
            percent=percent,
            admits_below=100 if everyone else percent,
            allowlists=(compile_allowlist(document["allowlist"]),),
            revision=_whole_number(document["revision"]),
            effective_ns=_instant(document["effectiveAt"]),
            valid_until_ns=None if document["validUntil"] is None else _instant(document["validUntil"]),
            break_glass_until_ns=(
                None if document["breakGlassUntil"] is None else _instant(document["breakGlassUntil"])
            ),
            environment=document.get("environment"),
            step=document.get("step"),
        )
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, RecursionError) as error:
        return unknown_controls(f"the controls do not compile: {type(error).__name__} {error}", origin)


def narrowed(controls: CompiledControls, by: Narrowing) -> CompiledControls:
    """The controls with everything taken away that `by` takes away."""
    percent, admits_below = controls.percent, controls.admits_below
    if by.percent is not None and by.percent < admits_below:
        percent = admits_below = by.percent
    return replace(
        controls,
        killed=controls.killed or by.killed,
        feature=controls.feature and not by.feature_off,
        percent=percent,
        admits_below=admits_below,
        allowlists=controls.allowlists if by.allowlist is None else (*controls.allowlists, by.allowlist),
    )


def effective_at(controls: CompiledControls, now_ns: int) -> CompiledControls:
    """The controls as they stand at `now_ns`: too old denies, an ended break-glass kills.

    A clock before the moment of publication cannot tell the age of what it reads: with a limit
    set, that denies too.
    """
    if controls.unknown is not None or not controls.has_time_limits:
        return controls
    early = controls.effective_ns is None or now_ns < controls.effective_ns
    if controls.break_glass_until_ns is not None and (early or now_ns >= controls.break_glass_until_ns):
        why = "the clock is before the break-glass release" if early else "the break-glass release has ended"
        controls = replace(controls, killed=controls.killed or why)
    if controls.valid_until_ns is not None and (early or now_ns >= controls.valid_until_ns):
        why = "the clock is before their publication" if early else "they are past validUntil"
        controls = replace(controls, unknown=f"the controls are too old to rely on: {why}")
    return controls


def _whole_number(value: object) -> int:
    """JSON has one number type, so 10.0 is the integer 10; "10", 10.5 and true are not."""
    if type(value) is int or (type(value) is float and value.is_integer()):
        return int(value)
    raise TypeError(f"`{value}` is not a whole number")


def _instant(text: str) -> int:
    instant = epoch_ns(text)
    if instant is None:
        raise ValueError(f"`{text}` is not an RFC 3339 time")
    return instant
