"""Read the controls whole, give the allowlist its file, and keep the reading for the starts to come."""

from collections.abc import Mapping
from pathlib import Path

from gates.controls.checked import in_words
from gates.controls.variables import ALLOWLIST
from gates.executor.exec import allowlist_file, kept_reading
from gates.executor.exec.given import Prepared, closed
from gates.executor.exec.reading import ControlReader, same_file
from gates.executor.exec.setting import CLOSED_FLAGS
from gates.home import Home


def read_anew(root: str, control_file: str, environ: Mapping[str, str]) -> Prepared:
    """The variables of this moment. Never raises: without a file for the allowlist every gate is closed."""
    return Anew(root, control_file, environ).prepared()


class Anew:
    """Readings of one control file, for as long as somebody asks."""

    def __init__(self, root: str, control_file: str, environ: Mapping[str, str]) -> None:
        self._folder = Home(Path(root)).exec
        self._control_file = control_file
        self._reader = ControlReader(Path(control_file), environ)

    def may_have_changed(self) -> bool:
        """Whether it is worth asking: false only while the file is surely the one that was read last."""
        return not same_file(self._reader.key, self._reader.path)

    def prepared(self) -> Prepared:
        """The variables of this moment. Never raises."""
        setting = self._reader.setting()
        try:
            path = allowlist_file.keep(self._folder, setting)
        except (OSError, ValueError) as error:
            said = in_words(error) if isinstance(error, OSError) else str(error)
            reason = f"the allowlist cannot be put into `{self._folder}`: {said}"
            is_closed = setting.flags == CLOSED_FLAGS
            found = closed(setting.unknown or reason)
            return Prepared(found.variables, setting.revision, setting.unknown if is_closed else reason)
        variables = {**setting.flags, ALLOWLIST: str(path)}
        if self._reader.key is not None and setting.revision is not None:
            folder = str(self._folder)
            kept_reading.keep(folder, self._control_file, self._reader.key, variables, setting.revision)
        return Prepared(variables, setting.revision, setting.unknown)
