"""One task from its creation to its end, what stands in its way, and what is written down of it."""

import json
from pathlib import Path

import pytest

from gates.errors import ModeUnknown
from gates.policy.intent import Mode
from gates.tasks.claims import MOST_MOVED
from gates.tasks.payload import DEEPEST_DOCUMENT, LARGEST_DOCUMENT
from gates.tasks.policy.actions import MUTATIONS
from gates.tasks.reading import Call
from gates.tasks.service import Done, NotDone
from gates.tasks.view import TaskState
from tests.gates.store.builders import created
from tests.gates.tasks.builders import OTHER, VIEWER, WORKER, Desk, result, spec

CREATE, COMPLETE, FAIL = "/api/tasks/create", "/api/tasks/complete", "/api/tasks/fail"
CANCEL, CLAIM = "/api/tasks/cancel", "/api/tasks-mutations/claim"
HEARTBEAT, RELEASE, ARTIFACTS = (
    "/api/tasks-mutations/heartbeat",
    "/api/tasks-mutations/release",
    "/api/artifacts",
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestALife:
    def test_from_creation_to_completion(self, desk: Desk) -> None:
        task_id = desk.create()
        claimed = desk.claim()
        assert claimed["job_spec"] == spec()
        assert (claimed["task"]["run"], claimed["lease_seconds"]) == (1, 60)
        run = {"task_id": task_id, "run": 1}
        desk.clock.forward(50)
        assert desk.ok(HEARTBEAT, {**run, "lease_seconds": 30})["task"]["state"] == "leased"
        desk.clock.forward(29)
        desk.hand_in(task_id)
        done = desk.ok(COMPLETE, run)
        assert done["task"]["state"] == "completed"
        assert done["task"]["terminal_event"]["kind"] == "completed"
        assert desk.kinds(task_id) == ["created", "claimed", "heartbeat", "artifact", "completed"]
        assert desk.claim()["task"] is None
        assert desk.records() == []

    def test_the_oldest_first_and_each_once(self, desk: Desk) -> None:
        ids = [desk.create(f"J{number}") for number in range(4)]
        desk.ok(CANCEL, {"task_id": ids[1], "reason": "not wanted"})
        claimed = [desk.claim(actor)["task"] for actor in (WORKER, OTHER, WORKER, WORKER)]
        assert [one and one["task_id"] for one in claimed] == [ids[0], ids[2], ids[3], None]

    def test_a_lease_that_is_over_makes_a_new_run(self, desk: Desk) -> None:
        task_id = desk.create()
        desk.claim(lease_seconds=10)
        desk.clock.forward(9.999)
        assert desk.claim(OTHER)["task"] is None
        desk.clock.forward(0.001)
        assert desk.denied(HEARTBEAT, {"task_id": task_id, "run": 1})["reason_code"] == "E_LEASE_EXPIRED"
        assert desk.claim(OTHER)["task"]["run"] == 2
        assert desk.denied(HEARTBEAT, {"task_id": task_id, "run": 1})["reason_code"] == "E_NOT_CLAIMANT"

    def test_after_the_last_run_the_task_has_failed(self, desk: Desk) -> None:
        task_id, other = desk.create(most_runs=2), desk.create("J2")
        for run in (1, 2):
            assert desk.claim()["task"]["run"] == run
            desk.ok(RELEASE, {"task_id": task_id, "run": run})
        assert desk.claim()["task"]["task_id"] == other
        assert desk.view(task_id).state is TaskState.FAILED
        assert desk.kinds(task_id)[-1] == "exhausted"

    def test_many_that_cannot_be_begun_keep_nobody_waiting(self, desk: Desk) -> None:
        with desk.store.begin() as tx:
            for number in range(MOST_MOVED + 1):
                tx.tasks.append(created(f"t{number}", detail={"spec": spec(), "jobId": "J1", "mostRuns": 0}))
        last = desk.create()
        assert desk.claim()["task"] is None
        assert desk.claim()["task"]["task_id"] == last

    def test_a_clock_set_back_begins_the_lease_anew(self, desk: Desk) -> None:
        task_id = desk.create()
        desk.claim(lease_seconds=60)
        desk.clock.forward(-3600)
        assert desk.claim(OTHER)["task"] is None
        assert desk.kinds(task_id)[-1] == "rebased"
        desk.ok(HEARTBEAT, {"task_id": task_id, "run": 1})
        desk.clock.forward(60)
        assert desk.claim(OTHER)["task"]["run"] == 2

    def test_a_clock_set_back_under_a_dead_worker_costs_one_lease(self, desk: Desk) -> None:
        desk.create()
        desk.claim(lease_seconds=60)
        desk.clock.forward(-10 * 24 * 3600)
        desk.claim(OTHER)
        desk.clock.forward(59)
        assert desk.claim(OTHER)["task"] is None
        desk.clock.forward(1)
        assert desk.claim(OTHER)["task"]["run"] == 2

    def test_what_was_done_may_be_asked_again(self, desk: Desk) -> None:
        body = {"job_spec": spec(), "task_id": "mine"}
        assert desk.ok(CREATE, body)["repeated"] is False
        assert desk.ok(CREATE, body)["repeated"] is True
        desk.claim()
        desk.hand_in("mine")
        assert desk.hand_in("mine")["repeated"] is True
        for expected in (False, True, True):
            assert desk.ok(COMPLETE, {"task_id": "mine", "run": 1})["repeated"] is expected
        assert desk.kinds("mine") == ["created", "claimed", "artifact", "completed"]

    def test_one_id_is_one_job_spec(self, desk: Desk) -> None:
        desk.create(task_id="mine")
        other = {"job_spec": {**spec(), "metadata": {"requiresReview": True}}, "task_id": "mine"}
        assert desk.denied(CREATE, other)["reason_code"] == "E_TASK_EXISTS"
        odd = spec()
        odd["jobs"] = [{**odd["jobs"][0], "input": {"n": 1}}]
        true = json.loads(json.dumps(odd).replace('"n": 1', '"n": true'))
        desk.ok(CREATE, {"job_spec": odd, "task_id": "odd"})
        assert desk.denied(CREATE, {"job_spec": true, "task_id": "odd"})["reason_code"] == "E_TASK_EXISTS"

    def test_a_failed_result_fails_the_task(self, desk: Desk) -> None:
        task_id = desk.create()
        desk.claim()
        run = {"task_id": task_id, "run": 1}
        assert desk.denied(COMPLETE, run)["reason_code"] == "E_NO_RESULT"
        desk.hand_in(task_id, status="FAILED")
        assert desk.denied(COMPLETE, run)["reason_code"] == "E_NO_RESULT"
        assert desk.ok(FAIL, {**run, "reason": "the model said 500"})["task"]["state"] == "failed"
        assert desk.ok(FAIL, run)["repeated"] is True
        assert desk.denied(CANCEL, {"task_id": task_id})["reason_code"] == "E_TASK_TERMINAL"


BAD = [
    (CREATE, b"", "E_TASK_PAYLOAD"),
    (CREATE, b"{", "E_TASK_PAYLOAD"),
    (CREATE, b'{"job_spec": {}, "job_spec": {}}', "E_TASK_PAYLOAD"),
    (CREATE, b"[" * 100_000, "E_TASK_PAYLOAD"),
    (CREATE, b'{"job_spec": ' + b'{"a":' * 50_000, "E_TASK_PAYLOAD"),
    (CREATE, b'{"job_spec": []}', "E_TASK_PAYLOAD"),
    (CREATE, b'{"job_spec": {}}', "E_TASK_SPEC"),
    (CREATE, b'{"job_spec": {}, "more": 1}', "E_TASK_PAYLOAD"),
    (CREATE, b'{"job_spec": {}, "task_id": "../x"}', "E_TASK_PAYLOAD"),
    (CREATE, b'{"job_spec": {}, "task_id": "x\\u0000"}', "E_TASK_PAYLOAD"),
    (CREATE, b'{"job_spec": {}, "most_runs": 0}', "E_TASK_PAYLOAD"),
    (CREATE, b'{"job_spec": {"a": 1e999}}', "E_TASK_PAYLOAD"),
    (CREATE, b'{"job_spec": {"a": "\\ud800"}}', "E_TASK_PAYLOAD"),
    (CREATE, b"\xff", "E_TASK_PAYLOAD"),
    (CLAIM, b'{"lease_seconds": 0}', "E_TASK_PAYLOAD"),
    (CLAIM, b'{"lease_seconds": 1e9}', "E_TASK_PAYLOAD"),
    (CLAIM, b'{"lease_seconds": true}', "E_TASK_PAYLOAD"),
    (HEARTBEAT, b'{"task_id": "x", "run": 99999999999999999999}', "E_TASK_PAYLOAD"),
    (HEARTBEAT, b'{"task_id": "x"}', "E_TASK_PAYLOAD"),
    (HEARTBEAT, b'{"task_id": "x", "run": 1}', "E_TASK_UNKNOWN"),
    (CANCEL, b'{"task_id": "x", "reason": "%s"}' % (b"x" * 1_001), "E_TASK_PAYLOAD"),
    ("/api/tasks-mutations/dispatch", b"\xff", "E_ROUTE_UNKNOWN"),
]


class TestDenials:
    @pytest.mark.parametrize(("path", "data", "code"), BAD)
    def test_bad_input_has_a_code_and_changes_nothing(
        self, desk: Desk, path: str, data: bytes, code: str
    ) -> None:
        answer = desk.service.change(Call("POST", path, WORKER, data))
        assert isinstance(answer, NotDone)
        assert answer.body["reason_code"] == code
        with desk.store.read() as tx:
            assert tx.tasks.views(most=9) == ()

    def test_too_much_is_refused(self, desk: Desk) -> None:
        large = spec()
        large["jobs"] = [{**large["jobs"][0], "input": {"text": "x" * LARGEST_DOCUMENT}}]
        assert desk.denied(CREATE, {"job_spec": large})["reason_code"] == "E_TASK_SPEC"
        huge = {"job_spec": large, "most_runs": [1] * (1 << 16)}
        assert desk.denied(CREATE, huge)["reason_code"] == "E_TASK_PAYLOAD"

    def test_what_nobody_could_read_again_is_refused(self, desk: Desk) -> None:
        for depth, passes in ((DEEPEST_DOCUMENT - 4, True), (DEEPEST_DOCUMENT - 3, False), (900, False)):
            text = json.dumps(spec()).replace(
                '"input": {}', '"input": ' + '{"a":' * depth + "{}" + "}" * depth
            )
            data = f'{{"job_spec": {text}}}'.encode()
            answer = desk.service.change(Call("POST", CREATE, WORKER, data))
            assert isinstance(answer, Done) == passes, depth

    def test_the_same_call_gives_the_same_body(self, desk: Desk) -> None:
        desk.create()
        body = {"task_id": "task-1", "run": 7}
        first = desk.denied(HEARTBEAT, body)
        desk.clock.forward(1)
        assert desk.denied(HEARTBEAT, body) == first
        assert first == {
            "reason_code": "E_NOT_CLAIMANT",
            "enforcement_mode": "enforce",
            "method": "POST",
            "path": HEARTBEAT,
            "context": {
                "outcome": "BLOCKED",
                "action": "heartbeat",
                "tier": "B",
                "actor": WORKER.actor_id,
                "task": {"task_id": "task-1", "state": "queued", "run": 0},
                "run": 7,
                "findings": [
                    {
                        "code": "E_NOT_CLAIMANT",
                        "words": "run 7 of the task is not held by you; "
                        "stop what you run of it, and claim again",
                    }
                ],
            },
        }

    def test_a_result_of_another_job_is_none(self, desk: Desk) -> None:
        task_id = desk.create()
        desk.claim()
        for artifact in (result("J2"), {**result(), "more": 1}, {}):
            body = {"task_id": task_id, "run": 1, "artifact": artifact}
            assert desk.denied(ARTIFACTS, body)["reason_code"] == "E_ARTIFACT_INVALID"
        desk.hand_in(task_id)
        other = {"task_id": task_id, "run": 1, "artifact": result(status="COMPLETED", output={"a": 1})}
        assert desk.denied(ARTIFACTS, other)["reason_code"] == "E_ARTIFACT_KEPT"

    def test_a_job_id_may_be_anything_that_json_can_hold(self, desk: Desk) -> None:
        task_id = desk.create("\0\n🙂")
        desk.claim()
        assert desk.hand_in(task_id, job_id="\0\n🙂")["task"]["job_id"] == "?\n🙂"


class TestModes:
    def test_the_mode_alone_decides_what_becomes_of_policy(self, desk: Desk) -> None:
        desk.allowed = frozenset()
        body = {"job_spec": spec()}
        assert desk.denied(CREATE, body)["reason_code"] == "E_ROUTE_NOT_ALLOWED"
        desk.mode(Mode.SHADOW)
        shadow = desk.ok(CREATE, body)
        assert (shadow["outcome"], shadow["reason_codes"]) == ("WOULD_BLOCK", ["E_ROUTE_NOT_ALLOWED"])
        desk.mode(Mode.OFF)
        off = desk.ok(CREATE, body)
        assert off["outcome"] == "UNCHECKED"
        assert "reason_codes" not in off
        with desk.store.read() as tx:
            created = [one for one in tx.tasks.all_events() if one.kind == "created"]
        assert [one.outcome for one in created] == ["WOULD_BLOCK", "UNCHECKED"]
        assert [(one["outcome"], one["mode"], one["reason_codes"]) for one in desk.records()] == [
            ("BLOCKED", "enforce", ["E_ROUTE_NOT_ALLOWED"]),
            ("WOULD_BLOCK", "shadow", ["E_ROUTE_NOT_ALLOWED"]),
        ]

    def test_an_unknown_or_contradicted_mode_stops_all(self, desk: Desk) -> None:
        desk.environ = {"ENFORCEMENT_MODE": "off"}
        with pytest.raises(ModeUnknown):
            desk.create()
        desk.environ = {"ENFORCEMENT_MODE": "enforce"}
        desk.create()

    @pytest.mark.parametrize("mode", Mode)
    def test_routes_that_nobody_knows_do_nothing(self, desk: Desk, mode: Mode) -> None:
        desk.mode(mode)
        for method, path in (
            ("POST", "/api/tasks-mutations/run"),
            ("DELETE", CREATE),
            ("PUT", "/api/artifacts"),
        ):
            answer = desk.service.change(Call(method, path, WORKER))
            assert isinstance(answer, NotDone)
            assert answer.body["reason_code"] == "E_ROUTE_UNKNOWN"
            assert answer.body["context"]["tier"] == "C"

    def test_the_gate_is_asked_only_for_what_could_reach_a_model(self, desk: Desk) -> None:
        asked: list[bool] = []
        desk.gate = lambda: asked.append(True)
        desk.create()
        desk.claim()
        assert asked == []
        codes = [one["code"] for one in desk.denied("/api/tasks/run")["context"]["findings"]]
        assert codes == ["E_ROUTE_UNKNOWN", "E_ROUTE_NOT_ALLOWED", "E_ACTION_TIER"]
        assert asked == [True]


class TestTheRecord:
    def test_a_caller_that_tries_on_does_not_fill_the_chain(self, desk: Desk) -> None:
        for _ in range(50):
            desk.denied(CREATE, {"job_spec": spec()}, VIEWER)
        desk.clock.forward(60)
        desk.denied(CREATE, {"job_spec": spec()}, VIEWER)
        first, second = desk.records()
        assert (first["action"], first["actor"], first["target"]) == ("task create", VIEWER.actor_id, CREATE)
        assert (first["outcome"], first["reason_codes"], first["after"]["times"]) == (
            "BLOCKED",
            ["E_ROLE"],
            1,
        )
        assert second["after"]["times"] == 50

    def test_a_clock_set_back_hides_nothing(self, desk: Desk) -> None:
        desk.denied(CREATE, None, VIEWER)
        desk.clock.forward(-3600)
        desk.denied(CREATE, None, VIEWER)
        assert [one["after"]["times"] for one in desk.records()] == [1, 1]

    def test_ordinary_denials_of_a_race_are_no_news(self, desk: Desk) -> None:
        desk.denied(HEARTBEAT, {"task_id": "x", "run": 1})
        desk.allowed = frozenset()
        desk.mode(Mode.SHADOW)
        desk.denied(HEARTBEAT, {"task_id": "x", "run": 1})
        (only,) = desk.records()
        assert (only["outcome"], only["reason_codes"]) == ("WOULD_BLOCK", ["E_ROUTE_NOT_ALLOWED"])


def test_every_route_is_written_about() -> None:
    text = (Path(__file__).parents[3] / "docs" / "enforcement.md").read_text(encoding="utf-8")
    assert [path for path in MUTATIONS if f"| `POST {path}` |" not in text] == []
