"""`POST /ofrep/v1/evaluate/flags`: whether the model may be called for a job, by the controls of this moment.

It changes nothing and keeps nothing. What cannot be known is an answer, not an error: false, with the cause
in its reason (ADR 158). Its threads are its own: however many ask, the stop does not wait for them.
"""

from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.body import at_most, media_type
from dashboard.api.ofrep import answers
from dashboard.api.ofrep.question import MOST_BYTES, Unparsable, question_of
from dashboard.api.problem import Refused, problem
from dashboard.api.reader import require_reader
from dashboard.auth.access import Access
from dashboard.auth.threads import Threads
from gates.controls.reader import ControlFile
from gates.flag import KEY, Resolution, Unusable, resolve

_THREADS = 4
Found = Resolution | Unusable | Unparsable


class EvaluationCalls:
    """The evaluations of one home, straight from its control file."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._controls = ControlFile(access.home.control_file, clock=access.clock)
        self._threads = Threads(_THREADS)

    async def one(self, request: Request) -> Response:
        """One flag by its key."""
        try:
            found = await self._asked(request)
        except Refused as why:
            return answers.refused(why)
        key = str(request.path_params["key"])
        return answers.evaluated(found) if key == KEY else answers.no_such_flag(key)

    async def all(self, request: Request) -> Response:
        """Every flag there is: this one. With `If-None-Match`, only where something changed."""
        try:
            found = await self._asked(request)
        except Refused as why:
            return answers.refused(why)
        return answers.bulk(found, ",".join(request.headers.getlist("if-none-match")))

    async def nothing_else(self, request: Request) -> Response:
        """Every other path and method below the protocol's: 404, and no page."""
        try:
            await self._threads.run(require_reader, self._access, request)
        except Refused as why:
            return answers.refused(why)
        return problem(
            Refused(404, "no-such-call", "flags are evaluated by POST to /ofrep/v1/evaluate/flags")
        )

    async def _asked(self, request: Request) -> Found:
        body = await at_most(request, MOST_BYTES)
        return await self._threads.run(self._found, request, body)

    def _found(self, request: Request, body: bytes | None) -> Found:
        require_reader(self._access, request)
        question = question_of(media_type(request), body)
        if isinstance(question, Unparsable):
            return question
        return resolve(self._controls.current(), question.context)
