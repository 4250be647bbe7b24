"""How far long work is, on stderr: on a terminal a bar, elsewhere a line now and then.

Both only where it takes long, so that what is quick stays quiet. Stdout is left alone. Ctrl-C ends the work
where it tells how far it is: anywhere else DuckDB would answer a query with an error of its own.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

from dashboard.cli.output import complain, harmless
from dashboard.cli.progress_words import in_words, outcomes, pace, share
from ingest.errors import WorkStopped
from ingest.progress import HowFar, Tell, silent

LINES_APART_S = 10.0
PATIENCE_S = 2.0
"""So long nobody wonders whether Ctrl-C was heard."""

_AGAIN = "Ctrl-C was heard and ends the work behind what is under way; a second one ends it at once"
_BAR_AFTER_S, _FRAMES_APART_S = 0.5, 0.1
_WHOLE = 1_000


@contextmanager
def shown_progress(stopped: str) -> Iterator[Tell]:
    """Yield what long work tells. Ended by Ctrl-C, it says `stopped`: what stands, and how to go on.

    The first one raises `WorkStopped` through the work when it tells next, a second one `KeyboardInterrupt`
    wherever it is. For the main thread.
    """
    said = f"stopped: {stopped}"
    before = signal.getsignal(signal.SIGINT)
    with ExitStack() as held:
        ending = Ending(_shown(held), said, before)
        signal.signal(signal.SIGINT, ending.on_interrupt)
        held.callback(ending.over)
        held.callback(signal.signal, signal.SIGINT, before)
        try:
            yield ending
        except WorkStopped as error:  # a server that ended it says so in its own words
            raise WorkStopped(said) from error
        except KeyboardInterrupt:
            complain(said)
            raise
        except RuntimeError as error:
            if not ending.is_wanted or "interrupted" not in str(error):  # DuckDB's word for Ctrl-C
                raise
            complain(said)
            raise KeyboardInterrupt from error


class Ending:
    """Shows what is told, until somebody wants the work to end: then it says why it ends.

    Of work that still goes on `patience_s` later, as what waits for its turn does, it says how to end it.
    """

    def __init__(
        self, shown: Tell, said: str, before: "signal._HANDLER", patience_s: float = PATIENCE_S
    ) -> None:
        self.is_wanted = False
        self.hint = threading.Timer(patience_s, complain, [_AGAIN])
        self.hint.daemon = True
        self._shown = shown
        self._said = said
        self._before = before

    def __call__(self, far: HowFar) -> None:
        """The port: `ingest.progress.Tell`."""
        if self.is_wanted:
            raise WorkStopped(self._said)
        self._shown(far)

    def on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """The first SIGINT; the next does what it did before."""
        self.is_wanted = True
        signal.signal(signal.SIGINT, self._before)
        self.hint.start()

    def over(self) -> None:
        """The work has ended, one way or the other."""
        self.hint.cancel()


def _shown(held: ExitStack) -> Tell:
    if sys.stderr is None:
        return silent
    if sys.stderr.isatty():
        return Bar(held, time.monotonic)
    return Lines(complain, time.monotonic)


class _Part:
    """The part of the work that goes on: where counting began, when, and how far it was last."""

    def __init__(self) -> None:
        self._began: tuple[float, HowFar] | None = None
        self._last: HowFar | None = None

    def so_far(self, far: HowFar, now: float) -> tuple[HowFar, float]:
        """What was told first of the part that `far` is of, and how many seconds ago."""
        if self._began is None or self._last is None or _is_another_part(self._last, far):
            self._began = now, far
        self._last = far
        began_at, first = self._began
        return first, now - began_at


class Lines:
    """Says a line every ten seconds, the first after ten. `clock` is in seconds."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._say = say
        self._clock = clock
        self._part = _Part()
        self._said_at: float | None = None

    def __call__(self, far: HowFar) -> None:
        """The port: `ingest.progress.Tell`."""
        now = self._clock()
        first, seconds = self._part.so_far(far, now)
        if self._said_at is None:
            self._said_at = now
        if now - self._said_at >= LINES_APART_S:
            self._said_at = now
            self._say(f"{far.work.value}: {in_words(first, far, seconds)}")


class Bar:
    """A bar from half a second on, gone at the end of `held`."""

    def __init__(self, held: ExitStack, clock: Callable[[], float]) -> None:
        self._held = held
        self._clock = clock
        self._part = _Part()
        self._drawn_at: float | None = None
        self._draw: Callable[[HowFar, str], None] | None = None

    def __call__(self, far: HowFar) -> None:
        """The port: `ingest.progress.Tell`."""
        now = self._clock()
        first, seconds = self._part.so_far(far, now)
        if self._drawn_at is None:
            self._drawn_at = now + _BAR_AFTER_S - _FRAMES_APART_S
        if now - self._drawn_at < _FRAMES_APART_S:
            return
        self._drawn_at = now
        if self._draw is None:
            self._draw = _begin(self._held)
        words = (pace(first, far, seconds), outcomes(far))
        self._draw(far, harmless("\n".join(filter(None, words))))  # two lines: a terminal is narrow


def _is_another_part(last: HowFar, far: HowFar) -> bool:
    """Whether counting began anew: what was done before says nothing of how fast this is."""
    return last.unit is not far.unit or far.done < last.done


def _begin(held: ExitStack) -> Callable[[HowFar, str], None]:
    """What draws the bar; rich is imported only for somebody who waits and looks."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    said: Any = TextColumn("{task.fields[said]}", markup=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=12), said)
    bar = held.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
    task = bar.add_task("", total=None, said="")

    def draw(far: HowFar, words: str) -> None:
        done = share(far)
        total, completed = (None, 0) if done is None else (_WHOLE, round(done * _WHOLE))
        bar.update(task, description=far.work.value, total=total, completed=completed, said=words)

    return draw
