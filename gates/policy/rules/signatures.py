"""Rules of signatures: an open request, four eyes, approvals bound to exactly what was signed."""

from gates.policy.diff import Dimension
from gates.policy.intent import ControlsChange
from gates.policy.rules.case import Case, made_over, moved_to
from gates.policy.sequence import in_sequence
from gates.policy.state import Approval, RequestFacts
from schemas.instant import SECOND

EXPIRES_AFTER_NS = 24 * 3600 * SECOND
NEWCOMER_FOR_NS = 24 * 3600 * SECOND
BREAK_GLASS_FOR_NS = 3600 * SECOND


def request_closed(case: Case) -> str | None:
    """Approvals and effects need an open request; a rejected or void one stays so."""
    request = case.state.request
    if request is None:
        return None if _release_alone(case) else "there is no change request; propose the change first"
    if request.rejected:
        return "the request was rejected; propose the change anew"
    if request.void_reason is not None:
        return f"the request is void because {request.void_reason}; propose the change anew"
    if request.content_digest != case.intent.content_digest:
        return "this is not the content that was requested; propose the change anew"
    if request.base_revision != made_over(case.change, case.state):
        return f"void because {moved_to(case.change, case.state)}; propose the change anew"
    return None


def request_expired(case: Case) -> str | None:
    """A request lives for 24 hours; a clock before its creation cannot tell its age."""
    request = case.state.request
    if request is None:
        return None
    age = case.now_ns - request.created_at_ns
    if age < 0:
        return "the clock is before the moment of the request; set the clock right"
    return "the request is older than 24 h; propose the change anew" if age >= EXPIRES_AFTER_NS else None


def own_approval(case: Case) -> str | None:
    """Nobody approves what they asked for or edited."""
    request = case.state.request
    if request is None or case.intent.actor.actor_id not in _authors(request):
        return None
    return f"`{case.intent.actor.actor_id}` requested or edited this change; somebody else must approve it"


def approval_missing(case: Case) -> str | None:
    """At least one approver, none of those who asked, signed exactly this content, revision and evidence."""
    request = case.state.request
    if request is None:
        return None if _release_alone(case) else "an approver must sign the request"
    if any(_signs(approval, request) for approval in request.approvals):
        return None
    if request.approvals:
        return "no approval is for this exact content, base revision and evidence; ask for a new one"
    return "an approver must sign the request"


def approver_added(case: Case) -> str | None:
    """Nobody approves for someone they brought in within 24 hours, nor for whoever brought them in."""
    request = case.state.request
    if request is None:
        return None
    standing = [approval for approval in request.approvals if _signs(approval, request)]
    if not standing or any(not newly_acquainted(approval, request, case.now_ns) for approval in standing):
        return None
    return "approver and requester were added one by the other within 24 h; somebody else must approve it"


def break_glass(case: Case) -> str | None:
    """Break-glass releases the kill and nothing else, and not while a review of the last one is owed."""
    change = case.change
    if not isinstance(change, ControlsChange) or not change.break_glass:
        return None
    if in_sequence(case.state.current):
        return "break-glass brings back a rollout that was killed; the first release takes two people"
    if case.widened != {Dimension.KILL}:
        return "break-glass releases the kill switch and nothing else"
    ends = change.after.break_glass_until_ns
    if ends is None or not case.now_ns < ends <= case.now_ns + BREAK_GLASS_FOR_NS:
        return "a break-glass release ends by itself: set its end within the next 60 minutes"
    if case.state.release_review_owed:
        return "the review of the last break-glass release is still owed; give it first"
    return None


def _release_alone(case: Case) -> bool:
    return isinstance(case.change, ControlsChange) and case.change.break_glass


def _signs(approval: Approval, request: RequestFacts) -> bool:
    return (
        approval.may_approve
        and approval.approver_id not in _authors(request)
        and approval.content_digest == request.content_digest
        and approval.base_revision == request.base_revision
        and approval.evidence_digest == request.signed.digest
    )


def _authors(request: RequestFacts) -> frozenset[str]:
    return request.editors | {request.last_editor}


def newly_acquainted(approval: Approval, request: RequestFacts, now_ns: int) -> bool:
    """Whether approver and author of a request were brought in one by the other within 24 hours."""
    authors = _authors(request)
    brought_in = approval.added_by in authors and now_ns - approval.added_at_ns < NEWCOMER_FOR_NS
    return brought_in or any(
        addition.added_by == approval.approver_id
        and addition.operator_id in authors
        and now_ns - addition.added_at_ns < NEWCOMER_FOR_NS
        for addition in request.additions
    )
