"""The pure packages: what they import is listed here, and nothing else may be added lightly."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PURE = {
    "gates/decision": {
        "collections.abc",
        "dataclasses",
        "enum",
        "typing",
        "gates.decision",
        "schemas.codes",
        "schemas.instant",
    },
    "gates/flag": {
        "collections.abc",
        "dataclasses",
        "enum",
        "typing",
        "gates.decision",
        "gates.flag",
        "schemas.codes",
    },
    "gates/policy": {
        "collections.abc",
        "dataclasses",
        "enum",
        "typing",
        "gates.decision",
        "gates.policy",
        "gates.verdict",
        "re",
        "schemas.codes",
        "schemas.instant",
        "schemas.stages",
    },
    "gates/spending": {
        "collections.abc",
        "dataclasses",
        "decimal",
        "enum",
        "typing",
        "gates.spending",
    },
    "gates/verdict": {
        "collections.abc",
        "dataclasses",
        "enum",
        "math",
        "typing",
        "gates.verdict",
        "schemas.codes",
        "schemas.stages",
        "scipy.optimize",
        "scipy.special",
    },
    "gates/beta": {
        "collections.abc",
        "dataclasses",
        "enum",
        "typing",
        "gates.beta",
        "gates.verdict",
        "schemas.instant",
    },
    "gates/tasks/policy": {
        "collections.abc",
        "dataclasses",
        "enum",
        "typing",
        "gates.policy",
        "gates.tasks.events",
        "gates.tasks.policy",
        "gates.tasks.view",
    },
    "gates/tasks/events.py": {"collections.abc", "dataclasses", "enum", "typing"},
    "gates/tasks/view.py": {"dataclasses", "enum", "gates.tasks.events"},
    "schemas/codes.py": {"enum"},
    "schemas/instant.py": {"re"},
    "schemas/stages.py": {"enum"},
}
# Names that reach the outside without an import.
REACHING_OUT = {"open", "input", "print", "exec", "eval", "__import__", "globals", "breakpoint"}


def modules(place: str) -> list[Path]:
    path = ROOT / place
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


FILES = [(place, path) for place in PURE for path in modules(place)]


@pytest.mark.parametrize(("place", "path"), FILES, ids=[str(path.relative_to(ROOT)) for _, path in FILES])
def test_pure_modules_import_only_what_is_pure(place: str, path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    allowed = PURE[place]
    strangers = {
        name
        for name in imported
        if name not in allowed and not any(name.startswith(f"{a}.") for a in allowed)
    }
    assert not strangers
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & REACHING_OUT
