"""The gate audit: every line proven consistent with the controls of its time, in grace, or a finding.

`bring_up` judges what is new; `asking` tells what was found; `explaining` says it in words.
"""

from ingest.gate_audit.asking import findings, found_codes, lines_of
from ingest.gate_audit.auditing import DEFAULT_SKEW_NS, Audited, bring_up, clock_skew_ns, unaudited
from ingest.gate_audit.found import Filter, Findings, FoundCode, Line
from ingest.gate_audit.matrix import Cell, matrix

__all__ = [
    "DEFAULT_SKEW_NS",
    "Audited",
    "Cell",
    "Filter",
    "Findings",
    "FoundCode",
    "Line",
    "bring_up",
    "clock_skew_ns",
    "findings",
    "found_codes",
    "lines_of",
    "matrix",
    "unaudited",
]
