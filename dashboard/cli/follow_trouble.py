"""While a follower can store nothing, as on a full disk, or say nothing: told once, and it goes on."""

from collections.abc import Callable
from typing import Generic, TypeVar

from dashboard.cli.output import complain
from gates.errors import HomeError
from ingest.errors import IngestError
from ingest.follow.follower import UNREAD_SECONDS

Said = TypeVar("Said", contravariant=True)

_MEANWHILE = (
    "nothing is stored until then, and it is tried again every second, without a restart. New lines wait in "
    f"their files; one that is removed is held open for {UNREAD_SECONDS / 60:.0f} minutes"
)


class Trouble:
    """Why nothing can be stored at the moment, if so. `monotonic` in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began: float | None = None
        self._told: set[str] = set()
        self._exit_code = 0

    def because(self, error: IngestError) -> None:
        """A pass stored nothing. Each reason is told once for as long as it lasts."""
        if self._began is None:
            self._began = self._monotonic()
        self._exit_code = error.exit_code
        words = str(error)
        if words not in self._told:
            complain(words if self._told else f"{words}; {_MEANWHILE}")
            self._told.add(words)

    def over(self) -> None:
        """A pass came to its end."""
        if self._began is not None:
            seconds = self._monotonic() - self._began
            complain(f"lines are stored again, after {seconds:,.0f} s; what waited in its files is read now")
        self._began, self._exit_code = None, 0
        self._told.clear()

    def ended(self) -> int:
        """What the command ends with: as the last pass did. What still waits is told."""
        if self._began is not None:
            complain(
                "it ends while nothing can be stored: what waits in its files is read when it is started "
                "again, and what is removed before that is gone; mend what was said, then start it again"
            )
        return self._exit_code


class Spoken(Generic[Said]):
    """Hands on what is said, as long as stdout can be written: that it cannot be ends no following."""

    def __init__(self, say: Callable[[Said], None]) -> None:
        self._say: Callable[[Said], None] | None = say

    def __call__(self, said: Said) -> None:
        """Say it, if that can be."""
        if self._say is None:
            return
        try:
            self._say(said)
        except HomeError as error:
            self._say = None
            complain(f"{error}; lines are stored all the same, and no more is said there")
