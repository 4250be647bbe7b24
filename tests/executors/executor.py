"""An executor in Python: one job spec on stdin, one result on stdout, one telemetry line on stderr.

It knows nothing of slotgate. After a failed call what came instead of an answer stands on stderr, too.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import Any

BEGAN = time.monotonic()


def bucket(job_id: str) -> int:
    units = memoryview(job_id.encode("utf-16-le")).cast("H")
    value = 0
    for unit in units:
        value = (31 * value + unit) % 2**32
    return value % 100


def permits(rule: dict[str, Any], course: dict[str, str], job: dict[str, Any], jobs: int) -> bool:
    listed = all(course[key] in values for key, values in rule["appliesTo"].items())
    slot = not rule["slotIds"] or job["slotId"] in rule["slotIds"]
    return (
        rule["enabled"] and listed and slot and job["kind"] in rule["kinds"] and jobs <= rule["maxJobsPerRun"]
    )


def allowed(spec: dict[str, Any]) -> bool:
    try:
        with open(os.environ["SLOTGEN_ALLOWLIST_PATH"], encoding="utf-8") as file:
            allowlist = json.load(file)
    except (KeyError, OSError, ValueError):
        return False
    course, jobs = spec["appliesTo"], spec["jobs"]
    return allowlist["enabled"] and all(
        any(permits(rule, course, job, len(jobs)) for rule in allowlist["rules"]) for job in jobs
    )


def denied(spec: dict[str, Any], job_id: str) -> tuple[bool, str | None]:
    """Whether the stub answers, and the errorCode that says why."""
    if os.environ.get("SLOTGEN_AI_KILL") == "true":
        return True, "KILL_SWITCH"
    if os.environ.get("FEATURE_SLOTGEN_AI") != "true":
        return True, None
    if spec["metadata"].get("allowAI") is not True or not allowed(spec):
        return True, "NOT_ALLOWLISTED"
    percent = int(os.environ.get("SLOTGEN_AI_ROLLOUT_PERCENT", "0"))
    return (True, "ROLLOUT_EXCLUDED") if percent and bucket(job_id) >= percent else (False, None)


def asked() -> tuple[str | None, str]:
    """The errorCode of the call, and what came instead of an answer."""
    key = os.environ.get("OPENAI_API_KEY")
    if not key:
        return "MISSING_API_KEY", "Missing OPENAI_API_KEY"
    request = urllib.request.Request(
        os.environ["OPENAI_BASE_URL"] + "/chat/completions",
        json.dumps({"model": "gpt-4.1", "messages": [{"role": "user", "content": "A lesson."}]}).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            json.load(answer)
    except urllib.error.HTTPError as error:
        return "OPENAI_HTTP_ERROR", error.read().decode()
    except OSError as error:
        return "OPENAI_REQUEST_FAILED", str(error)
    except ValueError:
        return "OPENAI_NON_JSON_RESPONSE", "no JSON"
    return None, ""


def report(job_id: str, path: str, status: str, code: str | None) -> None:
    line = {
        "version": "v1",
        "executorVersion": "python.v1",
        "jobId": job_id,
        "path": path,
        "status": status,
        "latencyMs": round(1000 * (time.monotonic() - BEGAN)),
        "errorCode": code,
    }
    print(json.dumps(line), file=sys.stderr)


def answer(job_id: str, status: str, output: dict[str, str] | None) -> None:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    print(
        json.dumps({"version": "v1", "jobId": job_id, "status": status, "generatedAt": at, "output": output})
    )


def main() -> int:
    spec = json.load(sys.stdin)
    job_id = spec.get("jobId") or spec["jobs"][0]["jobId"]
    stub, code = denied(spec, job_id)
    if stub:
        report(job_id, "stub", "STUB", code)
        answer(job_id, "STUB", None)
        return 0
    code, body = asked()
    report(job_id, "openai", "COMPLETED" if code is None else "FAILED", code)
    if code is not None:
        sys.stderr.write(body)
        return 1
    answer(job_id, "COMPLETED", {"content": "as the model said"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
