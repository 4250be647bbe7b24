"""The executor config document, as the executor uses it (schemas/executor_config.py describes it)."""

import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from gates.errors import HomeError, InvalidInput
from gates.executor.quoting import quotable
from schemas.errors import ContractError

Api = Literal["chat_completions", "responses"]
TelemetryVersion = Literal["v1", "v2"]
CONTRACT = "executor-config.v1"
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Which model, how it samples, and the bounds of a call; the defaults are the contract's.

    `timeout_seconds` bounds one attempt by the wall clock, from connecting to the last byte.
    `system_prompt` null means the built-in instructions.
    """

    executor_version: str = "openai.v1"
    api: Api = "chat_completions"
    model: str = "gpt-4.1"
    temperature: float = 0.2
    top_p: float = 1
    max_output_tokens: int = 1200
    timeout_seconds: float = 30
    attempts: int = 1
    proxy: Literal["none", "environment"] = "none"
    system_prompt: str | None = field(default=None, repr=False)


def telemetry_version(text: str | None) -> TelemetryVersion:
    """The version that `SLOTGEN_TELEMETRY` asks for: v2 is opt-in, and everything else means v1."""
    return "v2" if text == "v2" else "v1"


def settings_from(document: dict[str, Any]) -> Settings:
    """The settings of a document that is valid as `executor-config.v1`; absent keys have their defaults."""
    known = {_snake(key): value for key, value in document.items() if key != "version"}
    for whole in ("max_output_tokens", "attempts"):  # JSON's 1200.0 is the integer 1200
        if whole in known:
            known[whole] = int(known[whole])
    return Settings(**known)


def read_settings(path: Path) -> Settings:
    """The settings in the file at `path`.

    Raises `HomeError` when it cannot be read, `InvalidInput` when it is no `executor-config.v1`.
    """
    from schemas import check

    try:
        data = _content(path)
    except OSError as error:
        raise HomeError(
            f"the executor config `{path}` cannot be read: {(error.strerror or 'unknown error').lower()}; "
            "make it a readable file or leave it out"
        ) from None
    if len(data) > _MAX_BYTES:
        raise InvalidInput(f"the executor config `{path}` is larger than 1 MiB; give an {CONTRACT} document")
    try:
        return settings_from(check.parse(CONTRACT, data))
    except ContractError as error:
        raise InvalidInput(
            f"the executor config `{path}` is unusable: {quotable(error)}; correct it"
        ) from None


def _content(path: Path) -> bytes:
    # Regular files only: a pipe in its place would make every run wait.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        return file.read(_MAX_BYTES + 1)


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
