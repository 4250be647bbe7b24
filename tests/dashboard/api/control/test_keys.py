"""Idempotency keys: what is sent again is not done again, whatever ended between."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard.api.control.keys import KEPT_NS, Begun, Kept, Keys, digest_of, key_of
from dashboard.api.problem import Refused
from dashboard.cli.guarded import UnusableStore
from gates.errors import StoreLocked
from gates.store.store import Store
from tests.dashboard.api.control.place import Place, over, placed
from tests.dashboard.auth.town import ALICE, HOUR

WORSE = {"job": "job-1", "reason": "it is wrong"}


def reports(place: Place) -> int:
    with place.store() as store, store.read() as tx:
        return len(tx.bad_outputs.all())


class TestOverHttp:
    def test_the_same_call_is_answered_again_and_not_done_again(self, place: Place) -> None:
        first = place.post("/bad-outputs", WORSE, key="k-1")
        again = place.post("/bad-outputs", WORSE, key='"k-1"')
        assert (first.status_code, again.status_code) == (200, 200)
        assert again.json() == first.json()
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        assert reports(place) == 1

    def test_also_by_the_server_that_is_started_next(self, tmp_path: Path) -> None:
        with placed(tmp_path) as before:
            first = before.post("/bad-outputs", WORSE, key="k-1")
            with over(before.people) as after:
                again = after.post("/bad-outputs", WORSE, key="k-1")
                assert again.json() == first.json()
                assert reports(after) == 1

    def test_a_blocked_call_stays_blocked(self, place: Place) -> None:
        first, again = (place.post("/ack", {"reason": "known"}, key="k-1") for _ in range(2))
        assert (first.status_code, again.status_code) == (403, 403)
        assert again.json() == first.json()
        assert again.headers["content-type"] == "application/problem+json"
        assert again.headers["idempotency-replayed"] == "true"

    def test_another_call_by_the_same_key_is_refused(self, place: Place) -> None:
        place.post("/bad-outputs", WORSE, key="k-1")
        for path, body in (("/bad-outputs", {**WORSE, "job": "job-2"}), ("/bad-outputs/withdrawal", WORSE)):
            found = place.post(path, body, key="k-1")
            assert (found.status_code, found.json()["type"]) == (
                422,
                "urn:slotgate:problem:idempotency-key-reused",
            )
        assert reports(place) == 1

    def test_keys_belong_to_persons(self, place: Place) -> None:
        assert place.post("/bad-outputs", WORSE, key="k-1").status_code == 200
        other = place.post("/bad-outputs", {**WORSE, "job": "job-2"}, "carol", key="k-1")
        assert other.status_code == 200
        assert reports(place) == 2

    def test_what_was_never_begun_frees_its_key(self, place: Place) -> None:
        assert place.post("/bad-outputs", {"job": "job-1"}, key="k-1").status_code == 422
        assert place.post("/bad-outputs", WORSE, "bob", key="k-1").status_code == 403
        assert place.post("/bad-outputs", WORSE, key="k-1").status_code == 200
        assert place.post("/bad-outputs", {**WORSE, "job": "b"}, "bob", key="k-1").status_code == 403

    @pytest.mark.parametrize("key", ["", '""', "a" * 256, "a b", "a\\b", "ä".encode().decode("latin-1")])
    def test_what_is_no_key_is_refused(self, closed: Place, key: str) -> None:
        headers = {**closed.token("alice"), "Idempotency-Key": key}
        found = closed.client().post(
            "/api/v1/bad-outputs",
            headers=[(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
            json=WORSE,
        )
        assert found.status_code == 400
        assert reports(closed) == 0

    def test_two_at_once_are_done_once(self, place: Place) -> None:
        with ThreadPoolExecutor(4) as threads:
            calls = [threads.submit(place.post, "/bad-outputs", WORSE, key="k-1") for _ in range(4)]
            found = [call.result() for call in calls]
        assert reports(place) == 1
        kinds = sorted((one.status_code, one.headers.get("idempotency-replayed", "")) for one in found)
        assert kinds.count((200, "")) == 1
        assert {status for status, _ in kinds} <= {200, 409}

    def test_a_crash_between_is_not_passed_over(self, place: Place) -> None:
        """As if the process had ended after the effect and before its answer was kept."""
        body = json.dumps(WORSE).encode()
        digest = digest_of("POST", "/api/v1/bad-outputs?", body)
        with place.store() as store:
            assert Keys(place.people.clock).begin(store, ALICE, "k-1", digest) is Begun.NOW
        headers = {**place.token("alice"), "Idempotency-Key": "k-1", "Content-Type": "application/json"}
        found = place.client().post("/api/v1/bad-outputs", headers=headers, content=body)
        assert (found.status_code, found.json()["type"]) == (409, "urn:slotgate:problem:outcome-unknown")
        assert "/api/v1/audit" in found.json()["detail"]
        assert reports(place) == 0

    def test_a_new_token_is_shown_once_and_kept_nowhere(self, place: Place) -> None:
        wish = {"operator": "carol", "reason": "rota", "decisionRecord": "ADR-1"}
        first, again = (place.post("/tokens", wish, key="k-1") for _ in range(2))
        assert first.json()["token"].startswith("slotgate_")
        assert again.headers["idempotency-replayed"] == "true"
        assert "token" not in again.json()
        secret = first.json()["token"].rpartition("_")[2].encode()
        files = [path for path in place.people.home.root.rglob("*") if path.is_file()]
        assert files
        assert not [path for path in files if secret in path.read_bytes()]

    def test_no_key_keeps_a_narrowing_from_being_done(self, place: Place) -> None:
        first = place.post("/controls/narrowing", {"change": {"percent": 3}}, key="k-1")
        other = place.post("/controls/narrowing", {"change": {"percent": 2}}, key="k-1")
        assert (first.json()["revision"], other.json()["revision"]) == (3, 4)


class TestTheLedger:
    def begun(self, keys: Keys, store: Store, digest: str = "a" * 64) -> Begun | Kept:
        return keys.begin(store, ALICE, "k", digest)

    def test_while_it_runs_the_same_call_waits_and_another_is_refused(self, place: Place) -> None:
        keys = Keys(place.people.clock)
        with place.store() as store:
            assert self.begun(keys, store) is Begun.NOW
            with pytest.raises(Refused) as running:
                self.begun(keys, store)
            with pytest.raises(Refused) as other:
                self.begun(keys, store, "b" * 64)
        assert (running.value.status, running.value.kind) == (409, "still-running")
        assert (other.value.status, other.value.kind) == (422, "idempotency-key-reused")

    @pytest.mark.parametrize("hours", [-30, 0, 23])
    def test_it_is_kept_a_day_also_where_the_clock_goes_back(self, place: Place, hours: int) -> None:
        keys = Keys(place.people.clock)
        with place.store() as store:
            self.begun(keys, store)
            keys.end(store, ALICE, "k", 200, {"done": "it"})
            keys.leave(ALICE, "k")
            place.people.clock.now += hours * HOUR
            assert self.begun(keys, store) == Kept(200, {"done": "it"})

    def test_after_a_day_it_is_forgotten(self, place: Place) -> None:
        keys = Keys(place.people.clock)
        with place.store() as store:
            self.begun(keys, store)
            keys.end(store, ALICE, "k", 200, {})
            keys.leave(ALICE, "k")
            place.people.clock.now += KEPT_NS + 1
            assert self.begun(keys, store, "b" * 64) is Begun.NOW

    def test_a_store_that_fails_begins_nothing(self, place: Place) -> None:
        keys = Keys(place.people.clock)
        locked = UnusableStore(StoreLocked("the store is locked; try again"))
        with place.store() as store:
            with pytest.raises(StoreLocked):
                keys.begin(locked, ALICE, "k", "a" * 64)
            assert self.begun(keys, store) is Begun.NOW


@pytest.mark.parametrize(
    ("header", "key"), [(None, None), ("a", "a"), ('"a"', "a"), (" a ", "a"), ('"8e03-~!#"', "8e03-~!#")]
)
def test_keys_come_bare_or_quoted(header: str | None, key: str | None) -> None:
    assert key_of(header) == key


def test_what_came_too_late_may_be_tried_again_by_its_key(place: Place) -> None:
    """A conflict changed nothing, so its key is free."""
    assert place.post("/bad-outputs", WORSE).status_code == 200
    assert place.post("/bad-outputs", WORSE, key="k-1").status_code == 409
    assert place.post("/bad-outputs/withdrawal", WORSE).status_code == 200
    assert place.post("/bad-outputs", WORSE, key="k-1").status_code == 200
    assert place.post("/bad-outputs", WORSE, key="k-1").headers["idempotency-replayed"] == "true"
