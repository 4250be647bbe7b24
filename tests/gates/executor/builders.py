"""Documents and processes that the executor's tests are made of."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.warm import commands

KEY = "sk-planted-0123456789abcdefghijklmnop"
SLOTGATE = Path(sys.executable).with_name("slotgate")


def slot_job(number: int = 0, **changes: Any) -> dict[str, Any]:
    job = {
        "jobId": f"job-{number:05}",
        "slotId": f"S{number}",
        "kind": "explanatory",
        "mode": "generate",
        "input": {"topic": "photosynthesis"},
        "output": {"field": "content", "type": "text"},
        "sources": ["page 12"],
        "required": True,
    }
    return {**job, **changes}


def spec(
    jobs: list[dict[str, Any]] | None = None, allow_ai: bool | None = True, **changes: Any
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "version": "v1",
        "appliesTo": {"subject": "Biology", "level": "GCSE", "board": "AQA", "specVersion": "v1"},
        "jobs": [slot_job()] if jobs is None else jobs,
        "metadata": {"requiresReview": False} | ({} if allow_ai is None else {"allowAI": allow_ai}),
    }
    return {**document, **changes}


def spec_bytes(**changes: Any) -> bytes:
    return json.dumps(spec(**changes)).encode()


def allowlist(max_jobs: int = 100) -> dict[str, Any]:
    rule = {
        "id": "biology",
        "enabled": True,
        "appliesTo": {"subject": ["Biology"], "level": ["GCSE"], "board": ["AQA"], "specVersion": ["v1"]},
        "kinds": ["explanatory"],
        "slotIds": [],
        "maxJobsPerRun": max_jobs,
    }
    return {"version": "allowlist.v1", "enabled": True, "mode": "deny_by_default", "rules": [rule]}


def controls(**changes: Any) -> dict[str, Any]:
    document = {
        "version": "controls.v1",
        "environment": "test",
        "revision": 7,
        "effectiveAt": "2026-11-21T00:00:00Z",
        "kill": False,
        "feature": True,
        "percent": 100,
        "rolloutZero": "nobody",
        "stage": 2,
        "step": "expand-50",
        "allowlist": allowlist(),
        "breakGlassUntil": None,
        "validUntil": None,
    }
    return {**document, **changes}


def home_with(folder: Path, document: Mapping[str, Any] | None = None, **files: Any) -> Path:
    """A home at `folder` with these controls, and JSON documents beside them."""
    (folder / "controls").mkdir(parents=True)
    (folder / "controls" / "control.json").write_text(json.dumps(document or controls()))
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def environment(**variables: str) -> dict[str, str]:
    """As bare as it gets, so that nothing of the tester's own leaks in."""
    return {"PATH": os.environ["PATH"], **variables}


def open_gates(folder: Path, **variables: str) -> dict[str, str]:
    """Environment mode with every gate open; the allowlist lies in `folder`."""
    path = folder / "allowlist.json"
    path.write_text(json.dumps(allowlist()))
    return environment(
        FEATURE_SLOTGEN_AI="true",
        SLOTGEN_AI_ROLLOUT_PERCENT="100",
        SLOTGEN_ALLOWLIST_PATH=str(path),
        **variables,
    )


def slotgate_run(
    stdin: bytes, env: Mapping[str, str], cwd: Path, words: Sequence[str] = ()
) -> subprocess.CompletedProcess[bytes]:
    return commands.run(cwd, "run", *words, stdin=stdin, environ=env)


def only_line(stderr: bytes) -> dict[str, Any]:
    """The telemetry line, when stderr is exactly one."""
    assert stderr.endswith(b"\n")
    assert stderr.count(b"\n") == 1, stderr
    record: dict[str, Any] = json.loads(stderr)
    return record
