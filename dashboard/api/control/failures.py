"""Errors as problem details. The first line of the table that fits an error says what it is to a program.

What the message of an error says is for people and may change; `type` and `status` are for programs.
"""

from dashboard.api.problem import Refused
from dashboard.errors import DashboardError, QueryTimeout
from gates import errors
from ingest.errors import IngestError
from schemas.errors import ContractError

KINDS: tuple[tuple[type[Exception], int, str], ...] = (
    (errors.NotSignedIn, 403, "role-missing"),
    (errors.UnknownEntry, 404, "unknown"),
    (errors.InvalidChange, 422, "invalid-change"),
    (ContractError, 422, "invalid-document"),
    (errors.InvalidCheckpoint, 422, "invalid-checkpoint"),
    (errors.InvalidEntry, 422, "invalid-text"),
    (errors.Conflict, 409, "conflict"),
    (errors.PublishConflict, 409, "conflict"),
    (errors.ChainBroken, 409, "chain-broken"),
    (errors.ModeUnknown, 503, "mode-unknown"),
    (errors.HomeError, 503, "home-unusable"),
    (errors.ExecutorError, 503, "executor-unusable"),
    (QueryTimeout, 503, "query-timeout"),
    (IngestError, 503, "telemetry-unusable"),
    (DashboardError, 503, "telemetry-unusable"),
    (errors.GateError, 503, "not-done"),
)
OURS = (errors.GateError, ContractError, IngestError, DashboardError)


def refusal_of(error: Exception) -> Refused:
    """The refusal that an error of ours is. Raises it again where it is none of ours."""
    for kind, status, word in KINDS:
        if isinstance(error, kind):
            return Refused(status, word, str(error))
    raise error
