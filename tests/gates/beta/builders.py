"""Facts that hold in every item that can be computed, until a test says otherwise."""

from dataclasses import replace
from typing import Any

from gates.beta.checklist import Checklist, Result, checklist
from gates.beta.facts import Allowlist, BetaFacts, Chain, RestoredDrill, Statement
from gates.beta.items import ITEMS
from gates.verdict.evidence import SampleRatio
from gates.verdict.verdict import Check, CheckName, CheckState, Hold, HoldCode, Readiness, Verdict
from gates.verdict.words import VerdictWord
from tests.gates.verdict.builders import DAY, HOUR, NOW, evidence, units

SEEN = replace(
    evidence(units(900)),
    sample=SampleRatio(reached=1000, admitted=900, expected_share=0.9, visible=True, why=None),
)


def check(name: CheckName, state: CheckState = CheckState.PASS) -> Check:
    return Check(
        name=name,
        version=None,
        bad=0,
        of=900,
        rate=0.0,
        lower=0.0,
        upper=0.01,
        stop=0.05,
        expand=0.02,
        state=state,
        needs=None,
        needs_days=None,
        words=f"{name} {state}",
    )


def checks(**states: CheckState) -> tuple[Check, ...]:
    names = (CheckName.FAILURES, CheckName.LATENCY_P50, CheckName.LATENCY_P95)
    return tuple(check(name, states.get(name.name.lower(), CheckState.PASS)) for name in names)


def verdict(**others: Any) -> Verdict:
    fields: dict[str, Any] = {
        "word": VerdictWord.EXPAND,
        "sentence": "EXPAND",
        "next_action": "",
        "why": (),
        "would_change": (),
        "checks": checks(),
        "holds": (),
        "stops": (),
        "missing": (),
        "readiness": Readiness.PASSED,
        "readiness_words": "",
        "kill": None,
        "bound": "",
    }
    return Verdict(**fields | others)


def holding(*codes: HoldCode) -> Verdict:
    holds = tuple(Hold(code=code, words=f"held for {code}") for code in codes)
    return verdict(word=VerdictWord.HOLD, holds=holds)


def facts(**others: Any) -> BetaFacts:
    fields: dict[str, Any] = {
        "now_ns": NOW,
        "evidence": SEEN,
        "verdict": verdict(),
        "unseen": "",
        "min_jobs": 100,
        "kill_confirmed_ns": NOW - DAY,
        "allowlist": Allowlist(enabled=True, rules=1),
        "chain": Chain(records=40),
        "drills": (RestoredDrill(confirmed_ns=NOW - 2 * DAY, restored_ns=NOW - 2 * DAY + HOUR),),
    }
    return BetaFacts(**fields | others)


def seen(**others: Any) -> BetaFacts:
    """Facts with other evidence."""
    return facts(evidence=replace(SEEN, **others))


def signed(item_id: str, days_ago: float = 1, **others: Any) -> Statement:
    fields: dict[str, Any] = {
        "item_id": item_id,
        "text": "looked at",
        "link": "https://example.org/1",
        "author": "local|alice",
        "at_ns": NOW - int(days_ago * DAY),
        "expires_ns": None,
    }
    return Statement(**fields | others)


def all_signed(days_ago: float = 1) -> tuple[Statement, ...]:
    return tuple(signed(item.item_id, days_ago) for item in ITEMS if item.is_signed)


def result(item_id: str, known: BetaFacts, *statements: Statement) -> Result:
    return next(one for one in judged(known, *statements).results if one.item.item_id == item_id)


def judged(known: BetaFacts, *statements: Statement) -> Checklist:
    return checklist(known, statements)
