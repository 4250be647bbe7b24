"""Standard input whose reader is interrupted only while it waits.

Python raises `KeyboardInterrupt` wherever a program happens to be: between reading bytes and storing them,
or in a destructor or an import, where it is printed and forgotten, and the program waits on for ever.
"""

import io
import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@contextmanager
def interruptible(stream: BinaryIO) -> Iterator[BinaryIO]:
    """`stream`, read through its descriptor; nothing may have been read of it before.

    From the first read on, until the end of the context, the first SIGINT ends the wait of the read that is
    under way, or of the next, with a `KeyboardInterrupt`. A second one does at once what SIGINT did before.
    For the main thread.
    """
    with _Waiting(stream.fileno()) as waiting:
        yield io.BufferedReader(waiting)


class _Waiting(io.RawIOBase):
    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._told, self._tell = os.pipe()
        self._before: Any = None
        self._is_watching = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        if not self._is_watching:
            self._before = signal.signal(signal.SIGINT, self._on_interrupt)
            self._is_watching = True
        if self._told in select.select([self._descriptor, self._told], [], [])[0]:
            raise KeyboardInterrupt
        return os.readv(self._descriptor, [buffer])

    def close(self) -> None:
        if not self.closed:
            self._ignore_no_more()
            os.close(self._told)
            os.close(self._tell)
        super().close()

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._ignore_no_more()
        os.write(self._tell, b"!")

    def _ignore_no_more(self) -> None:
        if self._is_watching and signal.getsignal(signal.SIGINT) == self._on_interrupt:
            signal.signal(signal.SIGINT, self._before)
