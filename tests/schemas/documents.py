"""One valid document of every contract, with every optional key present."""

from typing import Any

from gates.verdict.defaults import DEFAULT
from gates.verdict.document import document_of
from tests.gates.controls.files import SPEC
from tests.gates.decision.builders import allowlist, controls, rule

DOCUMENTS: dict[str, dict[str, Any]] = {
    "slot-generation.v1": SPEC
    | {
        "jobId": "J1",
        "appliesTo": SPEC["appliesTo"] | {"topic": "cells"},  # type: ignore[operator]
        "jobs": [SPEC["jobs"][0] | {"sources": ["a"], "input": {"any": [1, None, {}]}}],  # type: ignore[index]
    },
    "slot-generation-result.v1": {
        "version": "v1",
        "jobId": "J1",
        "status": "COMPLETED",
        "generatedAt": "2026-01-01T00:00:00.123Z",
        "output": {"any": {"thing": [1]}},
    },
    "slot-generation-telemetry.v1": {
        "version": "v1",
        "executorVersion": "openai.v1",
        "jobId": "J1",
        "path": "openai",
        "status": "FAILED",
        "latencyMs": 12.5,
        "errorCode": "OPENAI_HTTP_ERROR",
    },
    "slot-generation-telemetry.v2": {
        "version": "v2",
        "executorVersion": "openai.v1",
        "jobId": "J1",
        "path": "openai",
        "status": "COMPLETED",
        "latencyMs": 812,
        "errorCode": None,
        "emittedAt": "2026-01-01T00:00:00.123Z",
        "controlsRevision": 7,
        "gate": None,
        "ruleId": "r1",
        "bucket": 43,
        "attempt": 1,
        "model": "gpt-4.1",
        "usage": {"inputTokens": 412, "outputTokens": 96, "totalTokens": 508},
        "requestId": "req_1",
    },
    "allowlist.v1": allowlist(rule(slotIds=["S1"])),
    "controls.v1": controls(breakGlassUntil="2026-01-01T01:00:00Z", validUntil="2026-01-02T00:00:00+01:00"),
    "control-revision.v1": {
        "version": "control-revision.v1",
        "event": "effective",
        "at": "2026-01-01T00:00:00.123456789Z",
        "revision": 7,
        "late": False,
        "controls": controls(),
    },
    "executor-config.v1": {
        "version": "executor-config.v1",
        "executorVersion": "openai.v1",
        "api": "chat_completions",
        "model": "gpt-4.1",
        "temperature": 0.2,
        "topP": 1,
        "maxOutputTokens": 1200,
        "timeoutSeconds": 30,
        "attempts": 1,
        "proxy": "none",
        "systemPrompt": "Answer in JSON.",
    },
    "thresholds.v1": document_of(DEFAULT),
    "prices.v1": {
        "version": "prices.v1",
        "currency": "USD",
        "asOf": "2026-11-01",
        "prices": [
            {"model": "gpt-4.1", "validFrom": "2025-04-14", "inputPerMillion": 2.0, "outputPerMillion": 8.0}
        ],
    },
    "budget.v1": {
        "version": "budget.v1",
        "environment": "test",
        "callsPerDay": 1000,
        "tokensPerDay": 2_000_000,
        "moneyPerDay": 25.5,
        "currency": "USD",
        "unknown": "kill",
    },
    "task-mutations.v1": {"version": "task-mutations.v1", "allow": ["/api/tasks/create"]},
}
