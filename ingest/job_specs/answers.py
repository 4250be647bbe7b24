"""Whether each allowlist of the home permits each shape of job spec: asked once for both, in Python."""

import json
from typing import Any

import duckdb
import pyarrow as pa

from gates.decision import Job, Slot, compile_allowlist
from gates.decision.allowlist import AllowlistIndex

_OURS = "SELECT DISTINCT allowlist_digest FROM control_interval WHERE history_id = 'home'"
_OPEN = f"""
SELECT d.digest, d.document, s.shape_id, s.document
FROM allowlist_document d CROSS JOIN spec_shape s ANTI JOIN scope_answer a
    ON a.digest = d.digest AND a.shape_id = s.shape_id
WHERE d.digest IN ({_OURS})
ORDER BY d.digest
"""  # noqa: S608 names of ours; values are bound
_BATCH = 50_000


def answer(cursor: duckdb.DuckDBPyConnection) -> None:
    """Answer what is open, inside the caller's transaction."""
    compiled: dict[str, AllowlistIndex] = {}
    jobs: dict[int, Job] = {}
    found = cursor.execute(_OPEN)
    rows = found.fetchall()
    for start in range(0, len(rows), _BATCH):
        answers: list[tuple[str, int, bool]] = []
        for digest, allowlist, shape_id, shape in rows[start : start + _BATCH]:
            if digest not in compiled:
                compiled[digest] = compile_allowlist(json.loads(allowlist))
            if shape_id not in jobs:
                jobs[shape_id] = job_of(json.loads(shape))
            answers.append((digest, shape_id, compiled[digest].permitting_rule(jobs[shape_id]) is not None))
        digests, shapes, permits = zip(*answers, strict=True)
        arriving = pa.table({"digest": digests, "shape_id": shapes, "permits": permits})
        cursor.register("answers", arriving)
        try:
            cursor.execute("INSERT INTO scope_answer SELECT * FROM answers")
        finally:
            cursor.unregister("answers")


def job_of(shape: dict[str, Any], job_id: str = "", *, opted_in: bool = True) -> Job:
    """A job of this shape, as the gates see it."""
    return Job(
        job_id=job_id,
        subject=shape["subject"],
        level=shape["level"],
        board=shape["board"],
        spec_version=shape["specVersion"],
        allow_ai=opted_in,
        slots=tuple(Slot(slot["slotId"], slot["kind"]) for slot in shape["jobs"]),
    )
