"""What the gate audit found, as JSON."""

from typing import Any

from ingest.gate_audit import Filter, Findings, Line
from ingest.instants import rfc3339


def found_lines(chosen: Filter, findings: Findings, lines: tuple[Line, ...] | None) -> dict[str, Any]:
    """The filter, what was counted under it and, unless null, the lines behind it."""
    document: dict[str, Any] = {
        "filter": chosen.parameters() | {"since": rfc3339(chosen.since_ns)},
        **findings.as_record(),
    }
    return document if lines is None else document | {"lines": [line.as_record() for line in lines]}
