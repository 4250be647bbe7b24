"""A review as a document to keep: canonical JSON (RFC 8785) of `{question, evidence, verdict}`.

The same review gives the same bytes. Epoch nanoseconds do not fit into the numbers of JSON and stand
as decimal text, as RFC 7493 (section 2.2) advises.
"""

import json
from typing import Any

import rfc8785
from pydantic import TypeAdapter

from gates.verdict.evidence import Evidence
from gates.verdict.question import Question
from gates.verdict.verdict import Verdict

_QUESTION = TypeAdapter(Question)
_EVIDENCE = TypeAdapter(Evidence)
_VERDICT = TypeAdapter(Verdict)
_NANOSECONDS = "_ns"
_LARGEST = 2**53 - 1


def document_of(question: Question, evidence: Evidence, verdict: Verdict) -> str:
    """The text to keep. Raises `ValueError` for what has no canonical form."""
    whole = {
        "question": _QUESTION.dump_python(question, mode="json"),
        "evidence": _EVIDENCE.dump_python(evidence, mode="json"),
        "verdict": _VERDICT.dump_python(verdict, mode="json"),
    }
    return rfc8785.dumps(_exact(whole)).decode("utf-8")


def review_of(document: str) -> tuple[Question, Evidence, Verdict]:
    """What was kept. Raises `ValueError` where it is no such document."""
    whole = json.loads(document)
    if not isinstance(whole, dict) or whole.keys() != {"question", "evidence", "verdict"}:
        raise ValueError("it is no review")
    return (
        _QUESTION.validate_python(whole["question"]),
        _EVIDENCE.validate_python(whole["evidence"]),
        _VERDICT.validate_python(whole["verdict"]),
    )


def _exact(value: Any, name: str = "") -> Any:
    match value:
        case bool():
            return value
        case dict():
            return {key: _exact(inner, key) for key, inner in value.items()}
        case list():
            return [_exact(inner, name) for inner in value]
        case int() if name.endswith(_NANOSECONDS) or abs(value) > _LARGEST:
            return str(value)
        case _:
            return value
