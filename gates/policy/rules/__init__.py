"""The rules of change. `RULES` is the policy: an ordered tuple, each rule with its code and its source.

What one person may do alone is judged by the few of `alone`.
"""

from gates.policy.intent import Moment
from gates.policy.outcome import ReasonCode
from gates.policy.rules import drills, evidence, ordering, safety, signatures
from gates.policy.rules.alone import ACKNOWLEDGING_RULES, NARROWING_RULES, TIGHTENING_RULES
from gates.policy.rules.case import ALL, APPLYING, SIGNING, Case, Rule

APPROVING = frozenset({Moment.APPROVE})

RULES: tuple[Rule, ...] = (
    Rule(
        code=ReasonCode.ZERO_OPENS_GATE,
        source="CONTRACTS 6",
        moments=ALL,
        check=safety.zero_opens_gate,
        always=True,
    ),
    Rule(
        code=ReasonCode.BASE_REVISION,
        source="CONTRACTS 8",
        moments=ALL,
        check=safety.base_revision,
        always=True,
    ),
    Rule(
        code=ReasonCode.LAST_ADMIN,
        source="CONTRACTS 8, roles",
        moments=ALL,
        check=safety.last_admin,
        always=True,
    ),
    Rule(
        code=ReasonCode.NO_CHANGE,
        source="DESIGN 5",
        moments=ALL,
        check=safety.nothing_to_release,
        always=True,
    ),
    Rule(code=ReasonCode.ROLE, source="CONTRACTS 8, roles", moments=ALL, check=safety.role),
    Rule(code=ReasonCode.REASON_REQUIRED, source="CONTRACTS 8", moments=ALL, check=safety.reason_required),
    Rule(code=ReasonCode.DECISION_RECORD, source="CONTRACTS 8", moments=ALL, check=safety.decision_record),
    Rule(code=ReasonCode.DRILL, source="DESIGN 14.3", moments=ALL, check=drills.drill, always=True),
    Rule(code=ReasonCode.BREAK_GLASS, source="DESIGN 14.7", moments=ALL, check=signatures.break_glass),
    Rule(code=ReasonCode.ONE_DIMENSION, source="CONTRACTS 7", moments=ALL, check=ordering.one_dimension),
    Rule(code=ReasonCode.ENABLE_ORDER, source="CONTRACTS 7", moments=ALL, check=ordering.enable_order),
    Rule(code=ReasonCode.SMALLEST_SCOPE, source="CONTRACTS 7", moments=ALL, check=ordering.smallest_scope),
    Rule(code=ReasonCode.STEP_NAME, source="CONTRACTS 7", moments=ALL, check=ordering.step_name),
    Rule(code=ReasonCode.STEP_SKIPPED, source="CONTRACTS 7", moments=ALL, check=ordering.step_skipped),
    Rule(code=ReasonCode.SCOPE_FROZEN, source="CONTRACTS 7", moments=ALL, check=ordering.scope_frozen),
    Rule(code=ReasonCode.PERCENT_FROZEN, source="CONTRACTS 7", moments=ALL, check=ordering.percent_frozen),
    Rule(code=ReasonCode.BROADEN_FIRST, source="CONTRACTS 7", moments=ALL, check=ordering.broaden_first),
    Rule(
        code=ReasonCode.STEADY_CRITERIA, source="CONTRACTS 7, 10", moments=ALL, check=ordering.steady_criteria
    ),
    Rule(
        code=ReasonCode.REQUEST_CLOSED,
        source="DESIGN 5, 14.4",
        moments=SIGNING,
        check=signatures.request_closed,
    ),
    Rule(
        code=ReasonCode.REQUEST_EXPIRED, source="DESIGN 5", moments=SIGNING, check=signatures.request_expired
    ),
    Rule(
        code=ReasonCode.OWN_APPROVAL, source="CONTRACTS 8", moments=APPROVING, check=signatures.own_approval
    ),
    Rule(code=ReasonCode.ROLLED_BACK, source="DESIGN 5, 6", moments=SIGNING, check=evidence.rolled_back),
    Rule(code=ReasonCode.NOT_VERIFIED, source="CONTRACTS 7", moments=SIGNING, check=evidence.not_verified),
    Rule(code=ReasonCode.NOT_EXPAND, source="DESIGN 5", moments=SIGNING, check=evidence.not_expand),
    Rule(
        code=ReasonCode.EVIDENCE_STALE, source="DESIGN 14.4", moments=SIGNING, check=evidence.evidence_stale
    ),
    Rule(
        code=ReasonCode.EVIDENCE_WORSE, source="DESIGN 14.4", moments=SIGNING, check=evidence.evidence_worse
    ),
    Rule(
        code=ReasonCode.APPROVAL_MISSING,
        source="CONTRACTS 8",
        moments=APPLYING,
        check=signatures.approval_missing,
    ),
    Rule(
        code=ReasonCode.APPROVER_ADDED,
        source="DESIGN 14.6",
        moments=APPLYING,
        check=signatures.approver_added,
    ),
)

__all__ = ["ACKNOWLEDGING_RULES", "NARROWING_RULES", "RULES", "TIGHTENING_RULES", "Case", "Rule"]
