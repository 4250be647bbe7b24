"""What a transport says about one line, the same for all transports."""

from collections.abc import Iterator

from msgspec import Struct


class Message(Struct, frozen=True, gc=False):
    """One line's message, or one piece of it.

    `text` is what the program wrote, as bytes. `time_ns`: nanoseconds since 1970-01-01T00:00:00Z, None when
    the transport gives no usable time. `partial`: True when more pieces of the same line follow, False for
    the last or only piece, None where the transport has no pieces. `damaged`: the line begins like a JSON
    envelope and is not readable as one; `text` is then the envelope itself.
    """

    text: bytes
    time_ns: int | None = None
    stream: str | None = None
    container: str | None = None
    native_id: str | None = None
    partial: bool | None = None
    damaged: bool = False


class Several(Struct, frozen=True):
    """A line that carries more messages than one, in their order; each is a message of its own.

    There may be millions: each is made when it is asked for, once.
    """

    messages: Iterator[Message]
