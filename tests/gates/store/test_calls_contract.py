"""Calls by idempotency key: one contract for every store."""

from dataclasses import replace

import pytest

from gates.errors import AlreadyThere, UnknownEntry
from gates.store.call_port import CallRow
from gates.store.port import StorePort
from tests.gates.store.builders import ALICE, BOB, NOW

CALL = CallRow(operator_id=ALICE, key="k 1", request_digest="ab" * 32, begun_at_ns=NOW)


def test_a_call_begins_once_a_person_and_ends_with_its_answer(store: StorePort) -> None:
    with store.begin() as tx:
        assert tx.calls.get(ALICE, "k 1") is None
        tx.calls.begin(CALL)
        tx.calls.begin(replace(CALL, operator_id=BOB))
        with pytest.raises(AlreadyThere, match="k 1"):
            tx.calls.begin(replace(CALL, request_digest="cd" * 32))
    with store.read() as tx:
        assert tx.calls.get(ALICE, "k 1") == CALL
        assert tx.calls.get(ALICE, "K 1") is None
    with store.begin() as tx:
        tx.calls.end(ALICE, "k 1", status=200, body='{"done":"\\u0000ä"}')
        with pytest.raises(UnknownEntry):
            tx.calls.end(ALICE, "k 2", status=200, body="{}")
    with store.read() as tx:
        assert tx.calls.get(ALICE, "k 1") == replace(CALL, status=200, body='{"done":"\\u0000ä"}')
        assert tx.calls.get(BOB, "k 1") == replace(CALL, operator_id=BOB)


def test_what_is_forgotten_may_begin_anew(store: StorePort) -> None:
    with store.begin() as tx:
        tx.calls.begin(CALL)
        tx.calls.begin(replace(CALL, key="older", begun_at_ns=NOW - 1))
        tx.calls.forget_before(NOW)
        assert tx.calls.get(ALICE, "older") is None
        assert tx.calls.get(ALICE, "k 1") == CALL
        tx.calls.forget(ALICE, "k 1")
        tx.calls.forget(ALICE, "never")
        tx.calls.begin(replace(CALL, begun_at_ns=NOW + 1))
    with store.read() as tx:
        assert tx.calls.get(ALICE, "k 1") == replace(CALL, begun_at_ns=NOW + 1)
