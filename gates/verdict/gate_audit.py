"""The truth table of the gate audit: what a line may say under which controls (DESIGN section 6).

The one copy of it: whatever judges lines in bulk is generated from `CELLS`.
"""

from dataclasses import dataclass
from enum import StrEnum

from gates.verdict.evidence import Severity
from gates.verdict.situations import Observed, Situation


class GateCode(StrEnum):
    """What is wrong with a line. Stable: append, never rename; docs/gate-audit.md explains each."""

    KILL_BREACH = "KILL_BREACH"
    FEATURE_OFF_BREACH = "FEATURE_OFF_BREACH"
    OPTIN_BREACH = "OPTIN_BREACH"
    ALLOWLIST_BREACH = "ALLOWLIST_BREACH"
    BUCKET_BREACH = "BUCKET_BREACH"
    KILL_NOT_SEEN = "KILL_NOT_SEEN"
    STALE_KILL = "STALE_KILL"
    FEATURE_OFF_NOT_SEEN = "FEATURE_OFF_NOT_SEEN"
    FEATURE_STALE = "FEATURE_STALE"
    REASON_MISMATCH = "REASON_MISMATCH"
    ALLOWLIST_STALE = "ALLOWLIST_STALE"
    ORDER_INVERSION = "ORDER_INVERSION"
    UNDER_EXPOSED = "UNDER_EXPOSED"
    UNKNOWN_REASON = "UNKNOWN_REASON"
    CONTRACT = "CONTRACT"
    INCONSISTENT_DECISION = "INCONSISTENT_DECISION"
    EXPOSURE_UNKNOWN = "EXPOSURE_UNKNOWN"
    """No finding of a line: a quarantined record that claims path openai, see `HoldCode`."""
    SILENT_PATH = "SILENT_PATH"
    """No finding of a line: a run under `slotgate exec` that did not say exactly one."""
    BUCKET_MISMATCH = "BUCKET_MISMATCH"
    CLAIM_MISMATCH = "CLAIM_MISMATCH"
    REVISION_MISMATCH = "REVISION_MISMATCH"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell of the table that is no line of healthy gates."""

    code: GateCode
    severity: Severity


Answer = Wrong | None
"""None: the line agrees with the controls."""

_BREACH = {
    Situation.KILLED: GateCode.KILL_BREACH,
    Situation.FEATURE_OFF: GateCode.FEATURE_OFF_BREACH,
    Situation.NOT_OPTED_IN: GateCode.OPTIN_BREACH,
    Situation.ALLOWLIST_OFF: GateCode.ALLOWLIST_BREACH,
    Situation.NOT_PERMITTED: GateCode.ALLOWLIST_BREACH,
    Situation.OUTSIDE: GateCode.BUCKET_BREACH,
    Situation.OUTSIDE_IN_SCOPE: GateCode.BUCKET_BREACH,
}
_INSIDE = (Situation.INSIDE, Situation.INSIDE_IN_SCOPE)
_SCOPED = (Situation.OUTSIDE_IN_SCOPE, Situation.INSIDE_IN_SCOPE)
_OUT_OF_SCOPE = (Situation.NOT_OPTED_IN, Situation.ALLOWLIST_OFF, Situation.NOT_PERMITTED)


def _everywhere(code: GateCode, severity: Severity) -> dict[Situation, Answer]:
    return dict.fromkeys(Situation, Wrong(code, severity))


_NOT_SEEN = Wrong(GateCode.KILL_NOT_SEEN, Severity.HIGH)

CELLS: dict[Observed, dict[Situation, Answer]] = {
    Observed.IMPOSSIBLE: _everywhere(GateCode.CONTRACT, Severity.HIGH),
    Observed.OPENAI: {
        **{situation: Wrong(code, Severity.CRITICAL) for situation, code in _BREACH.items()},
        **dict.fromkeys(_INSIDE),
    },
    Observed.NO_CODE: {
        **_everywhere(GateCode.FEATURE_STALE, Severity.MEDIUM),
        Situation.KILLED: Wrong(GateCode.KILL_NOT_SEEN, Severity.MEDIUM),
        Situation.FEATURE_OFF: None,
    },
    Observed.KILL_SWITCH: {
        **_everywhere(GateCode.STALE_KILL, Severity.MEDIUM),
        Situation.KILLED: None,
    },
    Observed.NOT_ALLOWLISTED: {
        **dict.fromkeys(Situation),
        Situation.KILLED: _NOT_SEEN,
        Situation.FEATURE_OFF: Wrong(GateCode.REASON_MISMATCH, Severity.LOW),
        **dict.fromkeys(_SCOPED, Wrong(GateCode.ALLOWLIST_STALE, Severity.MEDIUM)),
    },
    Observed.ROLLOUT_EXCLUDED: {
        **dict.fromkeys(Situation),
        Situation.KILLED: _NOT_SEEN,
        Situation.FEATURE_OFF: Wrong(GateCode.FEATURE_OFF_NOT_SEEN, Severity.HIGH),
        **dict.fromkeys(_OUT_OF_SCOPE, Wrong(GateCode.ORDER_INVERSION, Severity.MEDIUM)),
        **dict.fromkeys(_INSIDE, Wrong(GateCode.UNDER_EXPOSED, Severity.MEDIUM)),
    },
    Observed.OTHER_CODE: _everywhere(GateCode.UNKNOWN_REASON, Severity.MEDIUM),
}

INCONSISTENT = Wrong(GateCode.INCONSISTENT_DECISION, Severity.HIGH)
"""Of all lines of one jobId under one revision, where some were admitted and some excluded."""

CLAIMED = tuple(
    Wrong(code, Severity.HIGH)
    for code in (GateCode.BUCKET_MISMATCH, GateCode.CLAIM_MISMATCH, GateCode.REVISION_MISMATCH)
)
"""Of a v2 line, beside what the table says: another bucket than the jobId's, a gate or calls that cannot fit
the rest of the line, a revision that was not in force."""
