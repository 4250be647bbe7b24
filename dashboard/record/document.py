"""The decision record as JSON: what changed, who asked, signed and applied, on which evidence, provably.

Everything that can be checked stands in it whole: the content that the digest names, the frozen evidence
byte for byte as text, and each audit record with its leaf hash. docs/dashboard.md says how.
"""

from hashlib import sha256
from typing import Any

from dashboard.record.asked import asked
from dashboard.record.evidence import frozen_of, sentence, verdict_word
from dashboard.record.history import history, said
from gates.changes.content import digest_of
from gates.changes.requested import RequestFile
from gates.controls.instant import timestamp
from gates.policy.rules.signatures import EXPIRES_AFTER_NS
from gates.store.audit.chain import leaf_of
from gates.store.rows import ApprovalRow, RequestRow

VERSION = "decision-record.v1"


def document_of(file: RequestFile) -> dict[str, Any]:
    """The record of a request, open or closed; a JSON object."""
    row, wanted = file.row, asked(file)
    return {
        "version": VERSION,
        "environment": file.environment,
        "madeAt": timestamp(file.now_ns),
        "request": row.number,
        "kind": row.kind,
        "state": row.state.value,
        "headline": wanted.headline,
        "change": {
            "parts": [
                {
                    "dimension": part.dimension,
                    "direction": part.direction.value,
                    "words": part.words,
                    "before": part.before or None,
                    "after": part.after or None,
                }
                for part in wanted.parts
            ],
            "rules": [
                {
                    "rule": cell.rule,
                    "dimension": cell.dimension,
                    "direction": cell.direction.value,
                    "before": cell.before,
                    "after": cell.after,
                }
                for cell in wanted.rules
            ],
            "baseRevision": row.base_revision,
            "before": None if file.base is None else dict(file.base.after),
            "content": dict(row.content),
            "contentDigest": row.content_digest,
            "contentDigestHolds": _holds(row),
        },
        "asked": {
            "by": row.requester,
            "at": timestamp(row.created_at_ns),
            "editors": list(row.editors),
            "lastEditedBy": row.last_editor,
            "lastEditedAt": timestamp(row.edited_at_ns),
            "reason": row.reason,
            "decisionRecord": row.decision_record,
            "exception": row.exception,
            "broadeningNotNeeded": row.content.get("broadeningNotNeeded"),
            "expiresAt": timestamp(row.created_at_ns + EXPIRES_AFTER_NS),
        },
        "signatures": [
            {
                "by": one.approver_id,
                "at": timestamp(one.at_ns),
                "contentDigest": one.content_digest,
                "baseRevision": one.base_revision,
                "evidenceDigest": one.evidence_digest,
                "ofThisContent": signs(one, row),
            }
            for one in file.approvals
        ],
        "ended": None
        if row.closed_at_ns is None
        else {
            "state": row.state.value,
            "by": row.closed_by,
            "at": timestamp(row.closed_at_ns),
            "because": row.closed_because,
        },
        "revisions": [
            {"revision": one.revision, "at": timestamp(one.effective_at_ns), "by": one.actor_id}
            for one in file.brought
        ],
        "comments": [
            {"by": one.author, "at": timestamp(one.at_ns), "text": one.text} for one in file.comments
        ],
        "evidence": _evidence(file),
        "reviews": [
            {
                "at": timestamp(one.at_ns),
                "moment": one.moment.value,
                "by": one.actor_id,
                "verdict": one.verdict.value,
                "evidenceDigest": one.evidence_digest,
            }
            for one in file.looks
        ],
        "findings": _findings(file),
        "history": [
            {
                "at": None if one.at_ns is None else timestamp(one.at_ns),
                "by": one.who,
                "what": one.words,
                "refused": one.refused,
                "codes": list(one.codes),
                "record": one.seq,
            }
            for one in history(file)
        ],
        "audit": {
            "chainSize": file.chain_size,
            "records": [
                {
                    "seq": one.seq,
                    "leaf": one.leaf,
                    "leafHolds": leaf_of(one.body) == one.leaf,
                    "body": one.body.decode("utf-8", "replace"),
                }
                for one in file.records
            ],
        },
    }


def signs(approval: ApprovalRow, row: RequestRow) -> bool:
    """Whether a signature is for the request as it stands: content, base revision and evidence."""
    return (approval.content_digest, approval.base_revision, approval.evidence_digest) == (
        row.content_digest,
        row.base_revision,
        row.evidence_digest,
    )


def _holds(row: RequestRow) -> bool:
    return digest_of(dict(row.content)) == row.content_digest


def _evidence(file: RequestFile) -> dict[str, Any]:
    frozen = frozen_of(file)
    data = file.evidence
    whole: dict[str, Any] = {
        "digest": file.row.evidence_digest,
        "frozenAt": timestamp(file.row.evidence_frozen_at_ns),
        "digestHolds": data is not None and f"sha256:{sha256(data).hexdigest()}" == file.row.evidence_digest,
        "frozen": None if data is None else data.decode("utf-8", "replace"),
    }
    if frozen is not None:
        whole |= {
            "verdict": verdict_word(frozen),
            "sentence": sentence(frozen),
            "verification": frozen.verification.value,
            "findings": sorted(frozen.findings),
            "bound": frozen.bound,
        }
    return whole


def _findings(file: RequestFile) -> list[dict[str, Any]]:
    """What the rules said at each attempt, as the audit chain has it."""
    found = []
    for record in file.records:
        value = said(record)
        after = value.get("after")
        words = after.get("findings", []) if isinstance(after, dict) else []
        if value.get("outcome") is None:
            continue
        found.append(
            {
                "record": record.seq,
                "action": value.get("action"),
                "by": value.get("actor"),
                "outcome": value.get("outcome"),
                "mode": value.get("mode"),
                "codes": value.get("reason_codes") or [],
                "words": words,
            }
        )
    return found
