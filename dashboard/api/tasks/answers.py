"""What the service says, as answers over HTTP."""

from http import HTTPStatus
from typing import assert_never

from starlette.responses import JSONResponse, Response

from dashboard.api.problem import Refused, answer, problem
from gates.errors import GateError, ModeUnknown, StoreError
from gates.tasks.policy.decided import TaskReason
from gates.tasks.service import Done, NotDone

STATUS = {
    TaskReason.ROLE: HTTPStatus.FORBIDDEN,
    TaskReason.ROUTE_UNKNOWN: HTTPStatus.FORBIDDEN,
    TaskReason.ROUTE_NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    TaskReason.ACTION_TIER: HTTPStatus.FORBIDDEN,
    TaskReason.TASK_PAYLOAD: HTTPStatus.UNPROCESSABLE_ENTITY,
    TaskReason.TASK_SPEC: HTTPStatus.UNPROCESSABLE_ENTITY,
    TaskReason.TASK_EXISTS: HTTPStatus.CONFLICT,
    TaskReason.TASK_UNKNOWN: HTTPStatus.NOT_FOUND,
    TaskReason.TASK_TERMINAL: HTTPStatus.CONFLICT,
    TaskReason.NOT_CLAIMANT: HTTPStatus.CONFLICT,
    TaskReason.LEASE_EXPIRED: HTTPStatus.CONFLICT,
    TaskReason.ARTIFACT_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    TaskReason.ARTIFACT_KEPT: HTTPStatus.CONFLICT,
    TaskReason.NO_RESULT: HTTPStatus.CONFLICT,
}
_AGAIN = {"Retry-After": "1"}


def said(result: Done | NotDone) -> JSONResponse:
    """A change that was made, or the stable body of its denial."""
    match result:
        case Done(body, created):
            return answer(body, 201 if created else 200)
        case NotDone(denied, body):
            refused = Refused(STATUS[denied.finding.code], "task-denied", denied.finding.words)
            return problem(refused, body)
        case _:
            assert_never(result)


def failed(error: GateError | OSError) -> Response:
    """Something of the home cannot be used. Nothing was changed; where waiting may help it is said."""
    if isinstance(error, ModeUnknown):
        return problem(Refused(503, "mode-unknown", str(error)))
    if isinstance(error, StoreError | OSError):
        return problem(Refused(503, "store-unusable", f"nothing was changed: {error}", _AGAIN))
    return problem(Refused(422, "not-kept", f"nothing was changed: {error}"))
