import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest

from gates.errors import HomeError, InvalidInput
from gates.executor.config_digest import config_digest
from gates.executor.prompt import INSTRUCTIONS
from gates.executor.settings import Settings, read_settings, settings_from
from schemas.executor_config import ExecutorConfig


def test_the_settings_have_the_defaults_and_fields_of_the_contract() -> None:
    contract = ExecutorConfig().model_dump(by_alias=False) | {"system_prompt": None}
    assert contract.pop("version") == "executor-config.v1"
    assert dataclasses.asdict(Settings()) == contract
    assert settings_from({}) == Settings()


def test_every_key_of_the_contract_is_taken_over() -> None:
    document = {
        "version": "executor-config.v1",
        "executorVersion": "x.v9",
        "api": "responses",
        "model": "m",
        "temperature": 1,
        "topP": 0.5,
        "maxOutputTokens": 10.0,
        "timeoutSeconds": 1.5,
        "attempts": 3.0,
        "proxy": "environment",
        "systemPrompt": "Answer in JSON.",
    }
    settings = settings_from(document)
    assert dataclasses.asdict(settings) == ExecutorConfig.model_validate_json(
        json.dumps(document)
    ).model_dump(by_alias=False, exclude={"version"})
    assert type(settings.attempts) is int
    assert type(settings.max_output_tokens) is int


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "executor.json"
    path.write_text('{"model":"m"}')
    assert read_settings(path).model == "m"


@pytest.mark.parametrize("content", ["", "[]", '{"model":""}', '{"model":"a","model":"b"}', " " * (2 << 20)])
def test_an_unusable_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "executor.json"
    path.write_text(content)
    with pytest.raises(InvalidInput, match="the executor config"):
        read_settings(path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "pipe"):
        with pytest.raises(HomeError, match="cannot be read"):
            read_settings(path)


@pytest.mark.parametrize(
    "change", [{"model": "n"}, {"temperature": 0.3}, {"system_prompt": "JSON!"}, {"attempts": 2}]
)
def test_the_digest_tells_configurations_apart(change: dict[str, Any]) -> None:
    assert config_digest(Settings(**change)) != config_digest(Settings())
    assert config_digest(Settings(system_prompt=INSTRUCTIONS)) == config_digest(Settings())
