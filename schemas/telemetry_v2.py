"""`slot-generation-telemetry.v2`: the v1 line, and what the executor knew when it wrote it. Opt-in.

No key may be missing that v1 does not have; null says "there was none". Nothing of a prompt or an answer.
"""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import WHOLE, Document, NonEmpty, Timestamp

MOST_TOKENS = 10**12
MOST_ATTEMPTS = 1_000_000
LAST_REVISION = 2**53 - 1

Tokens = Annotated[int, Field(ge=0, le=MOST_TOKENS), WHOLE]


class TokenUsage(Document):
    """Tokens of all calls of the run together, as the model's server counted them."""

    input_tokens: Tokens
    output_tokens: Tokens
    total_tokens: Tokens


class TelemetryLineV2(Document):
    """One decision. `latency_ms` runs from the start of the run to the line, in milliseconds.

    `emitted_at` is the executor's own clock. `controls_revision` is the revision decided under, null
    where there was none; `gate` the one that denied, null where all passed; `rule_id` the allowlist rule
    that permits the job, null before that gate. `bucket` is that of the jobId. `attempt` counts the calls
    to the model, 0 on a stub; `model` is the one asked. `usage` is null where it is not known of every
    call. `request_id` is what the server named the last call.
    """

    version: Literal["v2"]
    executor_version: NonEmpty
    job_id: NonEmpty
    path: Literal["stub", "openai"]
    status: Literal["STUB", "COMPLETED", "FAILED"]
    latency_ms: Annotated[float, Field(ge=0)]
    error_code: NonEmpty | None = None
    emitted_at: Timestamp
    controls_revision: Annotated[int, Field(ge=0, le=LAST_REVISION), WHOLE] | None
    gate: Literal["controls", "kill_switch", "feature_flag", "job_opt_in", "allowlist", "rollout"] | None
    rule_id: NonEmpty | None
    bucket: Annotated[int, Field(ge=0, le=99), WHOLE]
    attempt: Annotated[int, Field(ge=0, le=MOST_ATTEMPTS), WHOLE]
    model: NonEmpty | None
    usage: TokenUsage | None
    request_id: NonEmpty | None
