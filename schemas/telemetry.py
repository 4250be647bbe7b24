"""`slot-generation-telemetry.v1`: the one line an executor writes to stderr for every decision."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Document, NonEmpty
from schemas.codes import OPENAI_CODES, STUB_CODES, ErrorCode, Path, Status, contradiction

__all__ = ["OPENAI_CODES", "STUB_CODES", "ErrorCode", "Path", "Status", "TelemetryLine", "contradiction"]


class TelemetryLine(Document):
    """One decision. `latency_ms` runs from the start of the run to the line, in milliseconds."""

    version: Literal["v1"]
    executor_version: NonEmpty
    job_id: NonEmpty
    path: Literal["stub", "openai"]
    status: Literal["STUB", "COMPLETED", "FAILED"]
    latency_ms: Annotated[float, Field(ge=0)]
    error_code: NonEmpty | None = None
