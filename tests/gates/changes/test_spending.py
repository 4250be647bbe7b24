"""Budget and price table as a guarded change, and what the guard does by itself."""

import json
from typing import Any

import pytest

from gates.changes.answers import Answer
from gates.changes.content import Terms
from gates.changes.modes import set_mode
from gates.changes.spending import SpendingDocument
from gates.errors import InvalidChange
from gates.policy.intent import Actor, Mode
from gates.store.rows import AuditRecord, RequestState
from tests.gates.changes.world import ALICE, BOB, CAROL, ERIN, TERMS, World
from tests.gates.spending.documents import budget_document, prices_document

BUDGET, PRICES = SpendingDocument.BUDGET, SpendingDocument.PRICES
DAY = "2027-01-15"


def body_of(record: AuditRecord) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(record.body)
    return body


def in_mode(world: World, mode: Mode) -> None:
    with world.store.begin() as tx:
        set_mode(tx, mode)


def with_budget(world: World, actor: Actor = ALICE, **limits: Any) -> Answer:
    return world.service.change_spending(actor, BUDGET, budget_document(**limits), TERMS)


def with_prices(world: World, *rows: tuple[str, str, float, float], **changes: Any) -> Answer:
    return world.service.change_spending(ALICE, PRICES, prices_document(*rows, **changes), TERMS)


def actions(world: World) -> list[tuple[str, str]]:
    with world.store.read() as tx:
        return [(one["actor"], one["action"]) for one in map(body_of, tx.audit.iterate())]


def calls_a_day(world: World) -> str | None:
    limits = world.service.spending().budget
    return None if limits is None or limits.calls is None else str(limits.calls)


@pytest.mark.parametrize("mode", list(Mode))
def test_the_first_budget_and_a_lower_one_take_one_admin(world: World, mode: Mode) -> None:
    in_mode(world, mode)
    for most in (100, 50):
        answer = with_budget(world, callsPerDay=most)
        assert (answer.exit_code, answer.request) == (0, None)
        assert calls_a_day(world) == str(most)
    assert world.service.spending().version == 2
    assert actions(world)[-1] == (ALICE.actor_id, "budget")


def test_raising_it_takes_two_people_where_it_is_enforced(world: World) -> None:
    in_mode(world, Mode.ENFORCE)
    with_budget(world, callsPerDay=100)
    raised = with_budget(world, callsPerDay=200)
    assert raised.request is not None
    assert calls_a_day(world) == "100"
    alone = world.service.apply(ALICE, raised.request)
    assert "E_APPROVAL_MISSING" in alone.decision.reason_codes
    own = world.service.approve(ALICE, raised.request)
    assert own.exit_code != 0
    assert world.service.approve(BOB, raised.request).exit_code == 0
    assert world.service.apply(ERIN, raised.request).exit_code == 0
    assert calls_a_day(world) == "200"


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.OFF])
def test_raising_it_elsewhere_happens_and_is_on_record(world: World, mode: Mode) -> None:
    in_mode(world, mode)
    with_budget(world, callsPerDay=100)
    answer = with_budget(world, callsPerDay=200)
    assert (calls_a_day(world), answer.decision.outcome) == (
        "200",
        "WOULD_BLOCK" if mode is Mode.SHADOW else "UNCHECKED",
    )


@pytest.mark.parametrize("actor", [BOB, CAROL])
def test_it_takes_an_admin(world: World, actor: Actor) -> None:
    in_mode(world, Mode.SHADOW)
    answer = with_budget(world, actor, callsPerDay=1)
    assert (answer.exit_code, list(answer.decision.reason_codes)) == (1, ["E_ROLE"])
    assert calls_a_day(world) is None


def test_a_request_over_an_older_version_is_void(world: World) -> None:
    in_mode(world, Mode.ENFORCE)
    with_budget(world, callsPerDay=100)
    raised = with_budget(world, callsPerDay=200)
    assert raised.request is not None
    with_budget(world, callsPerDay=10)
    assert world.service.approve(BOB, raised.request).exit_code == 5
    assert calls_a_day(world) == "10"
    [row] = [one for one in world.service.requests() if one.number == raised.request]
    assert row.state is RequestState.VOIDED


def test_a_request_survives_a_kill(world: World) -> None:
    """What stopped everything must not void the way out of it."""
    in_mode(world, Mode.ENFORCE)
    with_budget(world, callsPerDay=100)
    raised = with_budget(world, callsPerDay=200)
    assert raised.request is not None
    world.service.stop_for_budget("used up")
    assert world.service.approve(BOB, raised.request).exit_code == 0
    assert world.service.apply(ALICE, raised.request).exit_code == 0
    assert calls_a_day(world) == "200"


def test_a_price_that_falls_under_a_limit_of_money_takes_two(world: World) -> None:
    in_mode(world, Mode.ENFORCE)
    with_prices(world, ("m", "2026-01-01", 2.0, 8.0))
    with_prices(world, ("m", "2026-01-01", 1.0, 8.0))  # there is no limit yet
    with_budget(world, moneyPerDay=10.0, currency="USD")
    lower = with_prices(world, ("m", "2026-01-01", 0.5, 8.0))
    assert lower.request is not None
    assert with_prices(world, ("m", "2026-01-01", 3.0, 8.0)).request is None


def test_the_same_again_is_no_change(world: World) -> None:
    in_mode(world, Mode.SHADOW)
    with_budget(world, callsPerDay=5)
    assert "E_NO_CHANGE" in with_budget(world, callsPerDay=5).decision.reason_codes
    assert world.service.spending().version == 1


REFUSED: list[tuple[SpendingDocument, dict[str, Any], str]] = [
    (BUDGET, budget_document(environment="prod"), "for environment `prod`, and this home is `test`"),
    (BUDGET, budget_document(moneyPerDay=1.0, currency="USD"), "needs a price table in USD"),
    (BUDGET, budget_document(moneyPerDay=1.0), "stand together"),
    (BUDGET, budget_document(callsPerDay=0), "not a budget.v1 document"),
    (BUDGET, budget_document(perWeek=7), "not a budget.v1 document"),
    (PRICES, prices_document(("m", "2026-01-01", 1, 1), ("m", "2026-01-01", 2, 2)), "two prices"),
]


@pytest.mark.parametrize(("name", "document", "words"), REFUSED)
def test_a_document_that_does_not_fit_is_refused_and_changes_nothing(
    world: World, name: SpendingDocument, document: dict[str, Any], words: str
) -> None:
    in_mode(world, Mode.SHADOW)
    with pytest.raises(InvalidChange, match=words):
        world.service.change_spending(ALICE, name, document, TERMS)
    assert world.service.spending().version == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '{"version":1}',
        '{"version":1,"by":"a","at":1,"document":{"version":"budget.v9"}}',
    ],
)
def test_what_cannot_be_read_is_told_apart_from_nothing_and_can_be_set_anew(world: World, text: str) -> None:
    in_mode(world, Mode.SHADOW)
    with_budget(world, callsPerDay=5)
    with world.store.begin() as tx:
        tx.settings.set("budget", text)
    found = world.service.spending()
    assert found.budget is None
    assert "cannot be read" in str(found.unreadable)
    assert with_budget(world, callsPerDay=7).exit_code == 0
    assert calls_a_day(world) == "7"


def test_warnings_are_on_record_once_a_day_and_version(world: World) -> None:
    in_mode(world, Mode.SHADOW)
    note = world.service.note_budget
    for _ in range(3):
        note(DAY, 1, {"calls": "9 of 10"}, None)
        note(DAY, 1, {"calls": "10 of 10", "tokens unknown": "2 lines"}, "used up")
    note("2027-01-16", 1, {"calls": "8 of 10"}, None)
    note("2027-01-16", 2, {"calls": "80 of 100"}, None)
    with world.store.read() as tx:
        said = [
            (one["actor"], one["reason"])
            for one in map(body_of, tx.audit.iterate())
            if one["action"] == "budget warning"
        ]
    assert said == [("system|budget", words) for words in ("9 of 10", "2 lines", "8 of 10", "80 of 100")]


def test_a_release_is_told_what_would_stop_it_again(world: World) -> None:
    in_mode(world, Mode.SHADOW)
    world.service.note_budget(DAY, 0, {}, "the budget of calls is used up: 10 of 10 calls today (100 %)")
    assert "the guard stops again until the limit is raised or the day (UTC) is over" in (
        world.service.unkill(ALICE, TERMS).words
    )
    assert "the guard stops again" in world.service.preview({"kill": False}).sentence
    assert "the guard stops again" not in world.service.preview({"feature": True}).sentence
    world.clock.now += 24 * 3600 * 10**9
    assert world.service.budget_used_up() is None
    world.clock.now -= 24 * 3600 * 10**9
    assert world.service.budget_used_up() is not None
    with_budget(world, callsPerDay=100)
    assert world.service.budget_used_up() is None


def test_a_damaged_note_is_said_again_rather_than_not(world: World) -> None:
    in_mode(world, Mode.SHADOW)
    for text in ("{", "[]", "7", json.dumps({"day": DAY})):
        with world.store.begin() as tx:
            tx.settings.set("budget_said", text)
        assert world.service.budget_used_up() is None
        world.service.note_budget(DAY, 0, {"calls": text}, None)
    assert [action for _, action in actions(world)].count("budget warning") == 4


def test_the_terms_bind_the_document(world: World) -> None:
    """A request approved for one budget cannot carry another."""
    in_mode(world, Mode.ENFORCE)
    with_budget(world, callsPerDay=100)
    first = with_budget(world, callsPerDay=200)
    second = world.service.change_spending(
        ALICE, BUDGET, budget_document(callsPerDay=300), Terms(reason="more", decision_record="ADR-8")
    )
    rows = {one.number: one for one in world.service.requests()}
    assert first.request is not None
    assert second.request is not None
    assert rows[first.request].content_digest != rows[second.request].content_digest
    world.service.approve(BOB, first.request)
    assert world.service.apply(ALICE, first.request).exit_code == 0
    assert world.service.approve(BOB, second.request).exit_code == 5
