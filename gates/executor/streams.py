"""Standard input, output and error by their descriptors: bounded reads, whole writes, no surprises.

`sys.stdout` and `sys.stderr` are not used: they buffer, split writes and speak up again at exit.
"""

import os

from gates.errors import InvalidInput

STDIN, STDOUT, STDERR = 0, 1, 2
MAX_SPEC_BYTES = 8 << 20
_CHUNK = 1 << 16


def claim_descriptors() -> frozenset[int]:
    """Which of the three were closed; they are then held by the null device.

    A closed descriptor would be given to the next file or socket that is opened, and the telemetry
    line would be written into the control file or sent to the model.
    """
    closed = []
    for descriptor in (STDIN, STDOUT, STDERR):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
            closed.append(descriptor)
    return frozenset(closed)


def read_spec_bytes(descriptor: int = STDIN, limit: int = MAX_SPEC_BYTES) -> bytes:
    """Everything up to the end. Raises `InvalidInput` when it cannot be read or is too large."""
    pieces: list[bytes] = []
    size = 0
    while True:
        try:
            piece = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            _wait([descriptor], [], None)
            continue
        except OSError as error:
            reason = (error.strerror or "unknown error").lower()
            raise InvalidInput(f"stdin cannot be read: {reason}; give one job spec on stdin") from None
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise InvalidInput(f"the job spec on stdin is larger than {limit >> 20} MiB; give a smaller one")


def write_all(descriptor: int, data: bytes, patience_s: float | None = None) -> None:
    """Write every byte, in one `write` where the system takes it in one. Raises `OSError`.

    `patience_s` bounds each wait for a reader of a descriptor that another process made
    non-blocking; None waits as long as it takes, as a blocking descriptor would.
    """
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            if not _wait([], [descriptor], patience_s):
                raise


def _wait(readers: list[int], writers: list[int], seconds: float | None) -> bool:
    """Whether one of them got ready in time."""
    import select

    ready = select.select(readers, writers, [], seconds)
    return bool(ready[0] or ready[1])
