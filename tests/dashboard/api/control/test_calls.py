"""What single calls answer, and what becomes of bodies that nobody should send."""

import json
from typing import Any

import pytest

from dashboard.api.control.bodies import MOST_BYTES
from gates.store.audit.export import from_ndjson
from gates.store.audit.verify import Intact, verify
from tests.dashboard.api.control.place import Place
from tests.dashboard.auth.town import ALICE, CAROL
from tests.gates.controls.files import SPEC

SAID = {"reason": "pilot", "decisionRecord": "ADR-1"}
GATES = ["controls", "kill_switch", "feature_flag", "job_opt_in", "allowlist", "rollout"]
UP = {**SAID, "change": {"percent": 10}}


def test_a_change_goes_all_its_way(place: Place) -> None:
    place.set_up(mode="enforce")
    asked = place.post("/requests", UP)
    number = asked.json()["request"]
    assert (asked.status_code, asked.json()["outcome"], number) == (200, "ALLOWED", 1)
    seen = place.get(f"/requests/{number}").json()
    assert (seen["state"], seen["requester"]) == ("in_review", ALICE)
    assert place.post(f"/requests/{number}/comments", {"text": "why?"}, "bob").status_code == 200
    edited = place.client().put(
        f"/api/v1/requests/{number}",
        headers=place.token("alice"),
        json={**UP, "reason": "better", "seenDigest": seen["digest"]},
    )
    assert edited.status_code == 200
    place.set_up(mode="shadow")
    late = place.post(f"/requests/{number}/approval", {"seenDigest": seen["digest"]})
    assert late.status_code == 409, "what was signed is not what was seen"
    place.set_up(mode="enforce")
    own = place.post(f"/requests/{number}/approval")
    assert own.status_code == 403
    assert "E_OWN_APPROVAL" in own.json()["reasonCodes"]
    record = place.get(f"/requests/{number}/record").json()
    assert record["version"] == "decision-record.v1"
    assert place.post(f"/requests/{number}/rejection", {"reason": "no"}).json()["state"] == "rejected"
    assert place.get("/requests").json() == {"requests": []}
    assert len(place.get("/requests", state="all").json()["requests"]) == 1


def test_blocked_says_the_same_to_the_same_question(place: Place) -> None:
    place.set_up(mode="enforce")
    first, again = (place.post("/requests", {**SAID, "change": {"percent": 50}}) for _ in range(2))
    assert first.status_code == 403
    assert first.content == again.content
    found = first.json()
    assert found["outcome"] == "BLOCKED"
    assert (found["mode"], found["reasonCodes"]) == ("enforce", ["E_STEP_SKIPPED"])
    assert found["nextStep"]
    assert found["intent"] == {
        "deed": "propose",
        "actor": ALICE,
        "asked": {**SAID, "change": {"percent": 50}},
    }


def test_shadow_cannot_be_taken_for_allowed(place: Place) -> None:
    found = place.post("/requests", {**SAID, "change": {"percent": 50}})
    assert (found.status_code, found.json()["outcome"]) == (200, "WOULD_BLOCK")
    assert found.json()["reasonCodes"] == ["E_STEP_SKIPPED"]


def test_somebody_who_saw_older_controls_is_told(place: Place) -> None:
    place.set_up(mode="enforce")
    place.post("/controls/narrowing", {"change": {"percent": 1}}, "carol")
    old = place.post("/requests", {**SAID, "change": {"percent": 5}, "baseRevision": 2})
    assert (old.status_code, old.json()["reasonCodes"]) == (409, ["E_BASE_REVISION"])
    undone = place.post("/controls/revert", {**SAID, "baseRevision": 2})
    assert undone.status_code == 409


def test_a_narrowing_works_while_the_store_cannot_be_used(place: Place) -> None:
    session = place.client()
    token = {"token": place.people.tokens["carol"]}
    own = {"X-Slotgate-Request": "1", "Origin": "http://127.0.0.1:8501"}
    assert session.post("/api/v1/sign-in", headers=own, json=token).status_code == 200
    place.people.home.store.write_bytes(b"this is no database" * 1000)
    found = session.post("/api/v1/controls/narrowing", headers=own, json={"change": {"percent": 2}})
    assert (found.status_code, found.json()["outcome"]) == (200, "ALLOWED")
    assert "late" in found.json()
    assert json.loads(place.people.home.control_file.read_bytes())["percent"] == 2
    assert session.post("/api/v1/drills", headers=own, json=SAID).status_code == 503


class TestDecide:
    def spec(self, job: str, **more: Any) -> dict[str, Any]:
        return {**SPEC, "jobId": job, **more}

    def test_one_and_many(self, place: Place) -> None:
        one = place.post("/decide?explain=true", self.spec("job-1"), "bob").json()
        assert one["jobId"] == "job-1"
        assert [gate["gate"] for gate in one["gates"]] == GATES
        lines = [json.dumps(self.spec("job-1")), "no spec", json.dumps(self.spec("job-2"))]
        headers = {**place.token("bob"), "Content-Type": "application/x-ndjson"}
        many = place.client().post("/api/v1/decide", headers=headers, content="\n".join(lines) + "\n")
        found = [json.loads(line) for line in many.text.splitlines()]
        assert [each["jobId"] for each in found] == ["job-1", None, "job-2"]
        assert found[0] == {key: value for key, value in one.items() if key != "gates"}
        assert found[1]["gate"] == "job_spec"

    def test_another_media_type_is_named(self, place: Place) -> None:
        headers = {**place.token("bob"), "Content-Type": "text/csv"}
        assert place.client().post("/api/v1/decide", headers=headers, content="a,b").status_code == 415


class TestAudit:
    def test_pages_meet_and_the_export_verifies(self, place: Place) -> None:
        for number in range(1, 6):
            place.post("/bad-outputs", {"job": f"job-{number}", "reason": "wrong"})
        seen, below = [], None
        while True:
            query: dict[str, Any] = {"limit": 2} | ({} if below is None else {"below": below})
            page = place.get("/audit", **query).json()
            seen += [record["seq"] for record in page["records"]]
            below = page["olderBelow"]
            if below is None:
                break
        assert seen == list(range(len(seen), 0, -1))
        export = place.get("/audit/export").content
        verified = verify(from_ndjson(iter(export.splitlines(keepends=True))))
        assert isinstance(verified, Intact)
        assert verified.records == len(seen)
        assert place.get("/audit/verification").json()["lastLeaf"] == verified.last_leaf
        assert place.get("/audit/3").json()["seq"] == 3

    def test_a_checkpoint_is_signed_by_who_watches_and_checks_the_chain(self, place: Place) -> None:
        assert place.post("/audit/checkpoints", {}, "carol").status_code == 403
        signed = place.post("/audit/checkpoints").json()
        assert place.get("/audit/key").json() == {"key": signed["key"]}
        good = place.post("/audit/verification", {"checkpoints": [signed["note"]]}, "bob")
        assert (good.status_code, good.json()["intact"]) == (200, True)
        bad = place.post("/audit/verification", {"checkpoints": ["no note"]}, "bob")
        assert bad.json()["type"] == "urn:slotgate:problem:invalid-checkpoint"


def test_a_drill_that_is_approved_begins_and_ends_stopped_without_telemetry(place: Place) -> None:
    assert place.post("/drills", SAID).json()["request"] == 1
    assert place.post("/drills/1/run", {"waitSeconds": 1}, "bob").status_code == 403
    begun = place.post("/drills/1/run", {"waitSeconds": 1})
    assert (begun.status_code, begun.json()) == (202, {"request": 1, "state": "running"})
    assert json.loads(place.people.home.control_file.read_bytes())["kill"] is True
    assert place.post("/drills/7/run", {}).status_code == 404
    place.ended()
    [drill] = place.get("/drills").json()["drills"]
    assert drill["state"] == "left_killed"


HOSTILE: list[tuple[bytes, int]] = [
    (b"{", 400),
    (b"[]", 422),
    (b"null", 422),
    (b'"\xff"', 400),
    (b'{"reason": "a", "reason": "b"}', 400),
    (b'{"reason": NaN}', 400),
    (b'{"reason": "\\ud800"}', 400),
    (b'{"reason": ' + b"[" * 100_000, 400),
    (b'{"reason": 1e999}', 400),
    (b'{"reason": ' + b"9" * 5_000 + b"}", 400),
    (b'{"reason": 7}', 422),
    (b'{"reason": "x", "more": 1}', 422),
    (json.dumps({"reason": "x" * 5_000}).encode(), 422),
    (b" " * (MOST_BYTES + 1), 413),
]


@pytest.mark.parametrize(("body", "status"), HOSTILE, ids=[str(body[:30]) for body, _ in HOSTILE])
def test_hostile_bodies_are_refused_and_change_nothing(closed: Place, body: bytes, status: int) -> None:
    headers = {**closed.token("alice"), "Content-Type": "application/json"}
    before = closed.people.actions()
    for media in ("application/json", "application/hal+json"):
        found = closed.client().post("/api/v1/ack", headers={**headers, "Content-Type": media}, content=body)
        assert (found.status_code, found.headers["content-type"]) == (status, "application/problem+json")
    assert closed.people.actions() == before


def test_control_characters_are_kept_and_move_nothing(place: Place) -> None:
    words = "a\x1b[2J\r\nSet-Cookie: x=1\x00\u202e\u2028"
    found = place.post("/bad-outputs", {"job": words, "reason": words})
    assert found.status_code == 200
    assert "set-cookie" not in found.headers
    [record] = place.get("/audit", action="report bad output").json()["records"]
    assert record["reason"].replace("?", "\x00") == words
    found = place.post("/tokens", {**SAID, "operator": words})
    assert found.status_code == 422


def test_carol_gives_what_she_owes(place: Place) -> None:
    assert place.post("/kill", {}, "carol").status_code == 200
    [debt] = place.get("/owed").json()["owed"]
    assert debt["by"] == CAROL
    assert place.post(f"/owed/{debt['id']}", {"reason": "an alarm"}, "carol").json() == {"given": debt["id"]}
    assert place.get("/owed").json() == {"owed": []}


def test_a_budget_is_set_and_shown(place: Place) -> None:
    wanted = {"version": "budget.v1", "environment": "test", "callsPerDay": 10}
    assert place.get("/budget").json()["version"] == 0
    assert place.post("/budget", {**SAID, "document": {"version": "budget.v1"}}).status_code == 422
    assert place.post("/budget", {**SAID, "document": wanted}).json()["outcome"] == "ALLOWED"
    shown = place.get("/budget", "bob").json()
    assert (shown["document"]["callsPerDay"], shown["by"]) == (10, ALICE)
    assert [(one["limit"], one["used"], one["of"]) for one in shown["today"]] == [("calls", 0.0, 10.0)]
    assert place.get("/prices").json()["version"] == 0


def test_a_misspelled_filter_is_refused(closed: Place) -> None:
    found = closed.get("/requests", stat="all")
    assert (found.status_code, "`state`" in found.json()["detail"]) == (422, True)
    assert closed.get("/owed", more="1").status_code == 422
    assert closed.get("/beta", list="preflight").status_code == 200


def test_nothing_behind_the_path_keeps_a_narrowing_back(place: Place) -> None:
    assert place.post("/controls/narrowing?from=an-alert", {"change": {"percent": 3}}).status_code == 200
