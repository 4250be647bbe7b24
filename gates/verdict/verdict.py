"""A verdict as values: one word, one sentence, the checks behind it, and what would change it."""

from dataclasses import dataclass
from enum import StrEnum

from gates.verdict.evidence import KillState
from gates.verdict.words import VerdictWord


class CheckName(StrEnum):
    """Which rate is bounded."""

    FAILURES = "failures"
    SLICE_FAILURES = "slice failures"
    LATENCY_P50 = "latency p50"
    LATENCY_P95 = "latency p95"


class CheckState(StrEnum):
    """PASS: U <= expand limit. FAIL: L > stop limit. Else OPEN."""

    PASS = "PASS"  # noqa: S105  a word, no password
    FAIL = "FAIL"
    OPEN = "OPEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rate: `bad` of `of`, with its anytime-valid bounds. `of` is 0 where nothing was measured.

    `version` is null for all executorVersions together. `needs` more clean units would pass it, about
    `needs_days` at the present pace; both null where that cannot be said.
    """

    name: CheckName
    version: str | None
    bad: int
    of: int
    rate: float | None
    lower: float
    upper: float
    stop: float
    expand: float
    state: CheckState
    needs: int | None
    needs_days: float | None
    words: str


class HoldCode(StrEnum):
    """Why a verdict holds. Stable: append, never rename."""

    SCHEMA_INVALID = "SCHEMA_INVALID"
    EXPOSURE_UNKNOWN = "EXPOSURE_UNKNOWN"
    UNEXPECTED_CODE = "UNEXPECTED_CODE"
    SILENCE = "SILENCE"
    VOLUME = "VOLUME"
    SAMPLE_RATIO = "SAMPLE_RATIO"
    GATE_AUDIT = "GATE_AUDIT"
    KILL_UNCONFIRMED = "KILL_UNCONFIRMED"
    INGEST_BEHIND = "INGEST_BEHIND"
    EVIDENCE_OLD = "EVIDENCE_OLD"
    OPT_IN_JUMP = "OPT_IN_JUMP"
    BAD_OUTPUT = "BAD_OUTPUT"
    UNPLACED = "UNPLACED"
    LINES_GONE = "LINES_GONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One reason to hold, in words that say what would end it."""

    code: HoldCode
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KillConfirmation:
    """Whether telemetry confirms a kill."""

    state: KillState
    sentence: str


class Readiness(StrEnum):
    """The verification of DESIGN section 5."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    NOT_ENOUGH = "NOT_ENOUGH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`why` and `would_change` are sentences; `stops` says what fails now, whatever the word is.

    A ROLL BACK without stops is one that was latched and not acknowledged.

    `missing` says what EXPAND still lacks besides the checks: dwell, hours, jobs. `readiness` is what
    enable steps and an unkill need.
    """

    word: VerdictWord
    sentence: str
    next_action: str
    why: tuple[str, ...]
    would_change: tuple[str, ...]
    checks: tuple[Check, ...]
    holds: tuple[Hold, ...]
    stops: tuple[str, ...]
    missing: tuple[str, ...]
    readiness: Readiness
    readiness_words: str
    kill: KillConfirmation | None
    bound: str
