"""The state of every item: a table of what evidence shows, and what statements are worth."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.beta.checklist import State, ends_ns
from gates.beta.facts import Allowlist, BetaFacts, Chain, RestoredDrill
from gates.beta.items import BY_ID, ITEMS, STEADY_LISTS, BetaList
from gates.verdict.evidence import IngestState, KillState, Severity
from gates.verdict.verdict import CheckState, HoldCode, KillConfirmation
from gates.verdict.words import VerdictWord
from tests.gates.beta.builders import (
    SEEN,
    all_signed,
    checks,
    facts,
    holding,
    judged,
    result,
    seen,
    signed,
    verdict,
)
from tests.gates.verdict.builders import DAY, NOW, evidence, finding, units

COMPUTED = [item.item_id for item in ITEMS if not item.is_signed]
SIGNED = [item.item_id for item in ITEMS if item.is_signed]
HOLD, ROLL_BACK = VerdictWord.HOLD, VerdictWord.ROLL_BACK
MET, OPEN, EXPIRED, AGAINST = State.MET, State.OPEN, State.EXPIRED, State.CONTRADICTED


def blind() -> BetaFacts:
    return facts(evidence=None, verdict=None, unseen="no telemetry was ingested yet", kill_confirmed_ns=None)


def nothing_yet() -> BetaFacts:
    return facts(evidence=evidence(stub_jobs=0), verdict=verdict(checks=()))


def held(code: HoldCode) -> BetaFacts:
    return facts(verdict=holding(code))


def found(code: str, severity: Severity, lines: int = 1) -> BetaFacts:
    return seen(findings=(finding(code, severity, lines),))


def failing_output() -> BetaFacts:
    bad = replace(SEEN.outcomes[0], path="openai", status="FAILED", error_code="OPENAI_NON_JSON_CONTENT")
    return seen(outcomes=(*SEEN.outcomes, replace(bad, jobs=1, lines=1)))


def killed(state: KillState) -> BetaFacts:
    return facts(verdict=verdict(kill=KillConfirmation(state=state, sentence=f"{state}: so it is")))


def unaudited() -> BetaFacts:
    return seen(ingest=IngestState(last_pass_ns=NOW, behind_bytes=0, unaudited=3, failure=None))


def drill(days: float) -> tuple[RestoredDrill, ...]:
    at_ns = NOW - int(days * DAY)
    return (RestoredDrill(confirmed_ns=at_ns, restored_ns=at_ns),)


def table(
    *rows: tuple[str, str, BetaFacts, State, VerdictWord | None, str],
) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("item_id", "known", "state", "causes", "words"),
        [row[0:1] + row[2:] for row in rows],
        ids=[f"{row[0]}: {row[1]}" for row in rows],
    )


@table(
    ("pre-kill-dominance", "confirmed a day ago", facts(), MET, None, "24 hours ago"),
    ("pre-kill-dominance", "a drill alone", facts(kill_confirmed_ns=None), MET, None, "2 days ago"),
    ("pre-kill-dominance", "exactly 7 days ago",
     facts(kill_confirmed_ns=NOW - 7 * DAY, drills=()), MET, None, "7 days ago"),
    ("pre-kill-dominance", "longer than 7 days ago",
     facts(kill_confirmed_ns=NOW - 7 * DAY - 1, drills=()), EXPIRED, None, "slotgate drill kill"),
    ("pre-kill-dominance", "never",
     facts(kill_confirmed_ns=None, drills=()), OPEN, None, "slotgate drill kill"),
    ("pre-kill-dominance", "never, and the kill is on",
     facts(kill_confirmed_ns=None, drills=(), verdict=verdict(word=VerdictWord.KILLED)), OPEN, None,
     "slotgate probe"),
    ("pre-kill-dominance", "a clock set back",
     facts(kill_confirmed_ns=NOW + 1, drills=()), OPEN, None, "set the clock right"),
    ("change-kill", "breached since", killed(KillState.BREACHED), AGAINST, ROLL_BACK, "BREACHED: so it is"),
    ("change-kill", "waiting for lines", held(HoldCode.KILL_UNCONFIRMED), OPEN, None, "held for"),
    ("change-kill", "confirmed and blind", facts(evidence=None, verdict=None, unseen="x"), MET, None, "ago"),
    ("stable-rollback", "a drill", facts(kill_confirmed_ns=None), MET, None, "stopped and restored"),
    ("stable-rollback", "a kill is no rollback", facts(drills=()), OPEN, None, "no drill was made yet"),
    ("stable-rollback", "too long ago", facts(drills=drill(8)), EXPIRED, None, "8 days ago"),
    ("flight-allowlist", "on", facts(), MET, None, "1 rule permits"),
    ("flight-allowlist", "off",
     facts(allowlist=Allowlist(enabled=False, rules=3)), MET, None, "denies everything"),
    ("flight-allowlist", "invalid",
     facts(allowlist=Allowlist(enabled=False, rules=0, why="missing")), AGAINST, HOLD, "missing"),
    ("change-status", "as in the contract", facts(), MET, None, ""),
    ("change-status", "an impossible line",
     found("CONTRACT", Severity.HIGH), AGAINST, HOLD, "CONTRACT on 1 line"),
    ("change-status", "no line", nothing_yet(), OPEN, None, "no line has come"),
    ("change-status", "blind", blind(), OPEN, None, "no telemetry was ingested yet"),
    ("change-telemetry", "valid", facts(), MET, None, "1900 lines"),
    ("change-telemetry", "quarantined", seen(invalid=2), AGAINST, HOLD, "2 records"),
    ("change-telemetry", "silence", held(HoldCode.SILENCE), AGAINST, HOLD, "held for SILENCE"),
    ("change-telemetry", "volume", held(HoldCode.VOLUME), AGAINST, HOLD, "held for VOLUME"),
    ("change-telemetry", "a run without a line",
     found("SILENT_PATH", Severity.HIGH), AGAINST, HOLD, "SILENT_PATH"),
    ("change-telemetry", "ingest behind", held(HoldCode.INGEST_BEHIND), OPEN, None, "held for"),
    ("change-telemetry", "no line", nothing_yet(), OPEN, None, "no line has come"),
    ("change-path", "clean", facts(), MET, None, "nothing serious in 1900 lines"),
    ("change-path", "a breach", found("KILL_BREACH", Severity.CRITICAL), AGAINST, ROLL_BACK, "KILL_BREACH"),
    ("change-path", "something high", found("KILL_NOT_SEEN", Severity.HIGH), AGAINST, HOLD, "KILL_NOT_SEEN"),
    ("change-path", "something medium, rare", found("STALE_KILL", Severity.MEDIUM), MET, None, ""),
    ("change-path", "something medium, often",
     held(HoldCode.GATE_AUDIT), AGAINST, HOLD, "held for GATE_AUDIT"),
    ("change-path", "exposure unknown", held(HoldCode.EXPOSURE_UNKNOWN), AGAINST, HOLD, "held"),
    ("change-path", "not audited yet", unaudited(), OPEN, None, "3 lines"),
    ("change-path", "evidence old", held(HoldCode.EVIDENCE_OLD), OPEN, None, "held for"),
    ("change-path", "old, and a breach",
     replace(found("KILL_BREACH", Severity.CRITICAL), verdict=holding(HoldCode.EVIDENCE_OLD)),
     AGAINST, ROLL_BACK, "KILL_BREACH"),
    ("change-error-codes", "known", facts(), MET, None, ""),
    ("change-error-codes", "unknown",
     seen(unknown_codes=(("TEAPOT", 2),)), AGAINST, HOLD, "`TEAPOT` on 2 lines"),
    ("change-latency", "within", facts(), MET, None, "latency p95 PASS"),
    ("change-latency", "open", facts(verdict=verdict(checks=checks(latency_p95=CheckState.OPEN))),
     OPEN, None, "latency p95 OPEN"),
    ("change-latency", "beyond", facts(verdict=verdict(checks=checks(latency_p95=CheckState.FAIL))),
     AGAINST, ROLL_BACK, "latency p95 FAIL"),
    ("change-latency", "never measured", nothing_yet(), OPEN, None, "no latency was measured"),
    ("stable-distribution", "as the buckets say", facts(), MET, None, "900 of 1000 jobs"),
    ("stable-distribution", "lines lost", held(HoldCode.SAMPLE_RATIO), AGAINST, HOLD, "held for"),
    ("stable-distribution", "cannot be seen",
     seen(sample=replace(SEEN.sample, visible=False, why="all are admitted")),
     OPEN, None, "all are admitted"),
    ("stable-outputs", "none bad", facts(), MET, None, "900 jobs"),
    ("stable-outputs", "one bad", failing_output(), AGAINST, HOLD, "1 job failed by the output"),
    ("stable-outputs", "one reported", held(HoldCode.BAD_OUTPUT), AGAINST, HOLD, "held for"),
    ("stable-outputs", "too few", seen(units=units(99)), OPEN, None, "1 more are needed"),
    ("stable-error-rates", "low", facts(), MET, None, "failures PASS"),
    ("stable-error-rates", "high", facts(verdict=verdict(checks=checks(failures=CheckState.FAIL))),
     AGAINST, ROLL_BACK, "failures FAIL"),
    ("stable-error-rates", "unknown codes", seen(unknown_codes=(("TEAPOT", 2),)), AGAINST, HOLD, "TEAPOT"),
    ("stable-error-rates", "nothing yet", nothing_yet(), OPEN, None, "no job has reached the model"),
    ("stable-latency", "within", facts(), MET, None, "latency p50 PASS"),
)  # fmt: skip
def test_what_is_computed(
    item_id: str, known: BetaFacts, state: State, causes: VerdictWord | None, words: str
) -> None:
    told = result(item_id, known, signed(item_id))  # whoever signs it moves nothing
    assert (told.state, told.causes) == (state, causes), told.reason
    assert words in told.reason
    assert told.statement is None


@pytest.mark.parametrize("item_id", COMPUTED)
def test_no_data_is_never_a_pass(item_id: str) -> None:
    known = replace(blind(), drills=(), allowlist=Allowlist(enabled=False, rules=0, why="missing"))
    assert not result(item_id, known).is_met
    assert result(item_id, known).reason


@pytest.mark.parametrize("item_id", SIGNED)
class TestStatements:
    def test_nobody_has_signed(self, item_id: str) -> None:
        told = result(item_id, facts())
        assert (told.state, told.is_met) == (OPEN, False)
        assert f"slotgate beta sign {item_id}" in told.reason

    def test_signed(self, item_id: str) -> None:
        told = result(item_id, facts(), signed(item_id))
        assert (told.state, told.is_met) == (State.SIGNED, True)
        assert told.reason == "signed by local|alice 24 hours ago"
        assert told.statement == signed(item_id)

    def test_it_runs_out_at_its_bound(self, item_id: str) -> None:
        days = BY_ID[item_id].valid_days
        assert days is not None
        just = signed(item_id, at_ns=NOW - days * DAY + 1)
        assert result(item_id, facts(), just).is_met
        told = result(item_id, facts(), replace(just, at_ns=NOW - days * DAY))
        assert (told.state, told.expires_ns) == (EXPIRED, NOW)

    def test_earlier_where_its_author_said_so(self, item_id: str) -> None:
        assert result(item_id, facts(), signed(item_id, expires_ns=NOW)).state is EXPIRED
        assert result(item_id, facts(), signed(item_id, expires_ns=NOW + 1)).expires_ns == NOW + 1

    def test_never_later(self, item_id: str) -> None:
        assert result(item_id, facts(), signed(item_id, 100, expires_ns=NOW + DAY)).state is EXPIRED

    def test_the_newest_counts(self, item_id: str) -> None:
        old, new = signed(item_id, 100), signed(item_id, 0, author="local|bob")
        for order in ((old, new), (new, old)):
            assert result(item_id, facts(), *order).statement == new

    def test_one_of_the_future_says_nothing(self, item_id: str) -> None:
        """A clock set back signs nothing and ends nothing."""
        assert result(item_id, facts(), signed(item_id, -1)).state is OPEN
        assert result(item_id, facts(), signed(item_id, -1), signed(item_id, 1)).is_met


@pytest.mark.parametrize(
    ("item_id", "known", "causes"),
    [
        ("pre-default-stub", found("FEATURE_OFF_BREACH", Severity.CRITICAL), ROLL_BACK),
        ("ready-gates", found("INCONSISTENT_DECISION", Severity.HIGH), HOLD),
        ("ready-telemetry", seen(invalid=1), HOLD),
        (
            "ga-stable-window",
            facts(verdict=verdict(word=ROLL_BACK, sentence="ROLL BACK: 5 of 15")),
            ROLL_BACK,
        ),
        ("ga-gating", found("BUCKET_BREACH", Severity.CRITICAL), ROLL_BACK),
        ("ga-determinism", found("ORDER_INVERSION", Severity.MEDIUM), HOLD),
        ("ga-telemetry", facts(chain=Chain(records=9, broken="record 4 was edited")), HOLD),
        ("ga-telemetry", seen(invalid=1), HOLD),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_fresh_data_outweigh_a_signature(item_id: str, known: BetaFacts, causes: VerdictWord) -> None:
    told = result(item_id, known, signed(item_id))
    assert (told.state, told.is_met, told.causes) == (AGAINST, False, causes)
    assert told.reason.startswith("fresh data speak against it: ")
    assert result(item_id, facts(), signed(item_id)).is_met


@pytest.mark.parametrize("item_id", [name for name in SIGNED if BY_ID[name].probe is not None])
def test_no_data_leave_a_signature_as_it_is(item_id: str) -> None:
    assert result(item_id, blind(), signed(item_id)).is_met


class TestSteady:
    def test_all_met_and_signed(self) -> None:
        told = judged(facts(), *all_signed())
        assert told.permits_steady
        assert not told.hard_stops

    def test_nobody_signed(self) -> None:
        assert not judged(facts()).permits_steady

    def test_without_telemetry(self) -> None:
        assert not judged(blind(), *all_signed()).permits_steady

    @pytest.mark.parametrize(
        "item_id", [item.item_id for item in ITEMS if item.is_signed and item.belongs in STEADY_LISTS]
    )
    def test_one_is_missing(self, item_id: str) -> None:
        statements = [one for one in all_signed() if one.item_id != item_id]
        assert not judged(facts(), *statements).permits_steady

    def test_the_exit_to_ga_is_not_asked_for(self) -> None:
        statements = [one for one in all_signed() if not one.item_id.startswith("ga-")]
        assert judged(facts(), *statements).permits_steady


class TestHardStop:
    def test_an_item_after_a_change_that_fails(self) -> None:
        stops = judged(found("KILL_BREACH", Severity.CRITICAL), *all_signed()).hard_stops
        assert [(stop.item.item_id, stop.causes) for stop in stops] == [("change-path", ROLL_BACK)]

    def test_what_is_open_or_of_another_list_is_none(self) -> None:
        assert not judged(blind()).hard_stops
        assert not judged(failing_output()).hard_stops

    def test_each_of_them_names_the_verdict_it_causes(self) -> None:
        breaches: tuple[Callable[[], BetaFacts], ...] = (
            lambda: found("CONTRACT", Severity.HIGH),
            lambda: seen(invalid=1),
            lambda: seen(unknown_codes=(("TEAPOT", 1),)),
            lambda: facts(verdict=verdict(checks=checks(latency_p50=CheckState.FAIL))),
            lambda: killed(KillState.BREACHED),
        )
        stopped = {stop.item.item_id for make in breaches for stop in judged(make()).hard_stops}
        assert stopped == {item.item_id for item in ITEMS if item.belongs is BetaList.AFTER_CHANGE}
        assert all(
            stop.causes in (HOLD, ROLL_BACK) for make in breaches for stop in judged(make()).hard_stops
        )


@given(
    days=st.floats(0, 200),
    wanted=st.none() | st.integers(0, NOW + 100 * DAY),
    later=st.integers(0, 200 * DAY),
)
def test_a_statement_that_ran_out_never_counts_again(days: float, wanted: int | None, later: int) -> None:
    statement = signed("flight-ci-green", days, expires_ns=wanted)
    now = result("flight-ci-green", facts(), statement)
    then = result("flight-ci-green", facts(now_ns=NOW + later), statement)
    assert now.is_met or not then.is_met
    assert ends_ns(BY_ID["flight-ci-green"], statement.at_ns, wanted) <= statement.at_ns + 7 * DAY
