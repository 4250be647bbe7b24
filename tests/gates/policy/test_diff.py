"""Every kind of difference with its dimension and direction, as a table."""

from dataclasses import replace
from typing import Any

import pytest

from gates.policy.diff import Delta, Direction, diff, widens
from gates.policy.values import ControlValues, control_values
from schemas.stages import Step
from tests.gates.decision.builders import allowlist as allowlist_document
from tests.gates.decision.builders import controls as document
from tests.gates.decision.builders import rule as rule_document
from tests.gates.policy.builders import HOUR, NOW, become, rule, values

W, N, O = Direction.WIDENS, Direction.NARROWS, Direction.NEUTRAL  # noqa: E741
TWO = rule(subject={"Biology", "Chemistry"})


def found(deltas: tuple[Delta, ...]) -> list[tuple[str, Direction]]:
    return [(delta.dimension.value, delta.direction) for delta in deltas]


SWITCHES: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[str, Direction]]]] = [
    ("kill on", {}, {"kill": True}, [("kill", N)]),
    ("kill off", {"kill": True}, {"kill": False}, [("kill", W)]),
    ("kill off for an hour", {"kill": True}, {"kill": False, "break_glass_until_ns": NOW}, [("kill", W)]),
    ("the limit taken away", {"break_glass_until_ns": NOW}, {"break_glass_until_ns": None}, [("kill", W)]),
    ("the limit later", {"break_glass_until_ns": NOW}, {"break_glass_until_ns": NOW + 1}, [("kill", W)]),
    ("the limit sooner", {"break_glass_until_ns": NOW}, {"break_glass_until_ns": NOW - 1}, [("kill", N)]),
    ("a limit given", {}, {"break_glass_until_ns": NOW}, [("kill", N)]),
    ("a limit while killed", {"kill": True}, {"break_glass_until_ns": NOW}, []),
    ("kill on within the limit", {"break_glass_until_ns": NOW}, {"kill": True}, [("kill", N)]),
    ("feature on", {"feature": False}, {"feature": True}, [("feature", W)]),
    ("feature off", {}, {"feature": False}, [("feature", N)]),
    ("percent up", {}, {"percent": 11}, [("percent", W)]),
    ("percent down", {}, {"percent": 9}, [("percent", N)]),
    ("percent to nobody", {}, {"percent": 0}, [("percent", N)]),
    ("percent to everyone", {"zero_means_everyone": True}, {"percent": 0}, [("percent", W)]),
    ("percent from everyone", {"zero_means_everyone": True, "percent": 0}, {"percent": 99}, [("percent", N)]),
    ("100 to 0, everyone", {"zero_means_everyone": True, "percent": 100}, {"percent": 0}, [("percent", O)]),
    ("0 means everyone", {}, {"zero_means_everyone": True}, [("rollout_zero", W)]),
    ("0 means nobody", {"zero_means_everyone": True}, {"zero_means_everyone": False}, [("rollout_zero", N)]),
    (
        "0 means everyone at once",
        {"percent": 10},
        {"percent": 0, "zero_means_everyone": True},
        [("percent", W), ("rollout_zero", W)],
    ),
    ("allowlist on", {"allowlist_enabled": False}, {"allowlist_enabled": True}, [("allowlist", W)]),
    ("allowlist off", {}, {"allowlist_enabled": False}, [("allowlist", N)]),
    (
        "allowlist on with other rules",
        {"allowlist_enabled": False},
        {"allowlist_enabled": True, "rules": (TWO,)},
        [("allowlist", W)],
    ),
    ("rules edited while off", {"allowlist_enabled": False}, {"rules": (TWO,)}, [("allowlist", O)]),
    ("valid for longer", {"valid_until_ns": NOW}, {"valid_until_ns": NOW + HOUR}, [("validity", W)]),
    ("valid for ever", {"valid_until_ns": NOW}, {"valid_until_ns": None}, [("validity", W)]),
    ("valid for a time", {}, {"valid_until_ns": NOW}, [("validity", N)]),
    ("valid for less", {"valid_until_ns": NOW}, {"valid_until_ns": NOW - 1}, [("validity", N)]),
    ("another step", {}, {"step": Step.CANARY_5}, [("step", O)]),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"), [c[1:] for c in SWITCHES], ids=[c[0] for c in SWITCHES]
)
def test_switches_and_bounds(before: Any, after: Any, expected: list[tuple[str, Direction]]) -> None:
    current = values(**before)
    assert found(diff(current, replace(current, **after))) == expected


BIO = rule()
SCOPES: list[tuple[str, tuple[Any, ...], tuple[Any, ...], list[tuple[str, Direction]]]] = [
    ("one more subject", (BIO,), (TWO,), [("subject", W)]),
    ("one less subject", (TWO,), (BIO,), [("subject", N)]),
    ("one more level", (BIO,), (rule(level={"GCSE", "A"}),), [("level", W)]),
    ("one more board", (BIO,), (rule(board={"AQA", "OCR"}),), [("board", W)]),
    ("one more spec version", (BIO,), (rule(spec_version={"v1", "v2"}),), [("spec", W)]),
    ("one more kind", (BIO,), (rule(kind={"explanatory", "statutory"}),), [("kind", W)]),
    ("one more slot", (BIO,), (rule(slot_ids={"S1", "S2"}),), [("slot", W)]),
    ("one less slot", (rule(slot_ids={"S1", "S2"}),), (BIO,), [("slot", N)]),
    ("slotIds emptied: any slot", (BIO,), (rule(slot_ids=()),), [("slot", W)]),
    ("slotIds given", (rule(slot_ids=()),), (BIO,), [("slot", N)]),
    ("maxJobsPerRun raised", (BIO,), (rule(max_jobs=2),), [("slot", W)]),
    ("maxJobsPerRun lowered", (rule(max_jobs=2),), (BIO,), [("slot", N)]),
    ("slotIds given and jobs raised", (rule(slot_ids=()),), (rule(max_jobs=2),), [("slot", W), ("slot", N)]),
    ("subject swapped", (BIO,), (rule(subject={"Chemistry"}),), [("subject", W), ("subject", N)]),
    ("a covered rule added", (TWO,), (TWO, rule("r2")), []),
    ("a covered rule removed", (TWO, rule("r2")), (TWO,), []),
    ("a rule renamed", (BIO,), (rule("other"),), []),
    ("rules reordered", (BIO, rule("r2", board={"OCR"})), (rule("r2", board={"OCR"}), BIO), []),
    ("a rule added in one dimension", (BIO,), (BIO, rule("r2", board={"OCR"})), [("board", W)]),
    (
        "a rule added in two",
        (BIO,),
        (BIO, rule("r2", board={"OCR"}, subject={"Physics"})),
        [("subject", W), ("board", W)],
    ),
    ("a rule removed", (BIO, rule("r2", board={"OCR"})), (BIO,), [("board", N)]),
    (
        "two rules crossed",
        (rule("r1"), rule("r2", subject={"Chemistry"}, board={"OCR"})),
        (rule("r1", board={"OCR"}), rule("r2", subject={"Chemistry"})),
        [("board", W), ("board", W), ("board", N), ("board", N)],
    ),
    (
        "the first rule of all",
        (),
        (BIO,),
        [("subject", W), ("level", W), ("board", W), ("spec", W), ("kind", W), ("slot", W)],
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), [c[1:] for c in SCOPES], ids=[c[0] for c in SCOPES])
def test_scope(before: Any, after: Any, expected: list[tuple[str, Direction]]) -> None:
    assert found(diff(values(rules=before), values(rules=after))) == expected


def test_the_values_are_those_of_the_document() -> None:
    stated = document(
        kill=True, feature=False, percent=0, rolloutZero="everyone", step="canary-5",
        allowlist=allowlist_document(
            rule_document("r1", slotIds=["S1", "S1"], maxJobsPerRun=2), rule_document("r2", enabled=False),
            enabled=False),
        validUntil="1970-01-01T00:00:02Z", breakGlassUntil="1970-01-01T00:00:03Z",
    )  # fmt: skip
    assert control_values(stated) == ControlValues(
        kill=True,
        feature=False,
        percent=0,
        zero_means_everyone=True,
        step=Step.CANARY_5,
        allowlist_enabled=False,
        rules=(rule(max_jobs=2),),
        valid_until_ns=2 * 10**9,
        break_glass_until_ns=3 * 10**9,
    )
    assert not control_values(document()).zero_means_everyone


def of(*rules: dict[str, Any], **changes: Any) -> ControlValues:
    return control_values(document(allowlist=allowlist_document(*rules), **changes))


def test_a_disabled_rule_is_no_rule_until_it_is_enabled() -> None:
    asleep = rule_document("r2", appliesTo={"board": ["OCR"]}, enabled=False)
    before, edited = of(rule_document()), of(rule_document(), asleep)
    assert diff(before, edited) == ()
    assert found(diff(edited, of(rule_document(), asleep | {"enabled": True}))) == [("board", W)]


@pytest.mark.parametrize("key", ["validUntil", "breakGlassUntil"])
def test_a_date_that_no_calendar_has_is_in_the_past(key: str) -> None:
    never = control_values(document(**{key: "2026-02-30T00:00:00Z"}))
    assert not widens(diff(control_values(document()), never))
    assert widens(diff(never, control_values(document(**{key: "2027-01-01T00:00:00Z"}))))
    assert widens(diff(never, control_values(document())))


@pytest.mark.parametrize("key", ["validUntil", "breakGlassUntil"])
@pytest.mark.parametrize("when", ["1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_far_times_stay_between_never_and_for_ever(key: str, when: str) -> None:
    limited, endless = control_values(document(**{key: when})), control_values(document())
    assert widens(diff(limited, endless))
    assert not widens(diff(limited, replace(limited, kill=True)))


def test_the_words_name_what_a_person_signs() -> None:
    deltas = diff(values(), become(values(), percent=25, rules=(rule(subject={"Biology", "Physics"}),)))
    assert [delta.words for delta in deltas] == [
        "percent 10 → 25",
        "subject + `Physics` (rule `r1`)",
        "step expand-10 → expand-25",
    ]
    slots = diff(values(), values(rules=(rule(slot_ids={"S1", "S2"}, max_jobs=3),)))
    assert [delta.words for delta in slots] == ["slot + `S2`, up to 3 jobs a run (rule `r1`)"]
    limited = diff(values(kill=True), values(kill=False, break_glass_until_ns=NOW))
    assert [delta.words for delta in limited] == ["kill switch on → off for a limited time"]
