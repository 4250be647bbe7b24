"""The rules for what one person does alone: these and no others, in every enforcement mode."""

from gates.policy.intent import Moment
from gates.policy.outcome import ReasonCode
from gates.policy.rules import evidence, safety
from gates.policy.rules.case import ALL, SIGNING, Rule

PROPOSING = frozenset({Moment.PROPOSE})

# A narrowing.
NARROWING_RULES: tuple[Rule, ...] = (
    Rule(
        code=ReasonCode.NO_CHANGE,
        source="DESIGN 5",
        moments=PROPOSING,
        check=safety.no_change,
        always=True,
    ),
    Rule(
        code=ReasonCode.ROLE,
        source="CONTRACTS 8, roles",
        moments=ALL,
        check=safety.narrowing_role,
        always=True,
    ),
    Rule(
        code=ReasonCode.ZERO_OPENS_GATE,
        source="CONTRACTS 6",
        moments=ALL,
        check=safety.zero_opens_gate,
        always=True,
    ),
)

# More enforcement, stricter thresholds, or power taken away.
TIGHTENING_RULES: tuple[Rule, ...] = (
    Rule(
        code=ReasonCode.BASE_REVISION,
        source="CONTRACTS 8",
        moments=ALL,
        check=safety.own_base,
        always=True,
    ),
    Rule(code=ReasonCode.NO_CHANGE, source="DESIGN 5", moments=ALL, check=safety.no_change, always=True),
    Rule(code=ReasonCode.ROLE, source="CONTRACTS 8, roles", moments=ALL, check=safety.role, always=True),
    Rule(
        code=ReasonCode.MODE_CHECKS,
        source="CONTRACTS 8",
        moments=ALL,
        check=safety.mode_checks,
        always=True,
    ),
    Rule(
        code=ReasonCode.LAST_ADMIN,
        source="CONTRACTS 8, roles",
        moments=ALL,
        check=safety.last_admin,
        always=True,
    ),
)

# The end of a ROLL BACK that stands.
ACKNOWLEDGING_RULES: tuple[Rule, ...] = (
    Rule(code=ReasonCode.NO_CHANGE, source="DESIGN 5", moments=ALL, check=safety.no_change, always=True),
    Rule(code=ReasonCode.ROLE, source="CONTRACTS 8, roles", moments=ALL, check=safety.role, always=True),
    Rule(
        code=ReasonCode.REASON_REQUIRED,
        source="CONTRACTS 8",
        moments=ALL,
        check=safety.reason_required,
        always=True,
    ),
    Rule(
        code=ReasonCode.ROLLED_BACK,
        source="DESIGN 5, 6",
        moments=SIGNING,
        check=evidence.still_rolled_back,
        always=True,
    ),
)
