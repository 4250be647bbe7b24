"""What `slotgate doctor` looks at of what stands until somebody acts: debts, drills, a ROLL BACK, reports."""

from dashboard.cli.doctor_checks import Finding
from gates.changes.gathering import LATCHED
from gates.controls.instant import timestamp
from gates.policy.rules.drills import RESTORED_WITHIN_NS
from gates.store.port import Transaction
from gates.store.rows import OwedRow


def debts(tx: Transaction, now_ns: int) -> Finding:
    """No reason and no review is overdue."""
    owed = tx.owed.open()
    overdue = [debt for debt in owed if now_ns >= debt.due_ns]
    if overdue:
        return Finding(
            "owed",
            ok=False,
            words=f"{len(overdue)} overdue, {_debt(overdue[0])}",
            todo=f"give it, or ask them to: `slotgate controls give {overdue[0].owed_id} --reason …`",
        )
    first = f", {_debt(owed[0])}" if owed else ""
    return Finding("owed", ok=True, words=f"{len(owed)} open, none overdue{first}")


def _debt(debt: OwedRow) -> str:
    what = f"number {debt.owed_id}: a {debt.kind.replace('_', ' ')} for revision {debt.revision}"
    return f"{what} from `{debt.operator_id}`, due {timestamp(debt.due_ns)}"


def drill(tx: Transaction, now_ns: int) -> Finding:
    """No drill was interrupted and left everything stopped."""
    newest, running = tx.revisions.newest(), tx.drills.running()
    if newest is None or not running:
        return Finding("drill", ok=True, words="none runs")
    last = running[-1]
    words = f"drill {last.drill_id} by `{last.actor_id}` began {timestamp(last.began_at_ns)}"
    if not newest.after["kill"]:
        return Finding("drill", ok=True, words=f"{words} and was interrupted; the kill was released since")
    if 0 <= now_ns - last.began_at_ns <= RESTORED_WITHIN_NS:
        return Finding("drill", ok=True, words=f"{words} and runs, or was interrupted: everything is stopped")
    return Finding(
        "drill",
        ok=False,
        words=f"{words} and was interrupted: everything is stopped since, nothing brings it back by itself",
        todo="`slotgate review` says whether the kill is confirmed, `slotgate unkill` asks for its release",
    )


def roll_back(tx: Transaction) -> Finding:
    """No ROLL BACK stands."""
    latched = tx.settings.get(LATCHED)
    if latched:
        return Finding(
            "roll back",
            ok=False,
            words=f"a ROLL BACK stands, nothing widens: {latched}",
            todo="narrow or kill, find the cause, then `slotgate ack --reason …`",
        )
    return Finding("roll back", ok=True, words="none stands")


def bad_outputs(tx: Transaction) -> Finding:
    """No output that a person found bad holds the revision in force."""
    newest = tx.revisions.newest()
    reported = () if newest is None else tx.bad_outputs.standing(newest.revision)
    if reported:
        first = reported[0]
        return Finding(
            "bad outputs",
            ok=False,
            words=f"{len(reported)} reported under this revision, which hold the rollout: job "
            f"`{first.job_id}` by `{first.reported_by}`, {first.reason}",
            todo="mend the cause under a new revision, or take a report back: `slotgate report-bad JOBID "
            "--withdraw --reason …`",
        )
    return Finding("bad outputs", ok=True, words="none reported under this revision")
