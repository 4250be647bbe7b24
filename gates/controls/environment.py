"""The field's four variables: as the controls themselves, or as what narrows a control file.

`EnvironmentControls` is environment mode: the variables are all there is, read as the executors in
the field read them, and what cannot be read denies. `EnvironmentNarrowing` is file mode: an unset
variable has no opinion, and a set one can only take away (docs/decision.md has both tables).
"""

import re
from collections.abc import Mapping
from pathlib import Path

from gates.controls.checked import CheckedFile
from gates.controls.variables import ALLOWLIST, FEATURE, KILL, PERCENT
from gates.decision import (
    AllowlistIndex,
    CompiledControls,
    Narrowing,
    compile_allowlist,
    narrowed,
    refuse_all,
)
from schemas import check
from schemas.errors import ContractError

ORIGIN = "environment"

_PERCENT = re.compile(r"0|[1-9][0-9]?|100")
_NO_KILL = ("", "false")


class EnvironmentControls:
    """Environment mode: the controls are the variables of `environ`, and have no revision.

    The variables are taken as they stand at construction; the allowlist file is looked at on every call.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._killed = f"{KILL} is `true`" if environ.get(KILL) == "true" else None
        self._feature = environ.get(FEATURE) == "true"
        self._percent = _percent(environ.get(PERCENT, ""))
        self._allowlist = _AllowlistFile(environ.get(ALLOWLIST, ""))
        self._held: CompiledControls | None = None

    def current(self) -> CompiledControls:
        """The controls now. Never raises."""
        allowlist = self._allowlist.current()
        held = self._held
        if held is None or held.allowlists[0] is not allowlist:
            held = CompiledControls(
                origin=ORIGIN,
                unknown=None,
                killed=self._killed,
                feature=self._feature,
                percent=self._percent,
                admits_below=self._percent,
                allowlists=(allowlist,),
            )
            self._held = held
        return held


class EnvironmentNarrowing:
    """File mode: what the variables of `environ` take away from a control file."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        kill, feature, percent = environ.get(KILL, ""), environ.get(FEATURE, "true"), environ.get(PERCENT)
        self._killed = None if kill in _NO_KILL else f"{KILL} is set to `{kill[:40]}`"
        self._feature_off = feature != "true"
        self._percent = None if percent is None else _percent(percent)
        self._allowlist = _AllowlistFile(environ[ALLOWLIST]) if ALLOWLIST in environ else None
        self._held: tuple[CompiledControls, AllowlistIndex | None, CompiledControls] | None = None

    def applied(self, controls: CompiledControls) -> CompiledControls:
        """`controls`, narrowed. Never raises."""
        allowlist = None if self._allowlist is None else self._allowlist.current()
        held = self._held
        if held is None or held[0] is not controls or held[1] is not allowlist:
            by = Narrowing(
                killed=self._killed,
                feature_off=self._feature_off,
                percent=self._percent,
                allowlist=allowlist,
            )
            held = (controls, allowlist, narrowed(controls, by))
            self._held = held
        return held[2]


class _AllowlistFile:
    """The allowlist of `SLOTGEN_ALLOWLIST_PATH`; one that cannot be read refuses every job."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._nowhere = refuse_all(f"{ALLOWLIST} is not set") if not path else None
        self._file = CheckedFile(Path(path), self._load, self._unknown)

    def current(self) -> AllowlistIndex:
        return self._nowhere or self._file.current()

    def _load(self, data: bytes) -> AllowlistIndex:
        try:
            return compile_allowlist(check.parse("allowlist.v1", data))
        except ContractError as error:
            return self._unknown(str(error))

    def _unknown(self, reason: str) -> AllowlistIndex:
        return refuse_all(f"the allowlist file `{self._path}` cannot be used: {reason}")


def _percent(text: str) -> int:
    return int(text) if _PERCENT.fullmatch(text) else 0
