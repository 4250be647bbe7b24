"""Look a home over and say what is wrong and what to do about it. Mends nothing.

Checks the home's permissions, the store, the enforcement mode, the control file against the newest
revision, the control history, the audit chain, what waits to be recorded or is owed, a drill that was
interrupted, a ROLL BACK that stands, outputs reported bad, the operators, the receivers of notifications,
which routes may change tasks, and the telemetry file with the lines that wait for the gate audit, and whether
a damaged one was set aside, the files of the archive, and since when lines are kept. With --thorough it
reads every row of the telemetry file and every byte of the archive: opening them proves less. The rows it
cannot read while a server has the file open: that is no fault, it says `?` (`looked` is false in JSON) and
how they can be read all the same.
With --invariants it checks instead that the events of tasks and the views kept of them agree, and says of
which tasks they do not.

exit codes: 0 all is well · 1 something is wrong · 2 wrong usage · 4 there is no home,
or this user may not look into it
"""

import json
import os
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from dashboard.cli import doctor_checks as checks
from dashboard.cli import doctor_standing as standing
from dashboard.cli import doctor_tasks
from dashboard.cli.audit_words import printable
from dashboard.cli.doctor_archive import archive, archive_to_the_last_byte
from dashboard.cli.doctor_checks import Finding
from dashboard.cli.doctor_notify import notifications
from dashboard.cli.doctor_retention import retention
from dashboard.cli.doctor_telemetry import set_aside, telemetry, telemetry_to_the_last_row
from dashboard.cli.guarded import service_of
from dashboard.cli.home import home_for, is_missing, no_home
from dashboard.cli.output import put
from dashboard.cli.places import place
from dashboard.cli.store import store_of
from gates.errors import StoreError
from gates.home import Home

_UNWELL = 1
Check = Callable[[Home], Finding]
_AT_A_GLANCE: tuple[Check, ...] = (telemetry, set_aside, archive, retention)
_TO_THE_LAST_BYTE: tuple[Check, ...] = (
    telemetry_to_the_last_row,
    set_aside,
    archive_to_the_last_byte,
    retention,
)


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--home", type=place, metavar="DIR", help="default: SLOTGATE_HOME, else ./.slotgate")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--thorough", action="store_true", help="read every row of the telemetry, too")
    parser.add_argument("--invariants", action="store_true", help="of the tasks, and nothing else")


def execute(arguments: Namespace) -> int:
    """Look, and tell."""
    try:
        return _look(arguments)
    except BrokenPipeError:  # the reader left: nothing to say to anyone
        return _UNWELL


def _look(arguments: Namespace) -> int:
    home = home_for(arguments.home, os.environ, Path.cwd())
    if is_missing(home):
        raise no_home(home)
    of_telemetry = _TO_THE_LAST_BYTE if arguments.thorough else _AT_A_GLANCE
    findings = look_into_tasks(home) if arguments.invariants else look_over(home, of_telemetry)
    well = all(finding.ok for finding in findings)
    if arguments.json:
        put(json.dumps({"home": str(home.root), **as_record(findings)}, ensure_ascii=False))
    else:
        for one in findings:
            todo = "" if one.ok and one.looked else f"\n         → {one.todo}"
            put(f"{_sign(one)}  {one.check}: {printable(one.words)}{todo}")
    return 0 if well else _UNWELL


def _sign(found: Finding) -> str:
    if not found.ok:
        return "WRONG"
    return "ok  " if found.looked else "?   "


def as_record(findings: list[Finding]) -> dict[str, object]:
    """For scripts; `todo` is empty where all is well and was looked at."""
    return {
        "ok": all(finding.ok for finding in findings),
        "findings": [
            {"check": one.check, "ok": one.ok, "looked": one.looked, "words": one.words, "todo": one.todo}
            for one in findings
        ],
    }


def look_over(home: Home, of_telemetry: Sequence[Check] = _AT_A_GLANCE) -> list[Finding]:
    """Every check, in order; one that cannot be made says so."""
    now_ns = time.time_ns()
    findings = [*checks.permissions(home)]
    try:
        with closing(store_of(home)) as store:
            findings.append(checks.integrity(store))
            unreviewed = service_of(home, store).unreviewed()
            with store.read() as tx:
                findings += [
                    checks.mode(tx, os.environ),
                    checks.controls(tx, home, now_ns, unreviewed),
                    checks.chain(tx),
                    checks.late(tx, home),
                    standing.debts(tx, now_ns),
                    standing.drill(tx, now_ns),
                    standing.roll_back(tx),
                    standing.bad_outputs(tx),
                    checks.people(tx),
                ]
    except StoreError as error:
        findings.append(checks.unusable("store", str(error)))
    findings += [doctor_tasks.allowlist(home), checks.history(home)]
    return [*findings, *(look(home) for look in of_telemetry), notifications(home)]


def look_into_tasks(home: Home) -> list[Finding]:
    """The invariants of the tasks; a store that cannot be used says so."""
    try:
        with closing(store_of(home)) as store, store.read() as tx:
            return doctor_tasks.invariants(tx)
    except StoreError as error:
        return [checks.unusable("store", str(error))]
