"""`slot-generation-result.v1`: what an executor answers on stdout."""

from typing import Annotated, Any, Literal

from pydantic import WithJsonSchema

from schemas.base import Document, Timestamp


class Result(Document):
    """The outcome of one run; `output` is null for STUB and FAILED."""

    version: Literal["v1"]
    job_id: str
    status: Literal["STUB", "COMPLETED", "FAILED"]
    generated_at: Timestamp
    output: Annotated[dict[str, Any] | None, WithJsonSchema({"type": ["object", "null"]})]
