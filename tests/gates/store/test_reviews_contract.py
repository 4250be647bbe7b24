"""The contract of what reviews leave behind, over every store."""

from dataclasses import asdict, replace

import pytest

from gates.errors import AlreadyThere, InvalidEntry, StaleRevision, UnknownEntry
from gates.store.port import StorePort, Transaction
from gates.store.review_rows import DrillRow, DrillState, ReviewMoment, ReviewRow
from gates.store.rows import RequestState
from gates.verdict.words import VerdictWord
from tests.gates.store.builders import ALICE, BOB, NOW, look, request, revision, thresholds


class TestRevisionsInOrder:
    def test_after_of_request_and_of_steps(self, store: StorePort) -> None:
        rows = [
            revision(1, step="baseline"),
            revision(2, step="broaden-kind", request_number=4),
            revision(5, step="broaden-slot"),
            revision(6, step="expand-100"),
        ]
        with store.begin() as tx:
            for row in rows:
                tx.revisions.append(row)
            assert tuple(tx.revisions.after(1)) == tuple(rows[1:])
            assert tuple(tx.revisions.after(6)) == ()
            assert tuple(tx.revisions.of_request(4)) == (rows[1],)
            assert tuple(tx.revisions.newest_of_steps("broaden-")) == (rows[2], rows[1])
            assert tuple(tx.revisions.newest_of_steps("broaden_")) == ()


class TestThresholds:
    def test_versions_are_kept(self, store: StorePort) -> None:
        with store.begin() as tx:
            assert tx.thresholds.newest() is None
            tx.thresholds.append(thresholds(1))
            tx.thresholds.append(thresholds(2, request_number=7))
        with store.read() as tx:
            assert tx.thresholds.newest() == thresholds(2, request_number=7)
            assert tx.thresholds.all() == (thresholds(1), thresholds(2, request_number=7))

    def test_a_number_that_is_taken_is_refused(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.thresholds.append(thresholds(2))
        for number in (1, 2):
            with pytest.raises(StaleRevision), store.begin() as tx:
                tx.thresholds.append(thresholds(number))


class TestReviews:
    def test_by_revision_and_by_step(self, store: StorePort) -> None:
        with store.begin() as tx:
            first = tx.reviews.add(look())
            other = tx.reviews.add(look(revision=4, step="canary-5", evidence_digest="sha256:1"))
            again = tx.reviews.add(look(revision=5, moment=ReviewMoment.APPLY, request_number=9))
        assert first == ReviewRow(**asdict(look()), review_id=1)
        with store.read() as tx:
            assert tx.reviews.of_revision(3) == (first,)
            assert tx.reviews.of_step("canary-1") == (first, again)
            assert tx.reviews.newest(4) == other
            assert tx.reviews.newest(8) is None

    def applied(self, tx: Transaction, base: int, digest: str) -> int:
        number = tx.requests.create(request(base_revision=base, evidence_digest=digest))
        tx.requests.set_state(number, RequestState.APPLIED, by=BOB, at_ns=NOW + base)
        return number

    def test_what_was_expanded_from_before(self, store: StorePort) -> None:
        with store.begin() as tx:
            for digest, verdict in (("a", VerdictWord.EXPAND), ("b", VerdictWord.NOT_ENOUGH_DATA)):
                tx.reviews.add(look(evidence_digest=digest, verdict=verdict))
            first = self.applied(tx, 3, "a")
            self.applied(tx, 4, "b")
            tx.requests.create(request(base_revision=5, evidence_digest="a"))
            assert tx.reviews.expanded_before(9) == first
            assert tx.reviews.expanded_before(4) == first
            assert tx.reviews.expanded_before(3) is None
            second = self.applied(tx, 5, "a")
            assert tx.reviews.expanded_before(9) == second


class TestReports:
    def test_stand_until_they_are_withdrawn(self, store: StorePort) -> None:
        with store.begin() as tx:
            first = tx.bad_outputs.add(job_id="j1", revision=3, reason="wrong", by=ALICE, at_ns=NOW)
            second = tx.bad_outputs.add(job_id="j2", revision=3, reason="rude", by=BOB, at_ns=NOW + 1)
            tx.bad_outputs.add(job_id="j1", revision=4, reason="again", by=BOB, at_ns=NOW + 2)
            tx.bad_outputs.withdraw(first, by=BOB, at_ns=NOW + 3, because="it was right")
        with store.read() as tx:
            assert [one.report_id for one in tx.bad_outputs.standing(3)] == [second]
            reports = tx.bad_outputs.of_job("j1")
            assert [one.withdrawn_because for one in reports] == ["it was right", None]
            assert len(tx.bad_outputs.all()) == 3

    def test_are_withdrawn_once(self, store: StorePort) -> None:
        with store.begin() as tx:
            number = tx.bad_outputs.add(job_id="j1", revision=3, reason="wrong", by=ALICE, at_ns=NOW)
            tx.bad_outputs.withdraw(number, by=BOB, at_ns=NOW, because="no")
        with pytest.raises(AlreadyThere, match="bad output 1"), store.begin() as tx:
            tx.bad_outputs.withdraw(number, by=BOB, at_ns=NOW, because="no")
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.bad_outputs.withdraw(9, by=BOB, at_ns=NOW, because="no")

    def test_a_job_id_that_is_no_utf_8_is_refused_and_a_reason_is_not(self, store: StorePort) -> None:
        with pytest.raises(InvalidEntry), store.begin() as tx:
            tx.bad_outputs.add(job_id="caf\udce9", revision=3, reason="", by=ALICE, at_ns=NOW)
        with store.begin() as tx:
            tx.bad_outputs.add(job_id="j", revision=3, reason="caf\udce9", by=ALICE, at_ns=NOW)
            assert tx.bad_outputs.all()[0].reason == "caf?"


class TestStatements:
    def test_are_all_kept(self, store: StorePort) -> None:
        with store.begin() as tx:
            for number, expires_ns in ((1, None), (2, NOW + 5)):
                added = tx.statements.add(
                    item="beta.ci", text="green", link="", author=ALICE, at_ns=NOW, expires_ns=expires_ns
                )
                assert added == number
            tx.statements.withdraw(1, by=BOB, at_ns=NOW + 1, because="red again")
        with store.read() as tx:
            first, second = tx.statements.all()
        assert (first.withdrawn_by, first.withdrawn_because) == (BOB, "red again")
        assert (second.item, second.expires_ns, second.withdrawn_at_ns) == ("beta.ci", NOW + 5, None)
        with pytest.raises(AlreadyThere, match="statement 1"), store.begin() as tx:
            tx.statements.withdraw(1, by=BOB, at_ns=NOW, because="no")


class TestDrills:
    def begun(self, tx: Transaction) -> DrillRow:
        number = tx.requests.create(request())
        drill_id = tx.drills.begin(request_number=number, actor_id=ALICE, base_revision=3, at_ns=NOW)
        found = tx.drills.get(drill_id)
        assert found is not None
        return found

    def test_change_while_they_run(self, store: StorePort) -> None:
        with store.begin() as tx:
            row = self.begun(tx)
            assert (row.state, row.kill_revision, row.words) == (DrillState.RUNNING, None, "")
            killed = replace(row, kill_revision=4, killed_at_ns=NOW + 1, words="killed")
            tx.drills.put(killed)
        with store.read() as tx:
            assert tx.drills.running() == (killed,)
        ended = replace(killed, state=DrillState.RESTORED, restored_revision=5, ended_at_ns=NOW + 2)
        with store.begin() as tx:
            tx.drills.put(ended)
        with store.read() as tx:
            assert tx.drills.running() == ()
            assert tx.drills.all() == (ended,)
        with pytest.raises(AlreadyThere), store.begin() as tx:
            tx.drills.put(killed)

    def test_one_nobody_began_is_unknown(self, store: StorePort) -> None:
        with store.begin() as tx:
            row = self.begun(tx)
            assert tx.drills.get(9) is None
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.drills.put(replace(row, drill_id=9))


class TestComments:
    def test_are_kept_in_order_each_with_its_request(self, store: StorePort) -> None:
        with store.begin() as tx:
            one, other = tx.requests.create(request()), tx.requests.create(request())
            first = tx.comments.add(one, author=ALICE, at_ns=NOW, text="why now?")
            tx.comments.add(other, author=BOB, at_ns=NOW + 1, text="<b>elsewhere</b>")
            second = tx.comments.add(one, author=BOB, at_ns=NOW, text="caf\udce9 \0")
        assert (first.request_number, first.position, first.author, first.text) == (one, 0, ALICE, "why now?")
        assert second.text == "caf? ?"
        with store.read() as tx:
            assert tx.comments.of(one) == (first, second)
            assert [said.text for said in tx.comments.of(other)] == ["<b>elsewhere</b>"]
            assert tx.comments.of(99) == ()

    def test_of_no_request_is_refused(self, store: StorePort) -> None:
        with pytest.raises(UnknownEntry), store.begin() as tx:
            tx.comments.add(9, author=ALICE, at_ns=NOW, text="hello")

    def test_stay_on_a_closed_request_and_take_more(self, store: StorePort) -> None:
        with store.begin() as tx:
            number = tx.requests.create(request())
            tx.requests.set_state(number, RequestState.REJECTED, by=BOB, at_ns=NOW, because="no")
            tx.comments.add(number, author=ALICE, at_ns=NOW + 1, text="I see")
            assert len(tx.comments.of(number)) == 1
