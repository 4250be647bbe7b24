"""The executor config document, as the executor uses it (schemas/executor_config.py describes it)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from gates.errors import HomeError, InvalidInput
from schemas.errors import ContractError

Api = Literal["chat_completions", "responses"]
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
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise HomeError(
            f"the executor config `{path}` cannot be read: {error.strerror}; make it readable or leave it out"
        ) from None
    if len(data) > _MAX_BYTES:
        raise InvalidInput(f"the executor config `{path}` is larger than 1 MiB; give an {CONTRACT} document")
    try:
        return settings_from(check.parse(CONTRACT, data))
    except ContractError as error:
        raise InvalidInput(f"the executor config `{path}` is unusable: {error}; correct it") from None


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
