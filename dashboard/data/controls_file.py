"""Read the control file for the strip: what the executors make of it, and the names in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboard.data.controls import ControlStrip, control_strip
from gates.controls.source import ControlSource
from schemas import check
from schemas.errors import ContractError


def read_strip(source: ControlSource, path: Path) -> ControlStrip:
    """The controls in force now, read anew; what cannot be read is said, never the last known state."""
    controls = source.current()
    return control_strip(controls, None if controls.unknown is not None else controls_in_force(path))


def controls_in_force(path: Path) -> Mapping[str, Any] | None:
    """The document at `path`, or None when it cannot be read as valid `controls.v1`."""
    try:
        document = check.parse("controls.v1", path.read_bytes())
    except (OSError, ContractError):
        return None
    assert isinstance(document, dict)
    return document
