"""Controls held in memory: the twin of the control file for programs that bring their own."""

from collections.abc import Mapping
from typing import Any

from gates.decision import CompiledControls, compile_controls, unknown_controls
from schemas import check

ORIGIN = "memory"


class HeldControls:
    """Answers with what was last given, and denies until something is."""

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        self.put(document)

    def put(self, document: Mapping[str, Any] | None) -> None:
        """Hold `document`; one that is not `controls.v1` denies, and so does None."""
        self._controls = _compiled(document)

    def current(self) -> CompiledControls:
        """The controls now. Never raises."""
        return self._controls


def _compiled(document: Mapping[str, Any] | None) -> CompiledControls:
    if document is None:
        return unknown_controls("there are no controls", ORIGIN)
    found = check.problems("controls.v1", document)
    if found:
        return unknown_controls(f"not a controls.v1 document: {found[0]}", ORIGIN)
    return compile_controls(document, ORIGIN)
