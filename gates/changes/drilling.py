"""The drill of the kill: engage it, have telemetry confirm it, bring exactly the same controls back.

    reviewed, recorded   →   mark, kill   →   wait for telemetry   →   reviewed again   →   restored
                                          any doubt, a crash or a real kill: it stays killed

The mark in the home tells a real kill that what it finds is a drill's: it then publishes its own
revision, so that the drill cannot take back what somebody else stopped meanwhile.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from gates.changes.answers import Answer
from gates.changes.content import DRILL, Terms, drill_content
from gates.changes.desk import Desk
from gates.changes.effects import bring_back, judged_for_apply
from gates.changes.gathering import newest_revision
from gates.changes.reconciling import reconcile
from gates.changes.recording import Deed, record
from gates.changes.requests import known, opened, outdated
from gates.controls.checked import in_words
from gates.errors import GateError, HomeError, InvalidChange, RequestConflict, StoreError
from gates.kill import Stopped, stop
from gates.policy.intent import Actor, DrillChange, DrillRun, Moment
from gates.policy.rules.drills import RESTORED_WITHIN_NS
from gates.policy.values import control_values
from gates.store.port import Transaction
from gates.store.review_rows import DrillRow, DrillState
from gates.store.rows import RequestState, RevisionKind
from gates.verdict.evidence import KillState
from gates.verdict.verdict import KillConfirmation
from schemas.instant import SECOND

Confirm = Callable[[], KillConfirmation]
"""What telemetry says of the newest kill, now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How a drill waits: a look every `every_s` seconds, for at most `for_s`; `sleep` takes seconds."""

    sleep: Callable[[float], None]
    for_s: float = 600.0
    every_s: float = 1.0


class Drilling:
    """The part of the change service that drills."""

    _desk: Desk

    def propose_drill(self, actor: Actor, terms: Terms) -> Answer:
        """Ask for a drill over the controls in force; it is approved like a widening, then run."""
        with self._desk.store.begin() as tx:
            newest = newest_revision(tx)
            content = drill_content(newest.after, terms)
            judged = self._desk.judge(
                tx,
                actor,
                Moment.PROPOSE,
                DrillChange(restores=control_values(newest.after)),
                row=None,
                base_revision=newest.revision,
                terms=terms,
                content=content,
            )
            return opened(self._desk, tx, judged, DRILL, content, terms)

    def run_drill(self, actor: Actor, number: int, confirm: Confirm, patience: Patience) -> Answer:
        """Run the approved drill `number`. Whatever goes wrong leaves the kill on, and that is recorded.

        Raises `UnknownEntry`, `InvalidChange`, `RequestConflict`, and what a change raises.
        """
        begun = _begin(self._desk, actor, number)
        if isinstance(begun, Answer):
            return begun
        try:
            killed = _kill(self._desk, actor, begun)
            confirmed = _confirmed(self._desk, killed, confirm, patience)
            return _restore(self._desk, actor, confirmed)
        except (GateError, KeyboardInterrupt) as error:
            with suppress(GateError):
                _end(self._desk, actor, begun.drill_id, DrillState.LEFT_KILLED, str(error) or "interrupted")
            raise
        finally:
            with suppress(OSError):
                self._desk.home.drilling.unlink(missing_ok=True)

    def drills(self) -> tuple[DrillRow, ...]:
        """Every drill, oldest first; one that still runs long after it began was interrupted."""
        with self._desk.store.read() as tx:
            return tx.drills.all()

    def last_tested_rollback(self) -> DrillRow | None:
        """The newest drill whose kill telemetry confirmed and whose controls came back, or null."""
        restored = (one for one in reversed(self.drills()) if one.state is DrillState.RESTORED)
        return next(restored, None)


def _begin(desk: Desk, actor: Actor, number: int) -> Answer | DrillRow:
    """Review the request as it stands, mark the home, and note that the drill begins."""
    with desk.turn():
        reconcile(desk)
        with desk.store.begin() as tx:
            if (kind := known(tx, number).kind) != DRILL:
                raise InvalidChange(f"request {number} is of kind `{kind}`, propose a drill first")
            row, judged = judged_for_apply(desk, tx, actor, number)
            if not judged.decision.allow:
                words, mode = f"refused; request {number} was not run", judged.state.mode
                return Answer(decision=judged.decision, mode=mode, words=words, request=number)
            over = outdated(desk, tx, row, judged)
            if over is None:
                _mark(desk)
                _close_interrupted(tx, judged.now_ns)
                desk.record(tx, judged, "drill", target=DRILL, request=number)
                drill_id = tx.drills.begin(
                    request_number=number,
                    actor_id=actor.actor_id,
                    base_revision=row.base_revision,
                    at_ns=judged.now_ns,
                )
                begun = tx.drills.get(drill_id)
        if over is not None or begun is None:
            raise RequestConflict(over or f"request {number} cannot be run; propose the drill anew")
        return begun


def _close_interrupted(tx: Transaction, at_ns: int) -> None:
    """A drill that still runs although the kill is off again was interrupted, and released by people."""
    for old in tx.drills.running():
        ended = replace(old, state=DrillState.LEFT_KILLED, ended_at_ns=at_ns, words="interrupted")
        tx.drills.put(ended)


def _mark(desk: Desk) -> None:
    path = desk.home.drilling
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))
    except OSError as error:
        raise HomeError(
            f"cannot mark the drill in `{path}`: {in_words(error)}; make it writable, nothing was stopped"
        ) from error


def _kill(desk: Desk, actor: Actor, drill: DrillRow) -> DrillRow:
    """Stop, and write down which revision did; null where what was stopped is not what was to be drilled."""
    with desk.store.read() as tx:
        base = tx.revisions.get(drill.base_revision)
    stopped, intent_id = stop(desk.home, desk.clock), desk.ids()
    late = record(desk.store, desk.publisher, desk.late, _deed(actor, drill, stopped), intent_id)
    with desk.store.begin() as tx:
        newest = newest_revision(tx)
        ours = late is None and newest.intent_id == intent_id and newest.after == stopped.after
        exact = base is not None and stopped.before == base.after
        killed = replace(
            drill,
            kill_revision=newest.revision if ours and exact else None,
            killed_at_ns=stopped.at_ns if stopped.killed else None,
            words="",
        )
        tx.drills.put(killed)
    return killed


def _deed(actor: Actor, drill: DrillRow, stopped: Stopped) -> Deed:
    return Deed(
        action="drill kill" if stopped.killed else "drill kill failed",
        actor_id=actor.actor_id,
        roles=tuple(sorted(actor.roles)),
        reason="drill",
        at_ns=stopped.at_ns,
        kind=RevisionKind.KILL,
        before=stopped.before,
        after=stopped.after if stopped.by == "publish" else None,
        outcome=None,
        codes=(),
        described={"drill": drill.drill_id, "by": stopped.by, "readBack": stopped.read_back},
    )


def _confirmed(desk: Desk, drill: DrillRow, confirm: Confirm, patience: Patience) -> DrillRow:
    """Wait until telemetry confirms the kill or breaks with it, somebody else acts, or time is up."""
    killed_at_ns = drill.killed_at_ns
    if drill.kill_revision is None or killed_at_ns is None:
        return drill
    left = desk.publisher.in_force().document
    limit_ns = min(round(patience.for_s * SECOND), RESTORED_WITHIN_NS)
    said = "telemetry was not asked"
    for _ in range(max(1, ceil(patience.for_s / patience.every_s))):
        found = _asked(confirm)
        said = found if isinstance(found, str) else found.sentence
        if not isinstance(found, str) and found.state is KillState.CONFIRMED:
            return replace(drill, confirmed_at_ns=desk.clock(), words=said)
        if not isinstance(found, str) and found.state is KillState.BREACHED:
            break
        if desk.publisher.in_force().document != left or desk.clock() - killed_at_ns >= limit_ns:
            break
        patience.sleep(patience.every_s)
    return replace(drill, words=said)


def _asked(confirm: Confirm) -> KillConfirmation | str:
    try:
        return confirm()
    except Exception as error:  # noqa: BLE001  whatever fails to answer does not confirm
        return f"telemetry could not be asked: {error}"


def _restore(desk: Desk, actor: Actor, drill: DrillRow) -> Answer:
    """Review the way back, and take it."""
    run = DrillRun(
        base_revision=drill.base_revision,
        kill_revision=-1 if drill.kill_revision is None else drill.kill_revision,
        killed_at_ns=drill.killed_at_ns or 0,
        confirmed=drill.confirmed_at_ns is not None,
    )
    with desk.turn():
        answer = bring_back(desk, actor, drill.request_number, run)
    if answer.revision is None:
        why = "; ".join(finding.words for finding in answer.decision.findings)
        words = f"{why} ({drill.words})" if drill.words else why
        _end(desk, actor, drill.drill_id, DrillState.LEFT_KILLED, words, drill)
        return replace(answer, words=f"STILL STOPPED: {words}")
    try:
        ended = _end(
            desk, actor, drill.drill_id, DrillState.RESTORED, drill.words,
            replace(drill, restored_revision=answer.revision),
        )  # fmt: skip
    except StoreError as error:
        return replace(answer, late=f"{error}; the drill is not on record as a tested rollback")
    return replace(answer, words=f"{answer.words}; {_timings_in_words(ended)}")


def _end(
    desk: Desk, actor: Actor, drill_id: int, state: DrillState, words: str, known_now: DrillRow | None = None
) -> DrillRow:
    """Close the drill and its request, on record."""
    with desk.store.begin() as tx:
        row = known_now or tx.drills.get(drill_id)
        if row is None:
            raise AssertionError("a drill that began is kept")
        ended = replace(row, state=state, ended_at_ns=desk.clock(), words=words)
        tx.drills.put(ended)
        request = known(tx, ended.request_number)
        if request.closed_at_ns is None:
            restored = state is DrillState.RESTORED
            closed = RequestState.APPLIED if restored else RequestState.VOIDED
            because = None if restored else "the drill left the kill on"
            by, at_ns = actor.actor_id, desk.clock()
            tx.requests.set_state(request.number, closed, by=by, at_ns=at_ns, because=because)
        after = {"drill": drill_id, "state": state.value, "words": words, **timings(ended)}
        desk.note(tx, actor.actor_id, "drill ends", target=DRILL, after=after, request=request.number)
    return ended


def timings(drill: DrillRow) -> dict[str, Any]:
    """The revisions of a drill, and seconds from its kill to the confirmation and to its end."""

    def after_kill(at_ns: int | None) -> float | None:
        kill_ns = drill.killed_at_ns
        return None if at_ns is None or kill_ns is None else round((at_ns - kill_ns) / SECOND, 3)

    return {
        "baseRevision": drill.base_revision,
        "killRevision": drill.kill_revision,
        "restoredRevision": drill.restored_revision,
        "confirmedAfterSeconds": after_kill(drill.confirmed_at_ns),
        "endedAfterSeconds": after_kill(drill.ended_at_ns),
    }


def _timings_in_words(drill: DrillRow) -> str:
    found = timings(drill)
    return (
        f"confirmed {found['confirmedAfterSeconds']:.1f} s after the kill, back after "
        f"{found['endedAfterSeconds']:.1f} s: a tested rollback"
    )
