"""Each command once, however often its click arrives.

A double click, two fragments and a page that reconnects may all send the same click. Each rendering of
a button carries a number of its own; whoever comes second with it waits, and gets the first one's outcome.
"""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock

from dashboard.commands.outcome import CommandOutcome

REMEMBERED = 2_000


class Once:
    """The outcomes of the newest commands of this process, by their numbers."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._outcomes: OrderedDict[str, Future[CommandOutcome]] = OrderedDict()
        self._lock = Lock()

    def do(self, number: str, deed: Callable[[], CommandOutcome]) -> CommandOutcome:
        """The outcome of `deed`, carried out now or before. Raises what it raises, and forgets it then."""
        with self._lock:
            found = self._outcomes.get(number)
            if found is None:
                mine: Future[CommandOutcome] = Future()
                self._outcomes[number] = mine
                while len(self._outcomes) > self._remembered:
                    self._outcomes.popitem(last=False)
        if found is not None:
            return found.result()
        try:
            outcome = deed()
        except BaseException as error:
            with self._lock:
                self._outcomes.pop(number, None)
            mine.set_exception(error)
            raise
        mine.set_result(outcome)
        return outcome
