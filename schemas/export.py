"""Write the JSON Schema of every document: `python -m schemas.export`."""

import json
from pathlib import Path
from typing import Any

from schemas.allowlist import Allowlist
from schemas.base import Document
from schemas.budget import BudgetDocument
from schemas.control_revision import ControlRevision
from schemas.controls import Controls
from schemas.executor_config import ExecutorConfig
from schemas.job_spec import JobSpec
from schemas.prices import PricesDocument
from schemas.result import Result
from schemas.task_mutations import TaskMutations
from schemas.telemetry import TelemetryLine
from schemas.telemetry_v2 import TelemetryLineV2
from schemas.thresholds import ThresholdsDocument

FOLDER = Path(__file__).parent / "json"
DOCUMENTS: dict[str, type[Document]] = {
    "slot-generation.v1": JobSpec,
    "slot-generation-result.v1": Result,
    "slot-generation-telemetry.v1": TelemetryLine,
    "slot-generation-telemetry.v2": TelemetryLineV2,
    "allowlist.v1": Allowlist,
    "controls.v1": Controls,
    "control-revision.v1": ControlRevision,
    "executor-config.v1": ExecutorConfig,
    "thresholds.v1": ThresholdsDocument,
    "prices.v1": PricesDocument,
    "budget.v1": BudgetDocument,
    "task-mutations.v1": TaskMutations,
}


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document called `name`."""
    body = _without_titles(DOCUMENTS[name].model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **body}


def _without_titles(node: Any) -> Any:
    """Drop what pydantic adds for forms: a title for every key, and the null default of absent keys."""
    if isinstance(node, list):
        return [_without_titles(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        if key == "title" and isinstance(value, str):
            continue
        if key == "default" and value is None:
            continue
        kept[key] = (
            {k: _without_titles(v) for k, v in value.items()}
            if key in ("properties", "$defs")
            else _without_titles(value)
        )
    return kept


def text(name: str) -> str:
    """The schema file of `name` as it stands in `schemas/json/`."""
    return json.dumps(json_schema(name), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every schema file."""
    FOLDER.mkdir(exist_ok=True)
    for name in DOCUMENTS:
        (FOLDER / f"{name}.schema.json").write_text(text(name), encoding="utf-8")


if __name__ == "__main__":
    main()
