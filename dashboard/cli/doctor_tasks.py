"""What `slotgate doctor` looks at of the tasks: the mutation allowlist, and when asked the invariants."""

from itertools import groupby

from dashboard.cli.doctor_checks import Finding
from gates.home import Home
from gates.store.port import Transaction
from gates.tasks.mutations import EVERY_ROUTE, problem_of

_NAMED = 5


def allowlist(home: Home) -> Finding:
    """The mutation allowlist can be relied on, or is not there."""
    found = problem_of(home.task_mutations)
    if isinstance(found, str):
        words, _, todo = found.rpartition("; ")
        return Finding("task routes", ok=False, words=words, todo=todo)
    listed = len(found & EVERY_ROUTE)
    return Finding("task routes", ok=True, words=f"{listed} of {len(EVERY_ROUTE)} may change tasks")


def invariants(tx: Transaction) -> list[Finding]:
    """Events and views of the tasks agree: one finding for each invariant that is broken."""
    broken = groupby(tx.tasks.violations(), key=lambda one: one.invariant)
    findings = [_broken(words, [one.task_id for one in found]) for words, found in broken]
    return findings or [Finding("tasks", ok=True, words="every invariant of events and views holds")]


def _broken(words: str, task_ids: list[str]) -> Finding:
    named = ", ".join(f"`{one}`" for one in task_ids[:_NAMED])
    more = "" if len(task_ids) <= _NAMED else f" and {len(task_ids) - _NAMED} more"
    return Finding(
        "tasks",
        ok=False,
        words=f"does not hold: {words}; broken by {named}{more}",
        todo="keep a copy of the store, restore a backup, and report it with the events of these tasks",
    )
