"""`GET /api/v1/state`: whether the model can be reached now, straight from the control file."""

import time

from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.confirmation import Confirmations, described
from dashboard.api.kill import KillCalls
from dashboard.api.problem import Refused, answer, problem
from dashboard.api.who import caller
from dashboard.auth.access import Access
from dashboard.auth.threads import Threads
from dashboard.auth.visitor import Visitor, short
from dashboard.data.controls import ControlStrip, State
from dashboard.data.controls_file import read_strip
from gates.controls.instant import timestamp
from gates.controls.reader import ControlFile
from gates.errors import GateError
from gates.store.rows import TokenScope

_THREADS = 8
_KEPT_NOBODY_S = 10.0


class StateCalls:
    """The state of one home, for the stop panel."""

    def __init__(self, access: Access, kills: KillCalls, confirmations: Confirmations) -> None:
        self._access = access
        self._kills = kills
        self._confirmations = confirmations
        self._controls = ControlFile(access.home.control_file)
        self._threads = Threads(_THREADS)
        self._actors: dict[int, str] = {}
        self._asked_for: tuple[int, float] = (-1, 0.0)

    async def state(self, request: Request) -> Response:
        """The strip's facts, and who asks. Strangers are told to sign in."""
        try:
            return await self._threads.run(self._state, request)
        except Refused as refused:
            return problem(refused)

    def _state(self, request: Request) -> Response:
        visitor = caller(self._access, request, TokenScope.KILL, TokenScope.READ)
        if visitor is None and self._access.people:
            raise Refused(401, "not-signed-in", "sign in to see the state")
        strip = read_strip(self._controls, self._access.home.control_file)
        now_ns = self._access.clock()
        body = {
            "state": strip.state.value,
            "why": strip.why,
            "environment": strip.environment,
            "stage": strip.stage,
            "step": strip.step,
            "percent": strip.percent,
            "scope": strip.scope,
            "revision": strip.revision,
            "since": None if strip.since_ns is None else timestamp(strip.since_ns),
            "by": self._by(strip),
            "confirmation": described(self._confirmations(strip)),
            "at": timestamp(now_ns),
            "signIn": self._access.people,
            "you": None if visitor is None else _described(visitor),
        }
        return answer(body)

    def _by(self, strip: ControlStrip) -> str | None:
        """Who put these controls in force: of a kill only, and only where that is known without waiting."""
        last = self._kills.last
        if strip.state is State.UNKNOWN:
            return None
        if strip.state is not State.KILLED or strip.revision is None:
            return None
        if last is not None and last.revision == strip.revision:
            return last.operator_id
        return self._actors.get(strip.revision) or self._looked_up(strip.revision)

    def _looked_up(self, revision: int) -> str | None:
        now = time.monotonic()
        if self._asked_for[0] == revision and now - self._asked_for[1] < _KEPT_NOBODY_S:
            return None
        self._asked_for = (revision, now)
        try:
            with self._access.directory.store().read() as tx:
                row = tx.revisions.get(revision)
        except (GateError, OSError):
            return None
        if row is not None:
            self._actors = {revision: row.actor_id}
        return None if row is None else row.actor_id


def _described(visitor: Visitor) -> dict[str, object]:
    return {
        "operator": visitor.operator_id,
        "name": visitor.label or short(visitor.operator_id),
        "mayStop": visitor.may_stop,
        "standing": visitor.standing.value,
        "expires": None if visitor.expires_ns is None else timestamp(visitor.expires_ns),
    }
