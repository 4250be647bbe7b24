"""What a v2 line says beyond v1 (schemas/telemetry_v2.py). Loaded only where it was asked for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gates.decision import Decision, as_record

LAST_REVISION = 2**53 - 1
"""As in `schemas.telemetry_v2`, which costs too much to import here; a test holds them together."""

if TYPE_CHECKING:  # a stub makes no calls, and does not pay for them
    from gates.executor.calls import Calls


def as_v2(
    record: Mapping[str, Any], *, emitted_at: str, decision: Decision, model: str, calls: "Calls | None"
) -> dict[str, Any]:
    """`record`, a v1 record, as v2.

    `decision` is the one the record tells of. `model` is the model of the settings, `calls` what was
    asked of it; null: nothing.
    """
    decided = as_record(decision)
    count, usage, request_id = (
        (0, None, None) if calls is None else (calls.count, calls.usage, calls.request_id)
    )
    return {
        **record,
        "version": "v2",
        "emittedAt": emitted_at,
        "controlsRevision": None if (decision.revision or 0) > LAST_REVISION else decision.revision,
        "gate": decided["gate"],
        "ruleId": decided["ruleId"],
        "bucket": decided["bucket"],
        "attempt": count,
        "model": model if count else None,
        "usage": usage
        and {
            "inputTokens": usage.input_tokens,
            "outputTokens": usage.output_tokens,
            "totalTokens": usage.total_tokens,
        },
        "requestId": request_id or None,
    }
