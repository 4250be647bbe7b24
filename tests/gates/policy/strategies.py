"""Controls over a universe small enough to try every job of it."""

from typing import Any

from hypothesis import strategies as st

from gates.policy.evidence import ReviewEvidence, Verification
from gates.policy.intent import Mode, Moment, OperatorChange, Role
from gates.policy.state import Addition, Approval, RequestFacts, State
from gates.policy.values import ControlValues, RuleValues
from gates.verdict.words import VerdictWord
from schemas.stages import PUBLISHABLE, Step
from tests.gates.decision.builders import allowlist, controls
from tests.gates.policy.builders import APPROVER, EDITOR, HOUR, NOW, REQUESTER, REVISION, STRANGER

SUBJECTS, BOARDS, KINDS, SLOTS = (
    ("Biology", "Physics"),
    ("AQA", "OCR"),
    ("explanatory", "statutory"),
    ("S1", "S2"),
)
PERCENTS = (0, 1, 3, 5, 10, 25, 30, 50, 60, 99, 100)
LIMITS = (None, None, None, "2026-02-30T00:00:00Z", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z")


def some(*listed: str, least: int = 1) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(listed), min_size=least, unique=True)


def rule_documents() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "id": st.sampled_from(("r1", "r2", "r3")),
            "enabled": st.sampled_from((True, True, False)),
            "appliesTo": st.fixed_dictionaries(
                {
                    "subject": some(*SUBJECTS),
                    "level": st.just(["GCSE"]),
                    "board": some(*BOARDS),
                    "specVersion": st.just(["v1"]),
                }
            ),
            "kinds": some(*KINDS),
            "slotIds": some(*SLOTS, least=0),
            "maxJobsPerRun": st.integers(1, 2),
        }
    )


def documents() -> st.SearchStrategy[dict[str, Any]]:
    """Schema-valid controls; mostly open, so that two of them often differ in what is reachable."""
    lists = st.builds(
        lambda rules, enabled: allowlist(*rules, enabled=enabled),
        st.lists(rule_documents(), max_size=3),
        st.sampled_from((True, True, True, False)),
    )
    return st.builds(
        lambda **changes: controls(**changes),
        kill=st.sampled_from((False, False, False, True)),
        feature=st.sampled_from((True, True, True, False)),
        percent=st.sampled_from(PERCENTS),
        rolloutZero=st.sampled_from(("nobody", "everyone")),
        step=st.sampled_from(PUBLISHABLE),
        allowlist=lists,
        validUntil=st.sampled_from(LIMITS),
        breakGlassUntil=st.sampled_from(LIMITS),
    )


def _sets(*listed: str, least: int = 0) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(listed), min_size=least)


RULES = st.builds(
    RuleValues,
    rule_id=st.sampled_from(("r1", "r2", "r3")),
    subject=_sets(*SUBJECTS),
    level=_sets("GCSE", "A"),
    board=_sets(*BOARDS),
    spec_version=_sets("v1", "v2"),
    kind=_sets(*KINDS),
    slot_ids=_sets(*SLOTS),
    max_jobs=st.integers(0, 3),
)
MOMENTS_NS = st.one_of(st.none(), st.integers(NOW - 2 * HOUR, NOW + 2 * HOUR), st.integers())
VALUES = st.builds(
    ControlValues,
    kill=st.booleans(),
    feature=st.booleans(),
    percent=st.sampled_from(PERCENTS),
    zero_means_everyone=st.booleans(),
    step=st.sampled_from(Step),
    allowlist_enabled=st.booleans(),
    rules=st.lists(RULES, max_size=3).map(tuple),
    valid_until_ns=MOMENTS_NS,
    break_glass_until_ns=MOMENTS_NS,
)
PEOPLE = st.sampled_from((REQUESTER, EDITOR, APPROVER, STRANGER))
NEAR_NOW = st.one_of(st.integers(NOW - 26 * HOUR, NOW + HOUR), st.integers())
REVISIONS = st.integers(REVISION - 1, REVISION + 1)
DIGESTS = st.sampled_from(("content-1", "content-2"))
EVIDENCE = st.builds(
    ReviewEvidence,
    revision=REVISIONS,
    verdict=st.sampled_from(VerdictWord),
    verification=st.sampled_from(Verification),
    findings=st.frozensets(st.sampled_from(("BUCKET_BREACH", "KILL_BREACH"))),
    beta_criteria_met=st.booleans(),
    bound=st.just("anything is possible"),
    digest=st.sampled_from(("evidence-1", "evidence-2")),
    frozen_at_ns=NEAR_NOW,
)
APPROVALS = st.builds(
    Approval,
    approver_id=PEOPLE,
    content_digest=DIGESTS,
    base_revision=REVISIONS,
    evidence_digest=st.sampled_from(("evidence-1", "evidence-2")),
    may_approve=st.booleans(),
    added_by=st.one_of(st.none(), PEOPLE),
    added_at_ns=NEAR_NOW,
)
REQUESTS = st.builds(
    RequestFacts,
    content_digest=DIGESTS,
    base_revision=REVISIONS,
    editors=st.frozensets(PEOPLE),
    last_editor=PEOPLE,
    additions=st.lists(
        st.builds(Addition, operator_id=PEOPLE, added_by=PEOPLE, added_at_ns=NEAR_NOW), max_size=2
    ).map(tuple),
    created_at_ns=NEAR_NOW,
    signed=EVIDENCE,
    exception=st.sampled_from((None, "", " ", "too little traffic")),
    approvals=st.lists(APPROVALS, max_size=3).map(tuple),
    void_reason=st.sampled_from((None, "the content changed")),
    rejected=st.booleans(),
)
PATTERNS = st.sampled_from((r"ADR-\d+", ".*", "", "(", "a{99999999999}", "(" * 5000))


def states(mode: st.SearchStrategy[Mode] | None = None) -> st.SearchStrategy[State]:
    return st.builds(
        State,
        revision=st.just(REVISION),
        current=VALUES,
        mode=st.sampled_from(Mode) if mode is None else mode,
        broadened=st.booleans(),
        latched=st.sampled_from((None, "5 of 15 failed")),
        release_review_owed=st.booleans(),
        request=st.one_of(st.none(), REQUESTS),
        decision_record_pattern=PATTERNS,
    )


ROLES = st.frozensets(st.sampled_from(Role))
MOMENTS = st.sampled_from(Moment)
OPERATOR_CHANGES = st.builds(OperatorChange, operator_id=PEOPLE, roles=ROLES, grants=st.booleans())
