"""Copy what the command writes: on to where it would have gone, and to who listens. No work per line.

One thread a stream, so that a reader who does not read one of them holds back that one alone, as without
us. When the reader has gone, our end of the pipe is closed, and the command's next write fails as it would.
"""

import os
import select
from collections.abc import Callable
from threading import Thread

from gates.executor.exec.streams import PIPE_BYTES, Stream
from gates.executor.streams import write_all

Listener = Callable[[bytes], None]


class Copy:
    """Copies one stream from `start` to `finish`.

    `failure` is why the last write to the target failed, null when it did not; `is_strict`: after that
    nothing more is passed on. `is_open`: somebody could still write into the stream after `finish`.
    `is_mid_line`: what was passed on ends within a line. `listener` gets every piece after it was passed
    on, and must not raise.
    """

    def __init__(self, stream: Stream, listener: Listener, *, is_strict: bool) -> None:
        self.stream = stream
        self.failure: OSError | None = None
        self.is_open = True
        self.is_mid_line = False
        self._listener = listener
        self.is_strict = is_strict
        self._wake, self._waker = os.pipe()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Copy in the background."""
        self._thread = Thread(target=self._run, args=(self._wake,), daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Copy what has been written up to now, and stop."""
        os.close(self._waker)
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def linger(self) -> None:
        """Go on in this thread until nobody can write any more."""
        if self.is_open:
            self._run(None)

    def _run(self, wake: int | None) -> None:
        source = self.stream.ours
        poll = select.poll()
        poll.register(source, select.POLLIN)
        if wake is not None:
            poll.register(wake, select.POLLIN)
        while self.is_open:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if source in ready:
                self._pass_on()
            elif wake in ready:  # and nothing to read: that was all
                return

    def _pass_on(self) -> None:
        try:
            piece = os.read(self.stream.ours, PIPE_BYTES)
        except OSError:  # how the terminal of ours says that nobody has it open any more
            piece = b""
        if not piece:
            self._close()
            return
        gone = False
        try:
            write_all(self.stream.target, piece)
            self.is_mid_line = not piece.endswith(b"\n")
        except OSError as error:
            self.failure = error
            # A full disk: of stderr a part is lost, and that is all; of a result the rest is worth nothing.
            gone = isinstance(error, BrokenPipeError) or self.is_strict
        self._listener(piece)
        if gone:
            self._close()

    def _close(self) -> None:
        self.is_open = False
        os.close(self.stream.ours)
