"""`POST /api/v1/kill`: stop every AI call, as the person who asks.

It waits for nothing that may be broken: the session is a file or a signed cookie, the stop is the
control file alone, and the record comes after the answer. Its threads are its own, so that sixty slow
requests do not stand before it. A second call changes nothing and says so.
"""

from dataclasses import dataclass

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.mutation import body_of, require_meant, text_of
from dashboard.api.problem import Refused, answer, problem
from dashboard.api.who import SHELL, peer, required
from dashboard.auth.access import Access
from dashboard.auth.threads import Threads
from dashboard.auth.visitor import Visitor
from gates.changes.killing import record_kill
from gates.controls.instant import timestamp
from gates.errors import GateError
from gates.kill import Stopped, stop
from gates.store.rows import AuditEntry, OwedKind, TokenScope

_THREADS = 8
LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class LastStop:
    """The newest stop that this process carried out."""

    operator_id: str
    at_ns: int
    revision: int | None


class KillCalls:
    """The calls about the kill of one home."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._threads = Threads(_THREADS)
        self.last: LastStop | None = None

    async def kill(self, request: Request) -> Response:
        """Stop. 200 when it was read back as stopped, 500 with `slotgate kill` named when not."""
        try:
            require_meant(request, self._access.door)
            reason = text_of(await body_of(request), "reason", LONGEST_REASON)
            visitor = await self._threads.run(self._entitled, request)
        except Refused as refused:
            more = {"killed": False, "by": None, "revision": None, "took_ms": 0.0, "read_back": None}
            return problem(refused, more)
        stopped = await self._threads.run(stop, self._access.home)
        if stopped.killed and not stopped.already:
            self.last = LastStop(visitor.operator_id, stopped.at_ns, stopped.revision)
        response = told(stopped, visitor.operator_id)
        response.background = BackgroundTask(self._record, stopped, visitor, reason)
        return response

    async def reason(self, request: Request) -> Response:
        """Say afterwards why; it stops nothing."""
        try:
            require_meant(request, self._access.door)
            reason = text_of(await body_of(request), "reason", LONGEST_REASON)
            visitor = await self._threads.run(self._entitled, request)
            if reason is None or not reason.strip():
                raise Refused(400, "wrong-field", "say why in `reason`")
            await self._threads.run(self._give, visitor, reason.strip())
        except Refused as refused:
            return problem(refused)
        return answer({"given": True, "by": visitor.operator_id})

    async def _record(self, stopped: Stopped, visitor: Visitor, reason: str | None) -> None:
        """After the answer; what the store cannot take is kept in the home's `late` folder."""

        def recorded() -> None:
            record_kill(
                self._access.home,
                stopped,
                by=visitor.operator_id,
                reason=reason,
                clock=self._access.clock,
                place=self._access.place,
            )

        await self._threads.run(recorded)

    def _entitled(self, request: Request) -> Visitor:
        visitor = required(self._access, request, TokenScope.KILL)
        if not visitor.may_stop:
            self._access.notes.refusal(
                visitor.operator_id, "kill refused", "controls", f"lacks the role, from {peer(request)}"
            )
            raise Refused(
                403,
                "role-missing",
                f"to stop takes the role oncall or engineering_owner: call the rota; {SHELL}",
            )
        return visitor

    def _give(self, visitor: Visitor, reason: str) -> None:
        now_ns = self._access.clock()
        try:
            with self._access.directory.store().begin() as tx:
                owed = [debt for debt in tx.owed.open() if debt.kind is OwedKind.REASON]
                if not owed:
                    raise Refused(409, "nothing-owed", "no reason is owed: it was given before")
                for debt in owed:
                    tx.owed.give(debt.owed_id, by=visitor.operator_id, at_ns=now_ns, text=reason)
                tx.audit.append(
                    AuditEntry(
                        time_ns=now_ns,
                        actor=visitor.operator_id,
                        roles=tuple(sorted(visitor.roles)),
                        action="give owed",
                        target=", ".join(str(debt.owed_id) for debt in owed),
                        reason=reason,
                        mode=tx.settings.get("mode"),
                        environment=tx.settings.get("environment"),
                    )
                )
        except (GateError, OSError) as error:
            raise Refused(503, "store-unusable", f"it cannot be written down: {error}") from error


def told(stopped: Stopped, operator_id: str) -> Response:
    """What is said of a stop: what was read back, never what was meant."""
    body = {
        "killed": stopped.killed,
        "by": stopped.by,
        "revision": stopped.revision,
        "took_ms": round(stopped.took_ms, 3),
        "read_back": stopped.read_back,
        "already": stopped.already,
        "actor": operator_id,
        "at": timestamp(stopped.at_ns),
    }
    if stopped.killed:
        return answer(body)
    failed = Refused(500, "not-stopped", f"STOP FAILED: {stopped.read_back}; {SHELL}")
    return problem(failed, body)
