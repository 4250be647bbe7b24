"""Read the controls for an executor: whole, checked and narrowed by our own environment, or closed."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gates.controls import variables
from gates.controls.checked import Key, Unreadable, key_of, read
from gates.controls.environment import EnvironmentNarrowing
from gates.decision import compile_controls, effective_at, unknown_controls
from gates.executor.exec.setting import PERMITS_NOTHING, Setting, closed, setting_of
from schemas import check
from schemas.errors import ContractError

_ORIGIN = "file"
_SETTLED_AFTER_NS = 100_000_000  # as in gates.controls.checked: a younger file may change unseen


class ControlReader:
    """The setting of the control file at `path`, as often as it is asked for.

    `key` tells whether a later reading can be spared: null while the file is too young, the controls
    carry a time limit, or our own variables narrow them.
    """

    def __init__(
        self, path: Path, environ: Mapping[str, str], clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.path = path
        self._environ = environ
        self._narrowing = EnvironmentNarrowing(
            {name: value for name, value in environ.items() if name != variables.ALLOWLIST}
        )
        self._clock = clock
        self.key: Key | None = None

    def setting(self) -> Setting:
        """The controls of this moment. Never raises: what cannot be known is closed."""
        self.key = None
        try:
            return self._setting()
        except Unreadable as error:
            return closed(f"the control file `{self.path}` cannot be used: {error}")
        except ContractError as error:
            return closed(f"the control file `{self.path}` cannot be used: {error}")
        except Exception as error:  # noqa: BLE001  whatever it is, nothing is known
            return closed(f"the controls cannot be read: {type(error).__name__}")

    def _setting(self) -> Setting:
        status, data = read(self.path)
        document = check.parse("controls.v1", data)
        compiled = compile_controls(document, _ORIGIN)
        if compiled.unknown is not None:
            compiled = unknown_controls(
                f"the control file `{self.path}` cannot be used: {compiled.unknown}", _ORIGIN
            )
        now_ns = self._clock()
        age_ns = now_ns - max(status.st_mtime_ns, status.st_ctime_ns)
        is_settled = age_ns > _SETTLED_AFTER_NS and not compiled.has_time_limits
        if is_settled and not any(name in self._environ for name in variables.ALL):
            self.key = key_of(status)
        controls = effective_at(self._narrowing.applied(compiled), now_ns)
        return setting_of(controls, self._narrowed(document["allowlist"]))

    def _narrowed(self, allowlist: Mapping[str, Any]) -> Mapping[str, Any]:
        """The allowlist, less what a file named by our own environment does not permit."""
        if variables.ALLOWLIST not in self._environ:
            return allowlist
        from gates.changes.scope import intersection

        try:
            _, data = read(Path(self._environ[variables.ALLOWLIST]))
            return intersection(allowlist, check.parse("allowlist.v1", data))
        except (Unreadable, ContractError):
            return PERMITS_NOTHING


def same_file(key: Key | None, path: Path) -> bool:
    """Whether the file at `path` is still the one that `key` was taken from."""
    try:
        return key is not None and key == key_of(os.stat(path))  # as cheap as it gets
    except OSError:
        return False
