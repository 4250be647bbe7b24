"""Probes of single lines: what no line may show. What the gate audit and the validation found."""

from gates.beta.look import Look, count, held, without
from gates.beta.observed import Observed, fails, silent
from gates.verdict.evidence import Severity
from gates.verdict.verdict import HoldCode
from gates.verdict.words import VerdictWord

_OPENINGS = frozenset(
    {"KILL_BREACH", "FEATURE_OFF_BREACH", "ALLOWLIST_BREACH", "OPTIN_BREACH", "BUCKET_BREACH"}
)
_UNSTEADY = frozenset({"INCONSISTENT_DECISION", "ORDER_INVERSION"})
_SERIOUS = (Severity.CRITICAL, Severity.HIGH)


def never_open(look: Look) -> Observed:
    """No job reached the model where the controls denied it."""
    return without(look, _OPENINGS, "no job reached the model where the controls denied it")


def statuses(look: Look) -> Observed:
    """No line says what no executor may say."""
    return without(look, frozenset({"CONTRACT"}), "every status is one of the contract")


def telemetry(look: Look) -> Observed:
    """Lines come, and all of them are valid."""
    if look.seen.invalid:
        return fails(
            f"{count(look.seen.invalid, 'record')} in the window could not be validated", VerdictWord.HOLD
        )
    codes = (
        HoldCode.SCHEMA_INVALID,
        HoldCode.EXPOSURE_UNKNOWN,
        HoldCode.UNPLACED,
        HoldCode.SILENCE,
        HoldCode.VOLUME,
    )
    clean = f"{count(look.lines, 'line')} under this revision, all of them valid"
    return held(look, *codes) or without(look, frozenset({"SILENT_PATH"}), clean)


def paths(look: Look) -> Observed:
    """The gate audit looked at every line and found nothing critical and nothing high."""
    if look.seen.ingest.unaudited:
        return silent(f"the gate audit has not looked at {count(look.seen.ingest.unaudited, 'line')} yet")
    serious = frozenset(found.code for found in look.seen.findings if found.severity in _SERIOUS)
    found = without(look, serious, f"the gate audit found nothing serious in {count(look.lines, 'line')}")
    if found.causes is VerdictWord.ROLL_BACK:
        return found
    return held(look, HoldCode.GATE_AUDIT, HoldCode.EXPOSURE_UNKNOWN) or found


def error_codes(look: Look) -> Observed:
    """No errorCode that the contract does not know."""
    if look.seen.unknown_codes:
        codes = ", ".join(
            f"`{code}` on {count(lines, 'line')}" for code, lines in look.seen.unknown_codes[:3]
        )
        return fails(f"errorCodes outside the contract: {codes}", VerdictWord.HOLD)
    clean = without(look, frozenset(), "every errorCode is one of the contract")
    return held(look, HoldCode.UNEXPECTED_CODE) or clean


def determinism(look: Look) -> Observed:
    """One jobId, one revision, one decision; the gates in their order."""
    return without(look, _UNSTEADY, "no decision contradicts another")
