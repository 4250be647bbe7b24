"""What a change request asks for, as JSON that is signed: its digest binds every approval.

The digest is the SHA-256 of the RFC 8785 canonical form, so that equal contents have equal digests
wherever they were written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785

from gates.changes.documents import Document, Patch, content_of, patched
from gates.errors import InvalidChange
from gates.policy.evidence import ReviewEvidence, Verification
from gates.policy.intent import (
    Change,
    ControlsChange,
    DrillChange,
    Mode,
    ModeChange,
    OperatorChange,
    Role,
)
from gates.policy.values import control_values
from gates.store.rows import RequestRow
from gates.verdict.words import VerdictWord

CONTROLS, MODE, PEOPLE = "controls", "mode", "operator"
THRESHOLDS, DRILL = "thresholds", "drill"
SPENDING = "spending"
REVIEWED = frozenset({CONTROLS, THRESHOLDS, DRILL})
"""The kinds of requests that rest on telemetry."""
VERSIONED = frozenset({THRESHOLDS, SPENDING})
"""The kinds that are made over a version of their own, not over a revision of the controls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a person says about a change besides the change itself.

    `exception` is the recorded reason to go on under NOT ENOUGH DATA, `broadening_not_needed` the
    signed reason to go to 100 % without broadening.
    """

    reason: str = ""
    decision_record: str = ""
    exception: str | None = None
    broadening_not_needed: str | None = None


def controls_content(base: Document, patch: Patch, terms: Terms) -> dict[str, Any]:
    """The content of a request to change the controls `base` by `patch`. Raises `InvalidChange`."""
    after = patched(base, patch, revision=base["revision"] + 1, at_ns=0)
    return _with_terms({"patch": dict(patch), "after": content_of(after)}, terms)


def mode_content(mode: Mode, terms: Terms) -> dict[str, Any]:
    """The content of a request to change the enforcement mode."""
    return _with_terms({"mode": mode.value}, terms)


def people_content(wish: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    """The content of a request to give an operator more: see `gates.changes.people`."""
    return _with_terms({"wish": dict(wish)}, terms)


def thresholds_content(document: Mapping[str, Any], loosens: tuple[str, ...], terms: Terms) -> dict[str, Any]:
    """The content of a request for laxer thresholds: the whole document, and in words what it loosens."""
    return _with_terms({"thresholds": dict(document), "loosens": list(loosens)}, terms)


def spending_content(
    name: str, document: Mapping[str, Any], loosens: tuple[str, ...], terms: Terms
) -> dict[str, Any]:
    """The content of a request that takes something off the budget guard: budget or prices, as a whole."""
    return _with_terms({"name": name, "document": dict(document), "loosens": list(loosens)}, terms)


def drill_content(controls: Document, terms: Terms) -> dict[str, Any]:
    """The content of a request for a drill: what it takes away for a while, and brings back exactly."""
    return _with_terms({"restores": content_of(controls)}, terms)


def _with_terms(content: dict[str, Any], terms: Terms) -> dict[str, Any]:
    return {
        **content,
        "reason": terms.reason,
        "decisionRecord": terms.decision_record,
        "exception": terms.exception,
        "broadeningNotNeeded": terms.broadening_not_needed,
    }


def digest_of(content: Any) -> str:
    """`sha256:` and the hex digest of the canonical form. Raises `InvalidChange` where there is none."""
    return f"sha256:{sha256(canonical(content)).hexdigest()}"


def canonical(content: Any) -> bytes:
    """RFC 8785. Raises `InvalidChange` for what has no canonical form."""
    try:
        return bytes(rfc8785.dumps(content))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise InvalidChange(f"the change has no canonical JSON form: {error}") from error


def change_of(kind: str, content: Mapping[str, Any], base: Document) -> Change:
    """The change that a stored content asks for, over the controls `base`."""
    if kind == CONTROLS:
        after = patched(base, content["patch"], revision=base["revision"] + 1, at_ns=0)
        return ControlsChange(
            after=control_values(after), broadening_not_needed=content.get("broadeningNotNeeded")
        )
    if kind == MODE:
        return ModeChange(mode=Mode(content["mode"]), checks_passed=False)
    if kind == DRILL:
        return DrillChange(restores=control_values(content["restores"]))
    if kind == PEOPLE:
        wish = content["wish"]
        roles = frozenset(map(Role, wish.get("roles") or ()))
        return OperatorChange(operator_id=wish["operator"], roles=roles, grants=True)
    raise InvalidChange(f"a request of kind `{kind}` is of a newer slotgate; use that one")


def terms_of(row: RequestRow) -> Terms:
    """What was said when the request was made or last edited."""
    return Terms(
        reason=row.reason,
        decision_record=row.decision_record,
        exception=row.exception,
        broadening_not_needed=row.content.get("broadeningNotNeeded"),
    )


def content_now(row: RequestRow, base: Document) -> dict[str, Any]:
    """What the request comes to over the controls `base`; differs from its content when they moved on."""
    if row.kind == CONTROLS:
        return controls_content(base, row.content["patch"], terms_of(row))
    return dict(row.content)


def frozen(evidence: ReviewEvidence) -> tuple[str, bytes]:
    """Evidence as bytes to keep, and their digest. When it was frozen is a fact of the request."""
    data = canonical(
        {
            "revision": evidence.revision,
            "verdict": evidence.verdict.value,
            "verification": evidence.verification.value,
            "findings": sorted(evidence.findings),
            "betaCriteriaMet": evidence.beta_criteria_met,
            "bound": evidence.bound,
            "source": evidence.digest,
            "document": evidence.document,
        }
    )
    return f"sha256:{sha256(data).hexdigest()}", data


def thawed(digest: str, document: Mapping[str, Any], frozen_at_ns: int) -> ReviewEvidence:
    """Frozen evidence as the policy reads it."""
    return ReviewEvidence(
        revision=document["revision"],
        verdict=VerdictWord(document["verdict"]),
        verification=Verification(document["verification"]),
        findings=frozenset(document["findings"]),
        beta_criteria_met=document["betaCriteriaMet"],
        bound=document["bound"],
        digest=digest,
        frozen_at_ns=frozen_at_ns,
        document=document.get("document", ""),
    )
