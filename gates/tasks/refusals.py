"""What of denials goes into the audit chain: each kind at most once a minute, with how often it was.

A caller that tries again and again must not fill the chain, nor keep others from writing.
"""

from threading import Lock

from gates.controls.instant import Clock
from gates.store.port import Transaction
from gates.store.rows import AuditEntry
from gates.tasks.describing import context_of
from gates.tasks.policy.asked import Case
from gates.tasks.policy.decided import TaskFinding
from gates.tasks.policy.judging import outcome_of
from schemas.instant import SECOND

EVERY_NS = 60 * SECOND
_MOST_KINDS = 1_000
_LONGEST_TARGET = 200

Kind = tuple[str, ...]


class Recurring:
    """Counts per kind. Threads may share one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: dict[Kind, tuple[int, int]] = {}
        self._lock = Lock()

    def due(self, kind: Kind) -> int | None:
        """How often it was since it was last recorded, this time too; None while it is too early again."""
        now_ns = self._clock()
        with self._lock:
            at_ns, count = self._last.get(kind, (now_ns - EVERY_NS, 0))
            if 0 <= now_ns - at_ns < EVERY_NS:
                self._last[kind] = (at_ns, count + 1)
                return None
            if len(self._last) >= _MOST_KINDS:
                self._last.clear()
            self._last[kind] = (now_ns, 0)
            return count + 1


def record(tx: Transaction, case: Case, findings: tuple[TaskFinding, ...], recurring: Recurring) -> None:
    """Write down what the policy denies or would deny, unless the same was just written down."""
    kept = tuple(one for one in findings if one.on_record)
    codes = tuple(one.code.value for one in kept)
    ask, outcome = case.ask, outcome_of(kept, case.terms.mode)
    times = recurring.due((ask.actor.actor_id, ask.action.value, outcome.value, *codes)) if codes else None
    if times is None:
        return
    tx.audit.append(
        AuditEntry(
            time_ns=case.now_ns,
            actor=ask.actor.actor_id,
            roles=tuple(sorted(ask.actor.roles)),
            action=f"task {ask.action}",
            target=(ask.path if case.view is None else case.view.task_id)[:_LONGEST_TARGET],
            after={"times": times, **context_of(case, kept)},
            outcome=outcome.value,
            mode=case.terms.mode.value,
            reason_codes=codes,
            environment=tx.settings.get("environment"),
        )
    )
