"""The control file as an executor reads it: looked at on every decision, and closed when in doubt."""

import time
from pathlib import Path

from gates.controls.checked import CheckedFile
from gates.controls.environment import EnvironmentNarrowing
from gates.controls.instant import Clock
from gates.decision import CompiledControls, compile_controls, effective_at, unknown_controls
from schemas import check
from schemas.errors import ContractError

ORIGIN = "file"


class ControlFile:
    """The controls at `path`, less what `narrowing` takes away.

    `clock` (epoch nanoseconds) is asked only while the controls carry a time limit.
    """

    def __init__(
        self, path: Path, narrowing: EnvironmentNarrowing | None = None, clock: Clock = time.time_ns
    ) -> None:
        self._path = path
        self._file = CheckedFile(path, self._load, self._unknown)
        self._narrowing = narrowing
        self._clock = clock

    def current(self) -> CompiledControls:
        """The controls now; when they cannot be relied on, controls that deny and say why. Never raises."""
        controls = self._file.current()
        if self._narrowing is not None:
            controls = self._narrowing.applied(controls)
        return effective_at(controls, self._clock()) if controls.has_time_limits else controls

    def _load(self, data: bytes) -> CompiledControls:
        try:
            controls = compile_controls(check.parse("controls.v1", data), ORIGIN)
        except ContractError as error:
            return self._unknown(str(error))
        return controls if controls.unknown is None else self._unknown(controls.unknown)

    def _unknown(self, reason: str) -> CompiledControls:
        return unknown_controls(f"the control file `{self._path}` cannot be used: {reason}", ORIGIN)
