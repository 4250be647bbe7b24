"""Files stay small; one that grows past its bound is about to become the god file."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = ("gates/decision", "gates/policy", "gates/verdict", "gates/beta", "gates/flag")
PACKAGES = ("schemas", "gates", "ingest", "dashboard")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_files_stay_small() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES
    }
    assert len(lengths) > 500
    assert not {name: length for name, length in lengths.items() if length > bound(name)}


def bound(name: str) -> int:
    return 150 if name.startswith(CORE) else 300


def test_no_module_hides_behind_a_vague_name() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert not [path for path in FILES if path.stem in vague]
