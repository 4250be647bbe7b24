"""The bucket of every golden jobId. The vectors were made elsewhere; they never change."""

import json
from pathlib import Path

import pytest

from gates.decision import bucket

VECTORS = json.loads((Path(__file__).parent / "bucket.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: ascii(vector["jobId"])[:40])
def test_bucket(vector: dict[str, object]) -> None:
    assert bucket(str(vector["jobId"])) == vector["bucket"]


def test_there_are_vectors_of_every_kind() -> None:
    job_ids = [vector["jobId"] for vector in VECTORS]
    assert len(set(job_ids)) > 100
    assert any(not job_id.isascii() for job_id in job_ids)
    assert any(ord(character) > 0xFFFF for job_id in job_ids for character in job_id)
    assert "" in job_ids
