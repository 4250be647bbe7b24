"""Gather the world as the policy sees it, from one snapshot of the store."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from gates.changes.content import thawed
from gates.errors import ModeUnknown, StoreCorrupt, UnknownEntry
from gates.policy.intent import Mode, Role, ThresholdsChange
from gates.policy.state import Addition, Approval, RequestFacts, State
from gates.policy.values import control_values
from gates.store.port import Transaction
from gates.store.rows import (
    ApprovalRow,
    OwedKind,
    RequestRow,
    RequestState,
    RevisionKind,
    RevisionRow,
    TokenRow,
    TokenScope,
)
from gates.verdict.defaults import DEFAULT
from gates.verdict.document import loosens, thresholds_of
from gates.verdict.thresholds import Thresholds
from schemas.stages import Step

MODE = "mode"
PATTERN = "decision_record_pattern"
SPENDING_VERSION = "spending_version"
LATCHED, LATCHED_REVISION = "roll_back_latched", "roll_back_latched_revision"
P50, P95 = "latency_budget_p50_ms", "latency_budget_p95_ms"
ANY_RECORD = r"https?://\S+|[A-Z][A-Z0-9]*-[0-9]+"


def gather(tx: Transaction, row: RequestRow | None) -> State:
    """The state under which an intent is judged; `row` is the request it belongs to.

    Raises `UnknownEntry` before the first revision, and `ModeUnknown`.
    """
    newest = newest_revision(tx)
    return State(
        revision=newest.revision,
        current=control_values(newest.after),
        mode=stored_mode(tx),
        broadened=broadened(tx),
        latched=tx.settings.get(LATCHED) or None,
        release_review_owed=any(owed.kind is OwedKind.RELEASE_REVIEW for owed in tx.owed.open()),
        request=None if row is None else facts_of(tx, row),
        decision_record_pattern=tx.settings.get(PATTERN) or ANY_RECORD,
        latched_revision=_number(tx.settings.get(LATCHED_REVISION)),
        thresholds_version=thresholds_in_force(tx).version_number,
        spending_version=spending_version(tx),
    )


def spending_version(tx: Transaction) -> int:
    """How often the budget or the price table was set."""
    return _number(tx.settings.get(SPENDING_VERSION)) or 0


def thresholds_in_force(tx: Transaction) -> Thresholds:
    """What verdicts are judged by: the newest version, or the defaults."""
    newest = tx.thresholds.newest()
    return DEFAULT if newest is None else thresholds_of(newest.document)


def thresholds_change(tx: Transaction, document: Mapping[str, Any]) -> ThresholdsChange:
    """What a document comes to over the thresholds in force."""
    current, wanted = thresholds_in_force(tx), thresholds_of(document)
    same = replace(wanted, version_number=current.version_number) == current
    return ThresholdsChange(loosens=loosens(current, wanted), same=same)


def newest_revision(tx: Transaction) -> RevisionRow:
    """The revision that should be in force. Raises `UnknownEntry` before the first."""
    newest = tx.revisions.newest()
    if newest is None:
        raise UnknownEntry("this home has no controls yet; `slotgate init` makes them")
    return newest


def stored_mode(tx: Transaction) -> Mode:
    """The enforcement mode of the home. Raises `ModeUnknown`."""
    text = tx.settings.get(MODE)
    try:
        return Mode(text or "")
    except ValueError:
        raise ModeUnknown(
            f"the enforcement mode of this home is {'unset' if text is None else f'`{text}`'}; "
            "set off, shadow or enforce with `slotgate mode set`"
        ) from None


def broadened(tx: Transaction) -> bool:
    """Whether the scope was broadened since the rollout last stood at the baseline."""
    broadening, baseline = (
        next((row.revision for row in tx.revisions.newest_of_steps(step) if took_effect(tx, row)), None)
        for step in ("broaden-", Step.BASELINE.value)
    )
    return broadening is not None and (baseline is None or broadening > baseline)


def took_effect(tx: Transaction, row: RevisionRow) -> bool:
    """Whether a recorded revision was ever in force: a widening may have been interrupted before."""
    if row.kind is not RevisionKind.WIDENING or row.request_number is None:
        return True
    request = tx.requests.get(row.request_number)
    return request is not None and request.state is RequestState.APPLIED


def facts_of(tx: Transaction, row: RequestRow) -> RequestFacts:
    """A stored request as the policy reads it."""
    evidence = tx.evidence.get(row.evidence_digest)
    if evidence is None:
        raise StoreCorrupt(f"the evidence of request {row.number} is gone; reject it and propose anew")
    closed = row.state in (RequestState.VOIDED, RequestState.EXPIRED, RequestState.APPLIED)
    return RequestFacts(
        content_digest=row.content_digest,
        base_revision=row.base_revision,
        editors=frozenset(row.editors),
        last_editor=row.last_editor,
        additions=tuple(_additions(tx, {*row.editors, row.last_editor})),
        created_at_ns=row.created_at_ns,
        signed=thawed(row.evidence_digest, json.loads(evidence), row.evidence_frozen_at_ns),
        exception=row.exception,
        approvals=tuple(_approval(tx, signature) for signature in tx.approvals.of(row.number)),
        void_reason=(row.closed_because or f"it is {row.state.value}") if closed else None,
        rejected=row.state is RequestState.REJECTED,
    )


def leaves_no_admin(tx: Transaction, operator_id: str, roles: frozenset[Role], now_ns: int) -> bool:
    """Whether `roles` instead of their own would leave nobody who can act as admin."""
    admins = _admins(tx)
    if operator_id not in admins or Role.ADMIN in roles:
        return False
    rest = admins - {operator_id}
    usable = [token.operator_id for token in _usable(tx, now_ns)]
    can_act, could_still = admins.intersection(usable), rest.intersection(usable)
    return not rest or bool(can_act and not could_still)


def is_last_admin_token(tx: Transaction, token_id: str, now_ns: int) -> bool:
    """Whether no admin could act by any token once this one is revoked."""
    admins = _admins(tx)
    return {token.token_id for token in _usable(tx, now_ns) if token.operator_id in admins} == {token_id}


def _admins(tx: Transaction) -> set[str]:
    people = (person for person in tx.operators.all() if person.disabled_at_ns is None)
    return {person.operator_id for person in people if Role.ADMIN in person.roles}


def _usable(tx: Transaction, now_ns: int) -> Iterator[TokenRow]:
    """The tokens that open everything their operator may do, now."""
    for token in tx.tokens.all():
        lasts = token.expires_at_ns is None or now_ns < token.expires_at_ns
        if token.scope is TokenScope.ALL and token.revoked_at_ns is None and lasts:
            yield token


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _additions(tx: Transaction, people: set[str]) -> Iterator[Addition]:
    for person in map(tx.operators.get, sorted(people)):
        if person is not None and person.granted_by is not None:
            yield Addition(
                operator_id=person.operator_id, added_by=person.granted_by, added_at_ns=person.granted_at_ns
            )


def _approval(tx: Transaction, row: ApprovalRow) -> Approval:
    person = tx.operators.get(row.approver_id)
    enabled = person is not None and person.disabled_at_ns is None
    return Approval(
        approver_id=row.approver_id,
        content_digest=row.content_digest,
        base_revision=row.base_revision,
        evidence_digest=row.evidence_digest,
        may_approve=enabled and person is not None and Role.APPROVER in person.roles,
        added_by=None if person is None else person.granted_by,
        added_at_ns=0 if person is None else person.granted_at_ns,
    )
