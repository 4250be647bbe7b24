"""The valid telemetry lines of both versions, as msgspec decodes them."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from gates.decision.claims import claims_contradiction
from ingest.contract.key_checks import LAST_REVISION, MOST_ATTEMPTS, MOST_TOKENS
from ingest.contract.outcomes import Claims
from schemas.instant import epoch_ns

Path = Literal["stub", "openai"]
Status = Literal["STUB", "COMPLETED", "FAILED"]
Tokens = Annotated[int, Meta(ge=0, le=MOST_TOKENS)]
_LAST_NS = 2**63 - 1


class Valid(Struct, frozen=True, gc=False, forbid_unknown_fields=True, rename="camel"):
    """The fields of one valid v1 line; `latency_ms` in milliseconds."""

    version: Literal["v1"]
    executor_version: str
    job_id: str
    path: Path
    status: Status
    latency_ms: float
    error_code: str | None = None


class UsageV2(Struct, frozen=True, gc=False, forbid_unknown_fields=True, rename="camel"):
    """Tokens of all calls of a run."""

    input_tokens: Tokens
    output_tokens: Tokens
    total_tokens: Tokens


class ValidV2(Struct, frozen=True, gc=False, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """The fields of one valid v2 line, of which `schemas.telemetry_v2` tells the meaning."""

    version: Literal["v2"]
    executor_version: str
    job_id: str
    path: Path
    status: Status
    latency_ms: float
    error_code: str | None = None
    emitted_at: str
    controls_revision: Annotated[int, Meta(ge=0, le=LAST_REVISION)] | None
    gate: Literal["controls", "kill_switch", "feature_flag", "job_opt_in", "allowlist", "rollout"] | None
    rule_id: str | None
    bucket: Annotated[int, Meta(ge=0, le=99)]
    attempt: Annotated[int, Meta(ge=0, le=MOST_ATTEMPTS)]
    model: str | None
    usage: UsageV2 | None
    request_id: str | None


def claims_of(line: ValidV2) -> Claims:
    """What the line says beyond v1."""
    emitted_ns, usage = epoch_ns(line.emitted_at), line.usage
    return Claims(
        emitted_ns=emitted_ns if emitted_ns is not None and abs(emitted_ns) <= _LAST_NS else None,
        controls_revision=line.controls_revision,
        gate=line.gate,
        rule_id=line.rule_id,
        bucket=line.bucket,
        attempt=line.attempt,
        model=line.model,
        input_tokens=None if usage is None else usage.input_tokens,
        output_tokens=None if usage is None else usage.output_tokens,
        total_tokens=None if usage is None else usage.total_tokens,
        request_id=line.request_id,
        contradiction=claims_contradiction(
            path=line.path,
            status=line.status,
            error_code=line.error_code,
            gate=line.gate,
            attempt=line.attempt,
            tells_model=line.model is not None,
            tells_usage=usage is not None,
        ),
    )
