"""No path around `policy.review`: every writer of the control file, of revisions and of modes is listed here.

A new name in one of these lists is a new way to change what executors obey. Whoever adds one says
why it is reviewed, or why it can only narrow.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# `ingest` can reach neither publisher nor store: an import contract forbids it (pyproject.toml).
PACKAGES = ("schemas", "gates", "dashboard")

# Who may call what, and why that is no way around.
WRITERS: dict[str, dict[str, str]] = {
    # the publisher's own methods, called on a publisher
    "publish": {
        "gates/changes/effects.py": "after review, over exactly what was reviewed",
        "gates/changes/recording.py": "the same controls under another number, after a narrowing",
        "gates/changes/reconciling.py": "the newest revision, or a stop",
        "gates/changes/founding.py": "the closed controls of a new home",
        "gates/changes/restoring.py": "the newest controls with the kill on, in a restored home",
    },
    "narrow": {
        "gates/kill.py": "the kill and nothing else",
        "gates/changes/narrowing.py": "after review by the narrowing rules",
        "gates/changes/service.py": "calls narrowing.py",
        "gates/changes/requests.py": "calls narrowing.py",
        "dashboard/api/control/controls.py": "calls the service",
        "dashboard/cli/propose.py": "calls the service",
        "dashboard/views/controls/draft_deed.py": "calls the service",
        "dashboard/views/controls/narrow.py": "calls the service",
    },
    # everything that changes files under `controls/`
    "durable.replace": {
        "gates/controls/publish.py": "the publisher",
        "gates/changes/belonging.py": "which store is the home's",
        "dashboard/telemetry/serving.py": "where the server answers",
        "dashboard/auth/sessions.py": "the sessions of the dashboard",
        "dashboard/notify/receivers.py": "who is told what happens",
        "dashboard/notify/backlog_file.py": "what a receiver has still to be told",
    },
    # the store's tables of what is in force
    "revisions.append": {
        "gates/changes/effects.py": "after review",
        "gates/changes/recording.py": "a narrowing that took effect, checked to be narrower",
        "gates/changes/reconciling.py": "what is in force, or a stop",
        "gates/changes/founding.py": "the first revision: everything closed",
        "gates/changes/restoring.py": "the newest controls with the kill on",
    },
    "approvals.add": {"gates/changes/requests.py": "after review at the moment of approval"},
    "requests.create": {"gates/changes/requests.py": "after review at the moment of proposal"},
    "settings.set": {
        "gates/changes/modes.py": "after review",
        "gates/changes/founding.py": "the settings of a new home",
        "gates/changes/automatic.py": "whether a ROLL BACK narrows by itself: one admin, on record",
        "gates/changes/retaining.py": "how long raw lines are kept: one admin, on record, less of it delayed",
        "gates/changes/latching.py": "ROLL BACK stands, which only forbids; it ends after review",
        "gates/changes/watching.py": "which kill was noted as not obeyed: a note, no control",
        "gates/changes/spending.py": "budget and prices, after review",
        "gates/changes/budget_said.py": "what the budget guard said today: a note, no control",
    },
    "operators.add": {
        "gates/changes/people.py": "after review",
        "dashboard/auth/entering.py": "the provider grants, where the home's owner said so; on record",
    },
    "operators.set_roles": {
        "gates/changes/people.py": "after review",
        "dashboard/auth/entering.py": "the same; somebody disabled stays disabled",
    },
    "tokens.add": {"gates/changes/people.py": "after review"},
    "passwords.set": {"dashboard/cli/password.py": "one's own, by one's own token"},
    # the tasks, whose one boundary is `gates.tasks.policy`
    "tasks.append": {
        "gates/tasks/service.py": "after the boundary",
        "gates/tasks/claims.py": "of a claim that passed it",
    },
    "tasks.add_artifact": {"gates/tasks/service.py": "after the boundary"},
    # what verdicts are judged by
    "thresholds.append": {"gates/changes/limits.py": "after review"},
    # what holds a rollout, and what is part of no rule
    "bad_outputs.add": {"gates/changes/saying.py": "it only holds"},
    "bad_outputs.withdraw": {"gates/changes/saying.py": "by a role, on record; the verdict is judged anew"},
    "statements.add": {"gates/changes/saying.py": "by a role, on record"},
    "drills.put": {"gates/changes/drilling.py": "what came of a drill: a record, no control"},
}


def calls(path: Path) -> set[str]:
    """The names called in a module: `method`, and `owner.method` where the owner has a name.

    A function imported by itself counts as called on its module, under whatever name it goes here.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name: f"{(node.module or '').rpartition('.')[2]}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(imported.get(node.func.id, f"builtins.{node.func.id}"))
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        found |= {node.func.attr, f"{name}.{node.func.attr}"}
    return found


@cache
def all_calls() -> dict[str, set[str]]:
    """Of every module; each is read once."""
    return {
        str(path.relative_to(ROOT)): calls(path)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


@pytest.mark.parametrize("deed", WRITERS)
def test_only_the_listed_write(deed: str) -> None:
    callers = {name for name, called in all_calls().items() if deed in called}
    assert callers <= WRITERS[deed].keys(), f"not listed: {callers - WRITERS[deed].keys()}"


def test_every_listed_path_of_the_core_exists() -> None:
    listed = {name for callers in WRITERS.values() for name in callers if name.startswith("gates/")}
    assert not [name for name in listed if not (ROOT / name).is_file()]


def test_nothing_else_names_the_control_file_to_write_it() -> None:
    """Only these modules know where the control file lies; of them only the publisher's package writes it."""
    knows = {
        name
        for name in all_calls()
        if "control_file" in (ROOT / name).read_text(encoding="utf-8")
        and not name.startswith(("gates/controls/", "gates/home.py"))
    }
    writes = {
        "write_bytes",
        "write_text",
        "rename",
        "replace",
        "unlink",
        "truncate",
        "builtins.open",
        "os.open",
        "os.rename",
        "os.replace",
        "os.truncate",
        "os.unlink",
        "durable.opened",
        "durable.replace",
    }
    suspects = {name for name in knows if all_calls()[name] & writes}
    reading = {
        "gates/executor/exec/kept_reading.py",  # keeps what it read, beside the control file
        "gates/executor/exec/watching.py",  # writes the variables of the watched command
    }
    assert suspects <= {
        "gates/kill.py",
        "gates/changes/convergence.py",
        "gates/changes/narrowing.py",
        "dashboard/backup/restoring.py",  # renames a folder that no executor reads yet
        *reading,
    }


def test_only_the_store_knows_its_tables() -> None:
    """Whoever could write SQL of their own could write revisions."""
    knowing = re.compile(r"gates\.store\.(tables|repositories|dialect|sqlite|postgresql)|sqlalchemy|sqlite3")
    elsewhere = {
        name
        for name in all_calls()
        if not name.startswith("gates/store/") and knowing.search((ROOT / name).read_text(encoding="utf-8"))
    }
    assert not elsewhere


def test_the_review_is_called_where_changes_are_made() -> None:
    for name in ("gates/changes/desk.py", "gates/changes/narrowing.py"):
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "review" in called
