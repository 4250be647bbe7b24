"""Probes: harmless job specs through the executor, so that a quiet system can be verified.

A probe never opts in to AI, so no controls whatever let it reach the model; its model refuses all the
same. Its lines verify the controls and confirm kills, and count in no rate, share or percentile.
"""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from gates.controls.instant import timestamp
from gates.controls.source import ControlSource
from gates.decision import job_from_spec
from gates.executor.model import Failed
from gates.executor.run import RunOutcome, read_spec, run_job
from gates.executor.settings import Settings
from gates.home import Home
from ingest.recent_jobs import PROBE
from schemas.codes import ErrorCode, Path

_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700
_WHERE = {"subject": "probe", "level": "probe", "board": "probe", "specVersion": "v1"}

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Probed:
    """One probe: how its run ended, and when its line was written."""

    outcome: RunOutcome
    at_ns: int


def probe(source: ControlSource, settings: Settings, clock: Clock, number: int) -> Probed:
    """Run one probe under the controls of `source`."""
    spec = probe_spec(f"{PROBE}{clock() // 1_000_000:012x}{secrets.token_hex(6)}-{number}")
    assert not job_from_spec(read_spec(spec)).allow_ai, "a probe must not opt in to AI"
    outcome = run_job(spec, source=source, open_model=_refused, settings=settings)
    assert outcome.path is Path.STUB, "a job that does not opt in never reaches the model"
    return Probed(outcome, clock())


def probe_spec(job_id: str) -> bytes:
    """A slot-generation.v1 document that asks for nothing."""
    job = {
        "jobId": f"{job_id}.1",
        "slotId": "probe",
        "kind": "explanatory",
        "mode": "generate",
        "input": {},
        "output": {"field": "probe", "type": "text"},
        "sources": [],
        "required": False,
    }
    metadata = {"requiresReview": False, "allowAI": False}
    document = {
        "version": "slot-generation.v1",
        "jobId": job_id,
        "appliesTo": _WHERE,
        "jobs": [job],
        "metadata": metadata,
    }
    return json.dumps(document).encode("ascii")


def spool(home: Home, probes: tuple[Probed, ...]) -> None:
    """Write the lines into one new file of the spool, private to this user. Raises `OSError`."""
    home.spool.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    path = home.spool / f"probe-{secrets.token_hex(8)}.log"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, _PRIVATE_FILE), "wb") as file:
        file.write(b"".join(map(_line, probes)))


def _line(probed: Probed) -> bytes:
    """As a container runtime writes it: with its time."""
    return f"{timestamp(probed.at_ns)} stderr F ".encode("ascii") + probed.outcome.line


def _refused() -> Failed:
    return Failed(error_code=ErrorCode.MISSING_API_KEY, reason="a probe calls no model")
