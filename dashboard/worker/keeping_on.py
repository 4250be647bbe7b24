"""One task after the other: wait where there is none, and ever longer for a server that is not there."""

from collections.abc import Callable

from dashboard.errors import CallDenied, Unreachable
from dashboard.worker.working import IDLE_S, Came, Worker

_FIRST_S, _LONGEST_S = 0.5, 30.0
_TRIES_OF_ONE = 5
_WAITED_OUT = frozenset({"E_ROUTE_NOT_ALLOWED"})
"""What the owner of the home may take back at any time."""


def keep_on(worker: Worker, *, most: int | None, jitter: Callable[[], float]) -> None:
    """Work until asked to end, or for at most so many claims.

    `jitter` gives numbers from 0 to 1, so that many workers do not come back at once. Raises `CallDenied`
    where the server will not have us, and `Unreachable` when `most` is given and it does not answer.
    """
    failures, claims = 0, 0
    while worker.asked_to_end() is None and (most is None or claims < most):
        try:
            came = worker.once()
        except Unreachable as error:
            failures += 1
            if most is not None and failures >= _TRIES_OF_ONE:
                raise
            worker.say(str(error))
            worker.pause(_backoff(failures) * (0.5 + jitter() / 2))
            continue
        except CallDenied as denied:
            if denied.code not in _WAITED_OUT or most is not None:
                raise
            failures += 1
            worker.say(str(denied))
            worker.pause(_backoff(failures))
            continue
        failures, claims = 0, claims + 1
        if came is Came.NOTHING and most is None:
            worker.pause(IDLE_S * (0.5 + jitter() / 2))


def _backoff(failures: int) -> float:
    return float(min(_LONGEST_S, _FIRST_S * 2 ** min(failures - 1, 10)))
