"""One contract for every store: a SQLite file, a PostgreSQL database, and the twin in memory."""

import gc
import threading
from dataclasses import replace

import pytest

from gates.errors import (
    AlreadyThere,
    InvalidEntry,
    RequestConflict,
    StaleRevision,
    StoreError,
    UnknownEntry,
)
from gates.policy.intent import Role
from gates.store.audit.verify import Intact, verify
from gates.store.port import StorePort
from gates.store.rows import CheckpointRow, OwedKind, RequestState, RevisionKind, TokenScope
from gates.store.tokens import new_token
from tests.gates.store.builders import ALICE, BOB, CAROL, NOW, approval, edit, entry, request, revision


class TestTransactions:
    def test_what_is_committed_is_read(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.settings.set("mode", "shadow")
        with store.read() as tx:
            assert tx.settings.get("mode") == "shadow"

    def test_an_exception_takes_everything_back(self, store: StorePort) -> None:
        def fail() -> None:
            with store.begin() as tx:
                tx.settings.set("mode", "shadow")
                tx.audit.append(entry())
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        with store.read() as tx:
            assert tx.settings.all() == {}
            assert tx.audit.tail() is None

    def test_reading_refuses_to_write(self, store: StorePort) -> None:
        with pytest.raises(StoreError), store.read() as tx:
            tx.settings.set("mode", "off")
        with store.begin() as tx:
            assert tx.settings.get("mode") is None
            tx.settings.set("mode", "shadow")

    def test_threads_take_turns(self, store: StorePort) -> None:
        def work() -> None:
            for _ in range(5):
                with store.begin() as tx:
                    tx.settings.set("count", str(int(tx.settings.get("count") or 0) + 1))
                    tx.audit.append(entry())

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.read() as tx:
            assert tx.settings.get("count") == "20"
            assert isinstance(verify(tx.audit.iterate()), Intact)


class TestRevisions:
    def test_they_come_back_as_they_went_in(self, store: StorePort) -> None:
        first = revision(1, before=None, kind=RevisionKind.INIT)
        second = revision(2, request_number=7, stage=1, step="canary-1")
        with store.begin() as tx:
            tx.revisions.append(first)
            tx.revisions.append(second)
        with store.read() as tx:
            assert list(tx.revisions.all()) == [first, second]
            assert tx.revisions.newest() == second
            assert tx.revisions.get(1) == first
            assert tx.revisions.get(3) is None

    def test_there_is_none_at_first(self, store: StorePort) -> None:
        with store.read() as tx:
            assert tx.revisions.newest() is None

    @pytest.mark.parametrize("number", [1, 5])
    def test_a_number_that_is_not_greater_is_stale(self, store: StorePort, number: int) -> None:
        with store.begin() as tx:
            tx.revisions.append(revision(5))
        with pytest.raises(StaleRevision, match="the controls are at 5") as raised, store.begin() as tx:
            tx.revisions.append(revision(number, actor_id=BOB))
        assert raised.value.exit_code == 5
        with store.read() as tx:
            assert list(tx.revisions.all()) == [revision(5)]

    def test_two_at_once_one_wins(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.revisions.append(revision(1))
        start, outcomes = threading.Barrier(2), []

        def swap(actor: str) -> None:
            start.wait()
            try:
                with store.begin() as tx:
                    tx.revisions.append(revision(2, actor_id=actor))
                outcomes.append("won")
            except StaleRevision:
                outcomes.append("lost")

        threads = [threading.Thread(target=swap, args=[who]) for who in (ALICE, BOB)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["lost", "won"]


class TestRequests:
    def test_a_request_is_created_in_review(self, store: StorePort) -> None:
        with store.begin() as tx:
            assert tx.requests.create(request()) == 1
            assert tx.requests.create(request(state=RequestState.DRAFT, requester=BOB)) == 2
        with store.read() as tx:
            row = tx.requests.get(1)
            assert row is not None
            assert (row.state, row.editors, row.last_editor) == (RequestState.IN_REVIEW, (ALICE,), ALICE)
            assert row.content == {"percent": 1}
            assert (row.created_at_ns, row.edited_at_ns, row.closed_at_ns) == (NOW, NOW, None)
            assert [one.number for one in tx.requests.open()] == [1, 2]
            assert tx.requests.get(3) is None

    def test_an_edit_needs_the_content_that_was_seen(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.requests.create(request())
            tx.requests.set_state(1, RequestState.APPROVED, by=BOB, at_ns=NOW)
            tx.requests.edit(1, edit(), seen_digest="digest-1", by=CAROL, at_ns=NOW + 9)
        with pytest.raises(RequestConflict, match=r"`local\|carol` edited"), store.begin() as tx:
            tx.requests.edit(1, edit(), seen_digest="digest-1", by=ALICE, at_ns=NOW + 10)
        with store.begin() as tx:
            tx.requests.edit(1, edit(), seen_digest="digest-2", by=ALICE, at_ns=NOW + 11)
            row = tx.requests.get(1)
        assert row is not None
        assert row.state is RequestState.IN_REVIEW
        assert (row.editors, row.last_editor, row.edited_at_ns) == ((ALICE, CAROL), ALICE, NOW + 11)
        assert (row.content, row.base_revision, row.exception) == (
            {"percent": 5},
            4,
            "little traffic at night",
        )

    @pytest.mark.parametrize(
        "end", [RequestState.APPLIED, RequestState.REJECTED, RequestState.EXPIRED, RequestState.VOIDED]
    )
    def test_a_closed_request_never_changes(self, store: StorePort, end: RequestState) -> None:
        with store.begin() as tx:
            tx.requests.create(request())
            tx.requests.set_state(1, end, by=BOB, at_ns=NOW + 3, because="enough")
        for state in RequestState:
            with pytest.raises(RequestConflict), store.begin() as tx:
                tx.requests.set_state(1, state, by=ALICE, at_ns=NOW + 4)
        with pytest.raises(RequestConflict), store.begin() as tx:
            tx.requests.edit(1, edit(), seen_digest="digest-1", by=ALICE, at_ns=NOW + 4)
        with store.read() as tx:
            row = tx.requests.get(1)
            assert row is not None
            assert (row.closed_at_ns, row.closed_by, row.closed_because) == (NOW + 3, BOB, "enough")
            assert list(tx.requests.open()) == []
            assert [one.number for one in tx.requests.all()] == [1]

    def test_a_draft_is_not_approved_before_review(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.requests.create(request(state=RequestState.DRAFT))
        for state in (RequestState.APPROVED, RequestState.APPLIED, RequestState.DRAFT):
            with pytest.raises(RequestConflict), store.begin() as tx:
                tx.requests.set_state(1, state, by=BOB, at_ns=NOW)
        with store.begin() as tx:
            tx.requests.set_state(1, RequestState.IN_REVIEW, by=ALICE, at_ns=NOW)

    def test_an_unknown_request_is_said(self, store: StorePort) -> None:
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.requests.set_state(9, RequestState.REJECTED, by=BOB, at_ns=NOW)
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.requests.edit(9, edit(), seen_digest="digest-1", by=BOB, at_ns=NOW)
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.approvals.add(approval(9))

    def test_what_is_no_utf_8_does_not_keep_words_out(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.requests.create(request(reason="caf\udce9", content={"why": "caf\udce9"}))
            row = tx.requests.get(1)
        assert row is not None
        assert (row.reason, row.content) == ("caf?", {"why": "caf\udce9"})

    def test_a_nul_does_not_keep_words_out(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.requests.create(request(reason="a\0b", content={"why": "a\0b"}))
            record = tx.audit.append(entry(reason="a\0b"))
            row = tx.requests.get(1)
        assert row is not None
        assert (row.reason, row.content) == ("a?b", {"why": "a\0b"})
        with store.read() as tx:
            assert tx.audit.tail() == record

    def test_a_name_that_is_no_utf_8_is_refused(self, store: StorePort) -> None:
        with pytest.raises(InvalidEntry), store.begin() as tx:
            tx.operators.add("local|caf\udce9", frozenset(), by=None, at_ns=NOW)


class TestSignatures:
    def test_approvals_are_kept_in_order(self, store: StorePort) -> None:
        mine = [approval(1), approval(1, approver_id=CAROL), approval(1, content_digest="digest-2")]
        with store.begin() as tx:
            tx.requests.create(request())
            tx.requests.create(request())
            for row in mine:
                tx.approvals.add(row)
        with store.read() as tx:
            assert tx.approvals.of(1) == tuple(mine)
            assert tx.approvals.of(2) == ()

    def test_the_same_is_not_signed_twice(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.requests.create(request())
            tx.approvals.add(approval(1))
        with pytest.raises(AlreadyThere), store.begin() as tx:
            tx.approvals.add(approval(1, at_ns=NOW + 99))

    def test_evidence_is_frozen_byte_for_byte(self, store: StorePort) -> None:
        data = bytes(range(256)) * 3
        with store.begin() as tx:
            tx.evidence.freeze("sha256:abc", data)
            tx.evidence.freeze("none:3", b"")
        with store.begin() as tx:
            tx.evidence.freeze("sha256:abc", data)
            assert tx.evidence.get("sha256:abc") == data
            assert tx.evidence.get("none:3") == b""
            assert tx.evidence.get("none:4") is None

    def test_a_digest_keeps_its_evidence(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.evidence.freeze("sha256:abc", b"one")
        with pytest.raises(AlreadyThere), store.begin() as tx:
            tx.evidence.freeze("sha256:abc", b"two")


class TestPeople:
    def test_operators(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.operators.add(BOB, frozenset({Role.APPROVER}), by=ALICE, at_ns=NOW)
            tx.operators.add(ALICE, frozenset({Role.ADMIN, Role.ONCALL}), by=None, at_ns=NOW)
        with store.read() as tx:
            alice, bob = tx.operators.all()
            assert alice.roles == {Role.ADMIN, Role.ONCALL}
            assert (alice.added_by, bob.added_by, bob.granted_by) == (None, ALICE, ALICE)
            assert tx.operators.get(BOB) == bob
            assert tx.operators.get(CAROL) is None

    def test_an_operator_is_added_once(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.operators.add(BOB, frozenset(), by=ALICE, at_ns=NOW)
            tx.operators.disable(BOB, at_ns=NOW + 1)
        with pytest.raises(AlreadyThere), store.begin() as tx:
            tx.operators.add(BOB, frozenset({Role.ADMIN}), by=CAROL, at_ns=NOW + 2)

    def test_giving_counts_as_a_grant_and_taking_does_not(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.operators.add(BOB, frozenset({Role.APPROVER, Role.VIEWER}), by=ALICE, at_ns=NOW)
            tx.operators.set_roles(BOB, frozenset({Role.VIEWER}), by=CAROL, at_ns=NOW + 1)
            fewer = tx.operators.get(BOB)
            tx.operators.set_roles(BOB, frozenset({Role.APPROVER}), by=CAROL, at_ns=NOW + 2)
            more = tx.operators.get(BOB)
        assert fewer is not None
        assert (fewer.roles, fewer.granted_by, fewer.granted_at_ns) == (frozenset({Role.VIEWER}), ALICE, NOW)
        assert more is not None
        assert (more.roles, more.granted_by, more.granted_at_ns) == (
            frozenset({Role.APPROVER}),
            CAROL,
            NOW + 2,
        )
        assert (more.added_by, more.added_at_ns) == (ALICE, NOW)

    def test_disabling_ends_the_tokens_too(self, store: StorePort) -> None:
        token = new_token(BOB, TokenScope.ALL, by=ALICE, now_ns=NOW, expires_at_ns=None).row
        with store.begin() as tx:
            tx.operators.add(BOB, frozenset({Role.APPROVER}), by=ALICE, at_ns=NOW)
            tx.tokens.add(token)
            tx.operators.disable(BOB, at_ns=NOW + 5)
            tx.operators.disable(BOB, at_ns=NOW + 6)
            assert tx.tokens.get(token.token_id) == replace(token, revoked_at_ns=NOW + 5)
            tx.operators.set_roles(BOB, frozenset({Role.APPROVER}), by=CAROL, at_ns=NOW + 7)
            row, kept = tx.operators.get(BOB), tx.tokens.get(token.token_id)
        assert row is not None
        assert (row.disabled_at_ns, row.granted_by) == (None, CAROL)
        assert kept is not None
        assert kept.revoked_at_ns == NOW + 5

    def test_tokens(self, store: StorePort) -> None:
        one = new_token(BOB, TokenScope.ALL, by=CAROL, now_ns=NOW + 1, expires_at_ns=NOW + 10).row
        two = new_token(BOB, TokenScope.KILL, by=CAROL, now_ns=NOW + 2, expires_at_ns=None).row
        with store.begin() as tx:
            tx.operators.add(BOB, frozenset(), by=ALICE, at_ns=NOW)
            tx.tokens.add(one)
            tx.tokens.add(two)
            tx.tokens.used(one.token_id, at_ns=NOW + 3)
            tx.tokens.revoke(two.token_id, at_ns=NOW + 4)
            tx.tokens.revoke(two.token_id, at_ns=NOW + 5)
        with store.read() as tx:
            assert tx.tokens.all() == (
                replace(one, last_used_ns=NOW + 3),
                replace(two, revoked_at_ns=NOW + 4),
            )
            assert tx.tokens.get("nothing") is None
            bob = tx.operators.get(BOB)
            assert bob is not None
            assert (bob.granted_by, bob.granted_at_ns) == (CAROL, NOW + 2)

    def test_a_password_replaces_the_one_before(self, store: StorePort) -> None:
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.passwords.set(BOB, "$argon2id$one", at_ns=NOW)
        with store.begin() as tx:
            tx.operators.add(BOB, frozenset(), by=ALICE, at_ns=NOW)
            assert tx.passwords.get(BOB) is None
            tx.passwords.set(BOB, "$argon2id$one", at_ns=NOW)
            tx.passwords.set(BOB, "$argon2id$two", at_ns=NOW + 1)
        with store.read() as tx:
            assert tx.passwords.get(BOB) == "$argon2id$two"

    def test_unknown_people_and_tokens_are_said(self, store: StorePort) -> None:
        token = new_token(BOB, TokenScope.ALL, by=None, now_ns=NOW, expires_at_ns=None).row
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.tokens.add(token)
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.tokens.revoke(token.token_id, at_ns=NOW)
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.operators.disable(BOB, at_ns=NOW)
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.operators.set_roles(BOB, frozenset(), by=ALICE, at_ns=NOW)


class TestNotes:
    def test_settings(self, store: StorePort) -> None:
        with store.begin() as tx:
            assert tx.settings.get("mode") is None
            tx.settings.set("mode", "shadow")
            tx.settings.set("mode", "enforce")
            tx.settings.set("environment", "")
        with store.read() as tx:
            assert tx.settings.all() == {"environment": "", "mode": "enforce"}

    def test_what_is_owed(self, store: StorePort) -> None:
        with store.begin() as tx:
            first = tx.owed.add(OwedKind.REASON, revision=4, operator_id=ALICE, since_ns=NOW, due_ns=NOW + 9)
            second = tx.owed.add(
                OwedKind.RELEASE_REVIEW, revision=5, operator_id=BOB, since_ns=NOW + 1, due_ns=NOW + 8
            )
            assert [row.owed_id for row in tx.owed.open()] == [first, second]
            tx.owed.give(first, by=ALICE, at_ns=NOW + 2, text="errors spiking")
        with store.read() as tx:
            (left,) = tx.owed.open()
            assert (left.kind, left.revision, left.operator_id) == (OwedKind.RELEASE_REVIEW, 5, BOB)
        with pytest.raises(AlreadyThere), store.begin() as tx:
            tx.owed.give(first, by=BOB, at_ns=NOW, text="again")
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.owed.give(99, by=BOB, at_ns=NOW, text="nothing")


class TestAudit:
    def test_records_are_chained(self, store: StorePort) -> None:
        with store.begin() as tx:
            written = [tx.audit.append(entry(reason=str(n))) for n in range(3)]
        with store.begin() as tx:
            written.append(tx.audit.append(entry()))
        with store.read() as tx:
            assert list(tx.audit.iterate()) == written
            assert list(tx.audit.iterate(3)) == written[2:]
            assert list(tx.audit.backwards()) == written[::-1]
            assert tx.audit.tail() == written[3]
            assert tx.audit.get(2) == written[1]
            assert tx.audit.get(9) is None
            assert isinstance(verify(tx.audit.iterate()), Intact)

    def test_reading_may_stop_early(self, store: StorePort) -> None:
        with store.begin() as tx:
            written = [tx.audit.append(entry()) for _ in range(3)]
        with store.read() as tx:
            left = tx.audit.iterate()
            assert next(left) == written[0]

        def interrupted() -> None:
            with store.read() as tx:
                for _ in tx.audit.iterate():
                    raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            interrupted()
        del left
        gc.collect()

    def test_what_has_no_canonical_form_is_refused(self, store: StorePort) -> None:
        for value in (float("nan"), 2**53, 2.0**53, {"x": "\ud800"}, object()):
            with pytest.raises(InvalidEntry), store.begin() as tx:
                tx.audit.append(entry(after=value))

    def test_bytes_of_a_shell_do_not_keep_a_record_out(self, store: StorePort) -> None:
        with store.begin() as tx:
            record = tx.audit.append(entry(reason="caf\udce9"))
        assert b'"reason":"caf?"' in record.body

    def test_checkpoints(self, store: StorePort) -> None:
        row = CheckpointRow(size=2, root="ab", note="note\n", at_ns=NOW)
        with store.begin() as tx:
            tx.audit.add_checkpoint(row)
            tx.audit.add_checkpoint(replace(row, note="again\n"))
        with store.read() as tx:
            assert tx.audit.checkpoints() == (row,)

    def test_late_files(self, store: StorePort) -> None:
        with store.begin() as tx:
            assert tx.audit.merged_late("1-2.jsonl") == 0
            tx.audit.mark_late("1-2.jsonl", 10)
            tx.audit.mark_late("1-2.jsonl", 30)
        with store.read() as tx:
            assert tx.audit.merged_late("1-2.jsonl") == 30
