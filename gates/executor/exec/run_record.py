"""What is recorded of a run under `slotgate exec` at its end: `exec-run.v1`, a line (docs/file-formats.md).

Ingest reads it beside the telemetry: whether the run said exactly one line, and whether its result keeps the
contract and agrees with that line. Never what the result or the spec hold.
"""

import json
import os
import time
from contextlib import suppress
from importlib import import_module
from typing import Any

from gates.executor.clock import millisecond_timestamp

VERSION = "exec-run.v1"
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
UNSEEN: dict[str, Any] = {"state": "unseen", "jobId": None, "status": None, "problem": None}


def spec_seen(data: bytes, facts: dict[str, Any] | None) -> dict[str, Any]:
    """The digest of a job spec, and the identity of its run where it has the facts of one."""
    job_id = None if facts is None else facts["jobId"]
    return {"digest": f"sha256:{_sha256(data)}", "jobId": job_id}


def _sha256(data: bytes) -> str:
    """In hex digits. `hashlib` itself loads OpenSSL, which takes longer than all else that we load."""
    for name in ("_sha2", "_sha256"):  # of Python 3.12 and later, and before
        with suppress(ImportError):
            return str(import_module(name).sha256(data).hexdigest())
    import hashlib

    return hashlib.sha256(data).hexdigest()


def facts_of(document: object) -> dict[str, Any] | None:
    """What the gates look at in a job spec, as `job-facts.v1` has it but for `version` and `at`.

    Null when it is not shaped like one. The rest of its contract is the executor's to check.
    """
    try:
        spec: Any = document
        jobs = spec["jobs"]
        scope = {name: spec["appliesTo"][name] for name in ("subject", "level", "board", "specVersion")}
        slots = [{"slotId": job["slotId"], "kind": job["kind"]} for job in jobs]
        job_id = spec["jobId"] if "jobId" in spec else jobs[0]["jobId"]
        allow_ai = spec["metadata"].get("allowAI") is True
    except (KeyError, IndexError, TypeError, AttributeError):
        return None
    texts = [job_id, *scope.values(), *(value for slot in slots for value in slot.values())]
    if not job_id or not slots or not all(isinstance(text, str) for text in texts):
        return None
    return {"jobId": job_id, "allowAI": allow_ai, "appliesTo": scope, "jobs": slots}


def append(folder: str, document: dict[str, Any]) -> str | None:
    """Append one line to the file of this day in `folder`; why not, or null. Never raises."""
    line = json.dumps(document, separators=(",", ":")).encode("ascii") + b"\n"
    path = os.path.join(folder, f"{time.strftime('%Y-%m-%d', time.gmtime())}.jsonl")
    try:
        try:
            descriptor = os.open(path, _FLAGS, 0o600)
        except FileNotFoundError:
            with suppress(FileExistsError):
                os.mkdir(folder, 0o700)
            descriptor = os.open(path, _FLAGS, 0o600)
        try:
            if os.write(descriptor, line) != len(line):
                return "no space left on device"
        finally:
            os.close(descriptor)
    except OSError as error:
        return (error.strerror or "unknown error").lower()
    return None


def silent_run(job_id: str, revision: int | None, exit_code: int) -> dict[str, Any]:
    """The record of a `slotgate run` whose line could not be written: a job without a line."""
    now = millisecond_timestamp(time.time_ns())
    return {
        "version": VERSION,
        "run": os.urandom(8).hex(),
        "source": "run",
        "kind": "job",
        "startedAt": now,
        "endedAt": now,
        "revision": revision,
        "controlsUnknown": None,
        "exitCode": exit_code,
        "signal": None,
        "spool": None,
        "lostBytes": 0,
        "spec": {"digest": "", "jobId": job_id},
        "result": UNSEEN,
    }


def note_facts(folder: str, facts: dict[str, Any]) -> None:
    """Append what the gates look at to the job facts of the home."""
    append(folder, {"version": "job-facts.v1", "at": millisecond_timestamp(time.time_ns()), **facts})
