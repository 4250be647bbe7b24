"""What may be done to a task, as a table; and what follows in which mode."""

import re
from pathlib import Path

import pytest

from gates.policy.intent import Actor, Mode, Role
from gates.policy.outcome import Outcome, ReasonCode
from gates.tasks.events import EventKind
from gates.tasks.policy.actions import MUTATIONS, OF_A_RUN, OF_A_TASK, Action, Tier, action_of, tier_of
from gates.tasks.policy.asked import Ask, Case
from gates.tasks.policy.decided import Denied, Passed, Repeated, TaskReason
from gates.tasks.policy.judging import judge
from gates.tasks.policy.rules import RULES
from gates.tasks.view import RunView
from tests.gates.tasks.builders import NOW, OTHER, SECOND, VIEWER, WORKER, ask, case, ended, queued, view

LOOK, CREATE, CLAIM, HEARTBEAT = Action.LOOK, Action.CREATE, Action.CLAIM, Action.HEARTBEAT
RELEASE, ARTIFACT, COMPLETE, FAIL = Action.RELEASE, Action.ARTIFACT, Action.COMPLETE, Action.FAIL
CANCEL, UNKNOWN = Action.CANCEL, Action.UNKNOWN
R = TaskReason
OVER = NOW + 60 * SECOND
KEPT = view(artifact_digest="sha256:1")

# What is asked, of which task, and the codes that speak against it under `enforce`, in their order.
INTEGRITY: list[tuple[str, Ask, RunView | None, int, list[TaskReason]]] = [
    ("create", ask(CREATE), None, NOW, []),
    ("create, a bad body", ask(CREATE, fault="bad"), None, NOW, [R.TASK_PAYLOAD]),
    ("create, a bad spec", ask(CREATE, spec_fault="bad"), None, NOW, [R.TASK_SPEC]),
    ("create, the id is taken", ask(CREATE, same_spec=False), queued(), NOW, [R.TASK_EXISTS]),
    ("claim", ask(CLAIM, task_id=None, run=None), None, NOW, []),
    ("heartbeat", ask(HEARTBEAT), view(), NOW, []),
    ("heartbeat at the last moment", ask(HEARTBEAT), view(), OVER - 1, []),
    ("heartbeat, the lease is over", ask(HEARTBEAT), view(), OVER, [R.LEASE_EXPIRED]),
    ("heartbeat, the clock was set back", ask(HEARTBEAT), view(), NOW - OVER, []),
    ("heartbeat of nothing", ask(HEARTBEAT), None, NOW, [R.TASK_UNKNOWN]),
    ("heartbeat of an unclaimed task", ask(HEARTBEAT), queued(), NOW, [R.NOT_CLAIMANT]),
    ("heartbeat of an older run", ask(HEARTBEAT), view(run=2), NOW, [R.NOT_CLAIMANT]),
    ("heartbeat of a later run", ask(HEARTBEAT, run=2), view(), NOW, [R.NOT_CLAIMANT]),
    ("heartbeat by another", ask(HEARTBEAT, actor=OTHER), view(), NOW, [R.NOT_CLAIMANT]),
    ("heartbeat by another, too late", ask(HEARTBEAT, actor=OTHER), view(), OVER,
     [R.NOT_CLAIMANT, R.LEASE_EXPIRED]),
    ("heartbeat after the end", ask(HEARTBEAT), ended(), NOW, [R.TASK_TERMINAL, R.NOT_CLAIMANT]),
    ("release", ask(RELEASE), view(), NOW, []),
    ("release by another", ask(RELEASE, actor=OTHER), view(), NOW, [R.NOT_CLAIMANT]),
    ("result", ask(ARTIFACT), view(), NOW, []),
    ("result, invalid", ask(ARTIFACT, artifact_fault="bad"), view(), NOW, [R.ARTIFACT_INVALID]),
    ("result of another job", ask(ARTIFACT, artifact_job="J2"), view(), NOW, [R.ARTIFACT_INVALID]),
    ("another result", ask(ARTIFACT, artifact_digest="sha256:2"), KEPT, NOW, [R.ARTIFACT_KEPT]),
    ("result, too late", ask(ARTIFACT), view(), OVER, [R.LEASE_EXPIRED]),
    ("complete", ask(COMPLETE), KEPT, NOW, []),
    ("complete by another", ask(COMPLETE, actor=OTHER), KEPT, NOW, [R.NOT_CLAIMANT]),
    ("complete, too late", ask(COMPLETE), KEPT, OVER, [R.LEASE_EXPIRED]),
    ("complete without a result", ask(COMPLETE, result_status=None), view(), NOW, [R.NO_RESULT]),
    ("complete with a failure", ask(COMPLETE, result_status="FAILED"), KEPT, NOW, [R.NO_RESULT]),
    ("complete of nothing", ask(COMPLETE, result_status=None), None, NOW, [R.TASK_UNKNOWN, R.NO_RESULT]),
    ("complete what failed", ask(COMPLETE), ended(EventKind.FAILED), NOW, [R.TASK_TERMINAL, R.NOT_CLAIMANT]),
    ("complete what another run completed", ask(COMPLETE, run=2), ended(), NOW,
     [R.TASK_TERMINAL, R.NOT_CLAIMANT]),
    ("fail", ask(FAIL), view(), NOW, []),
    ("fail, too late", ask(FAIL), view(), OVER, [R.LEASE_EXPIRED]),
    ("fail what was given up", ask(FAIL), ended(EventKind.EXHAUSTED), NOW,
     [R.TASK_TERMINAL, R.NOT_CLAIMANT]),
    ("cancel", ask(CANCEL, run=None), queued(), NOW, []),
    ("cancel what another runs", ask(CANCEL, run=None, actor=OTHER), view(), OVER, []),
    ("cancel what is completed", ask(CANCEL, run=None), ended(), NOW, [R.TASK_TERMINAL]),
    ("cancel nothing", ask(CANCEL, run=None), None, NOW, [R.TASK_UNKNOWN]),
]  # fmt: skip
IDS = [row[0] for row in INTEGRITY]


def codes(asked: Case) -> list[TaskReason]:
    decision = judge(asked)
    return [one.code for one in decision.findings]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("words", "asked", "about", "now_ns", "expected"), INTEGRITY, ids=IDS)
def test_what_cannot_be_is_denied_in_every_mode(
    words: str, asked: Ask, about: RunView | None, now_ns: int, expected: list[TaskReason], mode: Mode
) -> None:
    decision = judge(case(asked, about, mode, now_ns=now_ns))
    if not expected:
        assert decision == Passed(Outcome.UNCHECKED if mode is Mode.OFF else Outcome.ALLOWED)
        return
    assert isinstance(decision, Denied)
    assert [one.code for one in decision.findings] == expected
    assert decision.finding == decision.findings[0]
    assert all(one.words and not one.on_record for one in decision.findings)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("action", sorted(set(Action) - {LOOK, UNKNOWN}))
def test_roles_hold_in_every_mode(action: Action, mode: Mode) -> None:
    about = view(actor_id=VIEWER.actor_id) if action in OF_A_TASK else None
    decision = judge(case(ask(action, actor=VIEWER), about, mode))
    assert isinstance(decision, Denied)
    assert decision.finding.code is R.ROLE
    for role in (Role.ONCALL, Role.ENGINEERING_OWNER):
        person = Actor(VIEWER.actor_id, frozenset({role}))
        assert isinstance(judge(case(ask(action, actor=person), about, mode)), Passed)


POLICY = [
    (HEARTBEAT, view(), frozenset[str](), True, [R.ROUTE_NOT_ALLOWED]),
    (CREATE, None, frozenset({"/api/tasks/cancel"}), True, [R.ROUTE_NOT_ALLOWED]),
    (CREATE, None, frozenset({"/api/tasks/create"}), False, []),
    (LOOK, None, frozenset[str](), None, []),
]


@pytest.mark.parametrize(("action", "about", "allowed", "gate_open", "expected"), POLICY)
def test_the_mode_says_what_follows_from_policy(
    action: Action,
    about: RunView | None,
    allowed: frozenset[str],
    gate_open: bool | None,
    expected: list[str],
) -> None:
    def decided(mode: Mode) -> object:
        return judge(case(ask(action), about, mode, allowed=allowed, gate_open=gate_open))

    off, shadow, enforce = (decided(mode) for mode in (Mode.OFF, Mode.SHADOW, Mode.ENFORCE))
    assert off == Passed(Outcome.UNCHECKED)
    assert isinstance(shadow, Passed)
    assert shadow.outcome is (Outcome.WOULD_BLOCK if expected else Outcome.ALLOWED)
    assert [one.code for one in shadow.findings] == expected
    assert all(one.on_record and not one.always for one in shadow.findings)
    if expected:
        assert isinstance(enforce, Denied)
        assert enforce.findings == shadow.findings
    else:
        assert enforce == Passed(Outcome.ALLOWED)


def test_what_cannot_be_is_denied_under_shadow_beside_what_would_be() -> None:
    decision = judge(case(ask(HEARTBEAT), ended(), Mode.SHADOW, allowed=frozenset()))
    assert isinstance(decision, Denied)
    assert decision.finding.code is R.TASK_TERMINAL
    assert decision.findings[0].code is R.ROUTE_NOT_ALLOWED


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("gate_open", [True, False, None])
def test_a_route_that_is_not_enumerated_does_nothing_whatever_is_listed(mode: Mode, gate_open: bool) -> None:
    asked = ask(UNKNOWN)
    decision = judge(case(asked, None, mode, allowed=frozenset({asked.path}), gate_open=gate_open))
    assert isinstance(decision, Denied)
    assert decision.finding.code is R.ROUTE_UNKNOWN
    expects_gate = mode is not Mode.OFF and gate_open is not True
    assert (R.ACTION_TIER in [one.code for one in decision.findings]) == expects_gate


REPEATED = [
    (ask(CREATE, same_spec=True), queued()),
    (ask(CREATE, same_spec=True), ended()),
    (ask(COMPLETE), ended()),
    (ask(FAIL), ended(EventKind.FAILED)),
    (ask(CANCEL, run=None), ended(EventKind.CANCELLED)),
    (ask(ARTIFACT), KEPT),
    (ask(ARTIFACT), ended(artifact_digest="sha256:1")),
]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("asked", "about"), REPEATED)
def test_what_was_done_is_answered_again_however_late(asked: Ask, about: RunView, mode: Mode) -> None:
    outcome = Outcome.UNCHECKED if mode is Mode.OFF else Outcome.ALLOWED
    assert judge(case(asked, about, mode, now_ns=2 * OVER)) == Repeated(outcome)


def test_a_repetition_needs_its_role_and_its_route() -> None:
    assert codes(case(ask(COMPLETE, actor=VIEWER), ended()))[0] is R.ROLE
    assert codes(case(ask(COMPLETE), ended(), allowed=frozenset()))[0] is R.ROUTE_NOT_ALLOWED
    shadow = judge(case(ask(COMPLETE), ended(), Mode.SHADOW, allowed=frozenset()))
    assert isinstance(shadow, Repeated)
    assert (shadow.outcome, len(shadow.findings)) == (Outcome.WOULD_BLOCK, 1)


class TestActions:
    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "post", ""])
    def test_only_post_changes_anything(self, method: str) -> None:
        assert {action_of(method, path) for path in MUTATIONS} == {UNKNOWN}

    @pytest.mark.parametrize(
        "path", ["/api/tasks/create/", "/api/tasks/Create", "/api/tasks", "/api/tasks/x", ""]
    )
    def test_paths_are_exact(self, path: str) -> None:
        assert action_of("POST", path) is UNKNOWN

    def test_every_action_has_one_route_and_a_tier(self) -> None:
        assert sorted(MUTATIONS.values()) == sorted(set(Action) - {LOOK, UNKNOWN})
        assert [one for one in Action if tier_of(one) is Tier.READ] == [LOOK]
        assert [one for one in Action if tier_of(one) is Tier.OUTSIDE] == [UNKNOWN]
        assert OF_A_RUN < OF_A_TASK


class TestCodes:
    TEXT = (Path(__file__).parents[3] / "docs" / "reason-codes.md").read_text(encoding="utf-8")

    def test_each_is_that_of_one_rule(self) -> None:
        assert [rule.code for rule in RULES] == list(TaskReason)

    def test_each_is_explained(self) -> None:
        table = self.TEXT.split("## Tasks\n")[1].split("\n## ")[0]
        rows = dict(re.findall(r"^\| `(E_\w+)` \| ([^|]+) \|", table, re.MULTILINE))
        said = {True: "in every mode", False: "as the mode says"}
        assert rows == {rule.code.value: said[rule.always] for rule in RULES}

    def test_they_are_only_ever_appended(self) -> None:
        published = """
            E_ROLE E_ROUTE_UNKNOWN E_ROUTE_NOT_ALLOWED E_ACTION_TIER E_TASK_PAYLOAD E_TASK_SPEC E_TASK_EXISTS
            E_TASK_UNKNOWN E_TASK_TERMINAL E_NOT_CLAIMANT E_LEASE_EXPIRED E_ARTIFACT_INVALID E_ARTIFACT_KEPT
            E_NO_RESULT
        """
        assert [code.value for code in TaskReason] == published.split()
        assert {code.value for code in TaskReason} & set(ReasonCode) == {R.ROLE.value}


def test_the_worker_may() -> None:
    """The table above rests on it."""
    assert WORKER.roles == {Role.ENGINEERING_OWNER}
