"""What an executor gets for the controls of a moment: three flags and an allowlist. Pure.

Executors in the field read percent 0 as everyone, ours as nobody, so 0 alone never says either: everyone
is given as 100, and nobody has an allowlist beside it that permits nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gates.controls.variables import FEATURE, KILL, PERCENT
from gates.decision import CompiledControls

Allowlist = Mapping[str, Any]

PERMITS_NOTHING: Allowlist = {
    "version": "allowlist.v1",
    "enabled": False,
    "mode": "deny_by_default",
    "rules": [],
}
CLOSED_FLAGS: Mapping[str, str] = {FEATURE: "false", KILL: "true", PERCENT: "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The flags by their names, and the content of the allowlist file.

    `revision` is that of the controls, null where they are not known; `unknown` says why they are not.
    """

    flags: Mapping[str, str]
    allowlist: Allowlist
    revision: int | None
    unknown: str | None


def setting_of(controls: CompiledControls, allowlist: Allowlist) -> Setting:
    """`controls` as they stand now, narrowed already, with the document that their allowlist came from."""
    if controls.unknown is not None:
        return closed(controls.unknown)
    if controls.killed is not None:
        return Setting(
            flags=CLOSED_FLAGS, allowlist=PERMITS_NOTHING, revision=controls.revision, unknown=None
        )
    flags = {
        FEATURE: "true" if controls.feature else "false",
        KILL: "false",
        PERCENT: str(controls.admits_below),
    }
    permits = allowlist if controls.feature and controls.admits_below > 0 else PERMITS_NOTHING
    return Setting(flags=flags, allowlist=permits, revision=controls.revision, unknown=None)


def closed(reason: str) -> Setting:
    """Nothing may reach the model, because `reason`."""
    return Setting(flags=CLOSED_FLAGS, allowlist=PERMITS_NOTHING, revision=None, unknown=reason)
