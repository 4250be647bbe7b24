"""Every item of the plans' lists (CONTRACTS section 10), and what can show that it holds.

Ids are stable: append, never rename; statements name them. An item has a probe, a signature, or both:

    probe alone       computed from evidence; nobody can sign it, and no data is never a pass
    signature alone   somebody states it, with a link; the statement runs out after `valid_days`
    both              stated by a person, and worth nothing while fresh data say otherwise
"""

from dataclasses import dataclass
from enum import StrEnum


class BetaList(StrEnum):
    """The lists of the plans. `steady` asks for all but the last."""

    PRECONDITIONS = "preconditions"
    PREFLIGHT = "preflight"
    AFTER_CHANGE = "after-change"
    BETA_STABLE = "beta-stable"
    BETA_READY = "beta-ready"
    GA_EXIT = "ga-exit"


STEADY_LISTS = frozenset(BetaList) - {BetaList.GA_EXIT}


class Probe(StrEnum):
    """What is looked at in evidence; `gates.beta.probes` says how."""

    KILL_CONFIRMED = "kill confirmed"
    NEVER_OPEN = "never open"
    ALLOWLIST = "allowlist"
    STATUSES = "statuses"
    TELEMETRY = "telemetry"
    PATHS = "paths"
    ERROR_CODES = "error codes"
    LATENCY = "latency"
    DISTRIBUTION = "distribution"
    OUTPUTS = "outputs"
    ERROR_RATES = "error rates"
    ROLLBACK_TESTED = "rollback tested"
    DETERMINISM = "determinism"
    RECORDS = "records"
    NO_ROLL_BACK = "no roll back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a list. `valid_days` bounds a statement, null where the item is not signed.

    `ci`: what a build shows; it may also be stated by the signed webhook.
    """

    item_id: str
    belongs: BetaList
    title: str
    probe: Probe | None = None
    valid_days: int | None = None
    ci: bool = False

    @property
    def is_signed(self) -> bool:
        """Whether a statement is needed."""
        return self.valid_days is not None


def _computed(item_id: str, belongs: BetaList, title: str, probe: Probe) -> Item:
    return Item(item_id=item_id, belongs=belongs, title=title, probe=probe)


def _signed(item_id: str, belongs: BetaList, title: str, days: int, probe: Probe | None = None) -> Item:
    return Item(item_id=item_id, belongs=belongs, title=title, probe=probe, valid_days=days)


def _ci(item_id: str, belongs: BetaList, title: str) -> Item:
    return Item(item_id=item_id, belongs=belongs, title=title, valid_days=7, ci=True)


_PRE, _FLIGHT, _CHANGE = BetaList.PRECONDITIONS, BetaList.PREFLIGHT, BetaList.AFTER_CHANGE
_STABLE, _READY, _GA = BetaList.BETA_STABLE, BetaList.BETA_READY, BetaList.GA_EXIT

ITEMS: tuple[Item, ...] = (
    _ci("pre-clean-main", _PRE, "clean main"),
    _signed("pre-verification-locked", _PRE, "verification locked", 30),
    _computed("pre-kill-dominance", _PRE, "kill dominance proven", Probe.KILL_CONFIRMED),
    _signed("pre-default-stub", _PRE, "default path STUB", 30, Probe.NEVER_OPEN),
    _ci("flight-ci-green", _FLIGHT, "CI green on main"),
    _computed("flight-allowlist", _FLIGHT, "allowlist schema-valid and deny by default", Probe.ALLOWLIST),
    _ci("flight-telemetry-validation", _FLIGHT, "telemetry validation in CI"),
    _ci("flight-kill-check", _FLIGHT, "kill dominance check in CI"),
    _ci("flight-stubbed-server", _FLIGHT, "enabled path tested against a stubbed server, no real network"),
    _computed("change-status", _CHANGE, "status schema-valid", Probe.STATUSES),
    _computed("change-telemetry", _CHANGE, "telemetry emitted and schema-valid", Probe.TELEMETRY),
    _computed("change-path", _CHANGE, "path as expected", Probe.PATHS),
    _computed("change-error-codes", _CHANGE, "errorCodes as expected", Probe.ERROR_CODES),
    _computed("change-latency", _CHANGE, "latency within bounds for the rollout level", Probe.LATENCY),
    _computed("change-kill", _CHANGE, "kill still forces STUB", Probe.KILL_CONFIRMED),
    _computed(
        "stable-distribution",
        _STABLE,
        "expected STUB/COMPLETED distribution for admitted jobs",
        Probe.DISTRIBUTION,
    ),
    _computed("stable-outputs", _STABLE, "no output schema failures", Probe.OUTPUTS),
    _computed("stable-error-rates", _STABLE, "errorCode rates understood and acceptable", Probe.ERROR_RATES),
    _computed("stable-latency", _STABLE, "latency within bounds for admitted jobs", Probe.LATENCY),
    _computed("stable-rollback", _STABLE, "rollback tested and deterministic", Probe.ROLLBACK_TESTED),
    _ci("ready-contracts", _READY, "four contracts schema-locked"),
    _signed("ready-gates", _READY, "five gates deterministic and observable", 30, Probe.DETERMINISM),
    _signed("ready-telemetry", _READY, "telemetry on every decision path", 30, Probe.TELEMETRY),
    _signed("ready-fallback", _READY, "safe fallback without side effects", 30),
    _signed("ready-controls-documented", _READY, "four operational controls documented", 90),
    _signed("ga-stable-window", _GA, "stable over an agreed window", 30, Probe.NO_ROLL_BACK),
    _signed("ga-no-severe", _GA, "no open Sev-1 or Sev-2", 7),
    _signed("ga-gating", _GA, "gating correct in production-like traffic", 30, Probe.PATHS),
    _signed("ga-determinism", _GA, "determinism verified under real conditions", 30, Probe.DETERMINISM),
    _signed("ga-telemetry", _GA, "telemetry complete enough for triage and audit", 30, Probe.RECORDS),
    _signed(
        "ga-runbook",
        _GA,
        "runbook covers rollout changes, kill, allowlist updates, incident rollback",
        90,
    ),
    _signed("ga-quality", _GA, "signed: quality", 30),
    _signed("ga-safety", _GA, "signed: safety", 30),
    _signed("ga-observability", _GA, "signed: observability", 30),
    _signed("ga-support", _GA, "signed: support readiness", 30),
)
BY_ID = {item.item_id: item for item in ITEMS}
