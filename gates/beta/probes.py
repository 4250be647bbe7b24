"""Which function answers which probe."""

from collections.abc import Callable

from gates.beta import home_probes as home
from gates.beta import line_probes as line
from gates.beta import rate_probes as rate
from gates.beta.facts import BetaFacts
from gates.beta.items import Probe
from gates.beta.look import Look, not_fresh
from gates.beta.observed import Observed, Shown, silent

_OF_HOME: dict[Probe, Callable[[BetaFacts], Observed]] = {
    Probe.KILL_CONFIRMED: home.kill_confirmed,
    Probe.ALLOWLIST: home.allowlist,
    Probe.ROLLBACK_TESTED: home.rollback_tested,
}
_OF_TELEMETRY: dict[Probe, Callable[[Look], Observed]] = {
    Probe.NEVER_OPEN: line.never_open,
    Probe.STATUSES: line.statuses,
    Probe.TELEMETRY: line.telemetry,
    Probe.PATHS: line.paths,
    Probe.ERROR_CODES: line.error_codes,
    Probe.LATENCY: rate.latency,
    Probe.DISTRIBUTION: rate.distribution,
    Probe.OUTPUTS: rate.outputs,
    Probe.ERROR_RATES: rate.error_rates,
    Probe.DETERMINISM: line.determinism,
    Probe.NO_ROLL_BACK: rate.no_roll_back,
}


def observe(probe: Probe, facts: BetaFacts) -> Observed:
    """What the facts show. What is not of now shows nothing, except what speaks against the item."""
    if probe is Probe.RECORDS:
        chain = home.chain(facts)
        return observe(Probe.TELEMETRY, facts) if chain.shown is Shown.HOLDS else chain
    if probe in _OF_HOME:
        return _OF_HOME[probe](facts)
    if facts.evidence is None or facts.verdict is None:
        return silent(f"telemetry could not be looked at: {facts.unseen}")
    look = Look(seen=facts.evidence, verdict=facts.verdict, min_jobs=facts.min_jobs)
    found, stale = _OF_TELEMETRY[probe](look), not_fresh(look)
    return silent(stale) if stale is not None and found.shown is Shown.HOLDS else found
