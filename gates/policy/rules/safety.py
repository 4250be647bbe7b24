"""Rules that hold in every enforcement mode, and those about what an intent must carry."""

import re
from typing import assert_never

from gates.policy.intent import (
    Acknowledgement,
    ControlsChange,
    DrillChange,
    Mode,
    ModeChange,
    Moment,
    OperatorChange,
    Role,
    ThresholdsChange,
)
from gates.policy.rules.case import Case, made_over, moved_to
from gates.policy.spending_change import SpendingChange
from gates.policy.values import ControlValues

NARROWING_ROLES = frozenset({Role.ONCALL, Role.ENGINEERING_OWNER})
PROPOSING_ROLES = NARROWING_ROLES
BREAK_GLASS_ROLES = frozenset({Role.ONCALL, Role.ENGINEERING_OWNER})


def narrowing_role(case: Case) -> str | None:
    """Less exposure needs one person of the rota."""
    if isinstance(case.change, ControlsChange) and not case.intent.actor.roles & NARROWING_ROLES:
        return _lacks(case, NARROWING_ROLES, "narrow")
    return None


def role(case: Case) -> str | None:
    """Who may propose, approve and apply."""
    actor = case.intent.actor
    if case.intent.moment is Moment.APPROVE:
        return None if Role.APPROVER in actor.roles else _lacks(case, frozenset({Role.APPROVER}), "approve")
    match case.change:
        case ModeChange() | OperatorChange() | SpendingChange():
            wanted = frozenset({Role.ADMIN})
        case Acknowledgement():
            wanted = NARROWING_ROLES
        case ThresholdsChange(loosens=()):
            wanted = PROPOSING_ROLES
        case ControlsChange(break_glass=True):
            wanted = BREAK_GLASS_ROLES
        case ControlsChange() | ThresholdsChange() | DrillChange():
            proposing = case.intent.moment is Moment.PROPOSE
            wanted = PROPOSING_ROLES if proposing else frozenset({Role.ENGINEERING_OWNER})
        case _:
            assert_never(case.change)
    return None if actor.roles & wanted else _lacks(case, wanted, case.intent.moment.value)


def no_change(case: Case) -> str | None:
    """A proposal must change something. What is applied may stand already: a kill is idempotent."""
    match case.change:
        case ModeChange(mode=mode) if mode is case.state.mode:
            return f"the mode is `{mode}` already"
        case ControlsChange() if not case.deltas:
            return "the controls stand so already: the change would neither let more through nor less"
        case ThresholdsChange(same=True):
            return "the thresholds in force ask for the same already"
        case SpendingChange(same=True):
            return "it stands so already"
        case Acknowledgement() if case.state.latched is None:
            return "no ROLL BACK stands that could be acknowledged"
        case _:
            return None


def nothing_to_release(case: Case) -> str | None:
    """Break-glass ends a kill. Where none is on it would only bring one, at its end."""
    match case.change:
        case ControlsChange(break_glass=True) if not case.widened:
            return "the kill is not on: there is nothing to release"
        case _:
            return None


def zero_opens_gate(case: Case) -> str | None:
    """Percent 0 opens the gate where executors read it as no gate at all."""
    change = case.change
    if not isinstance(change, ControlsChange):
        return None
    narrows_what_is_open = _opened_by_zero(case.state.current) and not case.widened
    if not _opened_by_zero(change.after) or narrows_what_is_open:
        return None
    return "percent 0 admits everyone on the executors driven; switch the kill on, or the feature off, first"


def _opened_by_zero(controls: ControlValues) -> bool:
    live = controls.feature and not controls.kill
    return live and controls.percent == 0 and controls.zero_means_everyone


def base_revision(case: Case) -> str | None:
    """A widening is judged against what its author saw."""
    if case.intent.base_revision == made_over(case.change, case.state):
        return None
    moved = moved_to(case.change, case.state)
    return f"{moved} since number {case.intent.base_revision}, which you saw; look at it and propose again"


def own_base(case: Case) -> str | None:
    """Stricter limits, too, are made over those in force: else one would undo another unseen."""
    return base_revision(case) if isinstance(case.change, ThresholdsChange | SpendingChange) else None


def reason_required(case: Case) -> str | None:
    """Every widening says why."""
    return None if case.intent.reason.strip() else "say why with a reason"


def decision_record(case: Case) -> str | None:
    """Every widening links the decision it carries out."""
    try:
        if re.fullmatch(case.state.decision_record_pattern, case.intent.decision_record):
            return None
    except (re.error, RecursionError, OverflowError):
        return "the pattern configured for decision records is not a regular expression; correct it"
    return f"link the decision record: text that matches `{case.state.decision_record_pattern}`"


def last_admin(case: Case) -> str | None:
    """Somebody must be left who can change operators and the enforcement mode."""
    change = case.change
    if not isinstance(change, OperatorChange) or not change.leaves_no_admin:
        return None
    return (
        f"nobody but `{change.operator_id}` can act as admin; make somebody else admin, or give an admin "
        "another token, first"
    )


def mode_checks(case: Case) -> str | None:
    """Promotion runs the acceptance checks first."""
    change = case.change
    if not isinstance(change, ModeChange) or change.mode is not Mode.ENFORCE or change.checks_passed:
        return None
    return "the acceptance checks did not all pass; `slotgate mode show` lists them"


def _lacks(case: Case, wanted: frozenset[Role], deed: str) -> str:
    needed = " or ".join(sorted(wanted))
    return f"`{case.intent.actor.actor_id}` may not {deed} this: it takes the role {needed}"
