"""What the lists are judged by. Values only; times are epoch nanoseconds."""

from dataclasses import dataclass

from gates.verdict.evidence import Evidence
from gates.verdict.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowlist:
    """The allowlist in force. `why` says why there is none that can be used; then the rest says nothing."""

    enabled: bool
    rules: int
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The audit chain: how many records verify, or what is wrong with it, in words."""

    records: int
    broken: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredDrill:
    """A drill that was confirmed by telemetry and whose controls were restored."""

    confirmed_ns: int
    restored_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaFacts:
    """Everything that is computed.

    `evidence` and `verdict` are of the revision in force, now; null where the telemetry could not be
    read, and `unseen` says why. `min_jobs` is what the step's thresholds ask for. `kill_confirmed_ns`
    is when the newest kill, released or not, was engaged, if telemetry confirms it. `chain` is null
    where nobody looked.
    """

    now_ns: int
    evidence: Evidence | None
    verdict: Verdict | None
    unseen: str
    min_jobs: int
    kill_confirmed_ns: int | None
    allowlist: Allowlist
    chain: Chain | None
    drills: tuple[RestoredDrill, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What `author` signed about an item, not withdrawn. `expires_ns` null: only the item's bound holds."""

    item_id: str
    text: str
    link: str
    author: str
    at_ns: int
    expires_ns: int | None
