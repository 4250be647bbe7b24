"""A home with something of everything in it, made by the real parts, and restores of it."""

import json
import time
from pathlib import Path

from dashboard.backup.making import Made, make_backup
from dashboard.backup.restoring import Means, Restored, restore
from dashboard.cli.guarded import service_of
from dashboard.telemetry.opened import Opened
from dashboard.telemetry.port import LoadRequest
from gates.changes.founding import Foundation, found
from gates.home import Home
from gates.policy.intent import Actor, Role
from ingest.progress import Tell, silent
from ingest.report.report import Selection
from tests.dashboard.record import SECOND_NS, line, spool

SHELL = Actor("os|somebody", frozenset({Role.ONCALL}))
TOLD = b'{"version": "notify.v1", "receivers": []}\n'


def full_home(folder: Path) -> Home:
    """As `init` makes it, and used: ten lines in its spool, loaded, and whatever else a home may hold."""
    home = Home(folder / "home")
    found(
        home,
        Foundation(environment="production", operator_id="local|alice", p50_ms=5_000, p95_ms=20_000),
        time.time_ns,
        "init",
    )
    add_lines(home, 10)
    Opened(home).load(LoadRequest(paths=(str(home.spool),)))
    for path, data in {
        home.audit_key: b"a key\n",
        home.ci_hook_secret: b"a secret\n",
        home.executor_config: b"{}\n",
        home.task_mutations: json.dumps({"version": "task-mutations.v1", "allow": []}).encode(),
        home.root / "notify.json": TOLD,
        home.root / "sign-in.toml": b'public_url = "https://slotgate.example.org"\n',
        home.specs / "2026-11-21.jsonl": b'{"version":"job-facts.v1"}\n',
        home.runs / "2026-11-21.jsonl": b'{"version":"exec-run.v1"}\n',
        home.log / "executor.log": b"a line\n",
        home.root / "session.key": b"k" * 32,
        home.root / "sessions" / "ab12": b"{}",
        home.exec / "reading": b"slotgate exec reading 1\n",
        home.serving: b"{}",
    }.items():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(data)
    return home


def add_lines(home: Home, count: int, name: str = "worker.log", first: int = 0) -> None:
    """Lines of as many jobs, a second apart and a minute old."""
    begin = time.time_ns() - 60 * SECOND_NS
    spool(home, [(begin + number, line(f"job-{first + number}")) for number in range(count)], name)


def backup_of(home: Home, target: Path, tell: Tell = silent) -> Made:
    """One made by this process, which nobody serves the home beside."""
    return make_backup(home, target, home.store, Opened(home), time.time_ns, tell)


def quick_backup_of(home: Home, target: Path, tell: Tell = silent) -> Made:
    """The same without the telemetry file, where that is not the point: a quarter of the work."""
    return make_backup(home, target, home.store, None, time.time_ns, tell)


def means(tell: Tell = silent) -> Means:
    """Everything of this machine; the store lies in the home."""
    return Means(
        place=lambda home: home.store, service=service_of, actor=SHELL, clock=time.time_ns, tell=tell
    )


def restored_from(backup: Path, root: Path) -> Restored:
    """The home `root`, made of `backup`."""
    return restore(backup, root, means())


def jobs_of(home: Home) -> int:
    """How many lines the telemetry counts, after everything in the spool was loaded."""
    telemetry = Opened(home)
    telemetry.load(LoadRequest(paths=(str(home.spool),)))
    outcomes = telemetry.report(Selection())["totals"]["by_outcome"]
    return sum(outcome["count"] for outcome in outcomes)
