"""`executor-config.v1`: which model an executor calls, and within which bounds."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import WHOLE, Document, NonEmpty, OptionalText


class ExecutorConfig(Document):
    """Model, sampling and limits.

    `timeout_seconds` bounds one whole attempt by the wall clock. `system_prompt` replaces the
    built-in instructions. `proxy` "environment" heeds HTTPS_PROXY and its kin; "none" ignores them.
    """

    version: Literal["executor-config.v1"] = "executor-config.v1"
    executor_version: NonEmpty = "openai.v1"
    api: Literal["chat_completions", "responses"] = "chat_completions"
    model: NonEmpty = "gpt-4.1"
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.2
    top_p: Annotated[float, Field(ge=0, le=1)] = 1
    max_output_tokens: Annotated[int, Field(ge=1), WHOLE] = 1200
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 30
    attempts: Annotated[int, Field(ge=1, le=10), WHOLE] = 1
    proxy: Literal["none", "environment"] = "none"
    system_prompt: OptionalText = None
