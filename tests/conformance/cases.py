"""Read the conformance files, and set up what a case needs on disk and in the environment."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
FORMAT = "slotgate-conformance.v1"
CONTROL_KEYS = {"document", "text", "missing", "environment", "allowlist"}
PINNED = ("path", "status", "errorCode", "gate", "ruleId", "bucket", "percent", "revision")


@dataclass(frozen=True)
class Case:
    file: str
    name: str
    controls: dict[str, Any]
    line: str
    expected: dict[str, Any]

    @property
    def label(self) -> str:
        return f"{self.file}: {self.name}"


@dataclass(frozen=True)
class Setting:
    """Where the case's controls lie: a control file, or None for the environment alone."""

    control_file: Path | None
    environ: dict[str, str]


def load() -> list[Case]:
    cases = []
    for path in sorted(FOLDER.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        assert document["format"] == FORMAT
        for case in document["cases"]:
            line = case["line"] if "line" in case else json.dumps(case["jobSpec"], ensure_ascii=False)
            cases.append(Case(path.stem, case["name"], case["controls"], line, case["expected"]))
    return cases


def has_file(controls: dict[str, Any]) -> bool:
    """Whether they lie in a control file; else in the environment alone."""
    return bool(controls.keys() & {"document", "text", "missing"})


def set_up(controls: dict[str, Any], folder: Path) -> Setting:
    """Put them in place, also where other controls lay before, as a publisher does: all at once."""
    environ = dict(controls.get("environment", {}))
    if "allowlist" in controls:
        environ["SLOTGEN_ALLOWLIST_PATH"] = str(_file(folder / "allowlist.json", controls["allowlist"]))
    if not has_file(controls):
        return Setting(None, environ)
    return Setting(_file(folder / "control.json", controls), environ)


def _file(path: Path, content: dict[str, Any]) -> Path:
    if "missing" in content:
        path.unlink(missing_ok=True)
        return path
    text = content["text"] if "text" in content else json.dumps(content["document"], ensure_ascii=False)
    draft = path.with_suffix(".draft")
    draft.write_bytes(text.encode())
    return draft.replace(path)
