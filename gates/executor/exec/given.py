"""What a command under `slotgate exec` is given: four variables, and where they come from."""

import os

from gates.controls.variables import ALLOWLIST


class Prepared:
    """The four variables for the command.

    `revision` is that of the controls they were made of, null where these are not known; `unknown` says
    why they are not: then the variables close every gate.
    """

    __slots__ = ("revision", "unknown", "variables")

    def __init__(self, variables: "dict[str, str]", revision: "int | None", unknown: "str | None") -> None:
        self.variables = variables
        self.revision = revision
        self.unknown = unknown


def closed(reason: str) -> Prepared:
    """Every gate closed without a file: `/dev/null` is no allowlist, and permits nothing."""
    from gates.executor.exec.setting import CLOSED_FLAGS

    return Prepared({**CLOSED_FLAGS, ALLOWLIST: os.devnull}, None, reason)
