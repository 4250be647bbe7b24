"""Cut a line into the JSON objects that it is: one, or several with nothing between them.

Amazon Data Firehose puts records behind each other and, unless asked to, nothing between them:
https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html. All begin with the same key, so a new one
begins where a brace closes and that beginning follows. Nowhere else can this stand in JSON: between values
there is a comma, and in a string the quote would be escaped.
"""

from collections.abc import Iterator

from ingest.lines import Part

OBJECT_LIMIT = 1 << 24
"""An object of more bytes comes in parts, and is not read as one."""


class ObjectSplitter:
    """Cuts one line that begins with `beginning`, given in pieces of any size, in bounded memory.

    `seam` is what stands where one object ends, with its first byte, and the next begins. An object of more
    than `limit` bytes comes as `HEAD`, `MORE` and `END`, any other as `WHOLE`.
    """

    def __init__(self, beginning: bytes, limit: int = OBJECT_LIMIT) -> None:
        self.seam = b"}" + beginning
        self._limit = limit
        self._begun = bytearray()
        self._looked = 0  # no seam begins before this
        self._is_long = False

    def feed(self, text: bytes) -> Iterator[tuple[Part, bytes]]:
        """The objects that `text` shows to be complete. To be consumed to its end."""
        self._begun += text
        while (found := self._begun.find(self.seam, self._looked)) >= 0:
            yield from self._complete(found + 1)
            self._looked = 0
        self._looked = max(0, len(self._begun) - len(self.seam) + 1)
        if self._is_long or len(self._begun) > self._limit + len(self.seam):
            yield from self._pass_on(self._looked)
            self._looked = 0

    def finish(self) -> Iterator[tuple[Part, bytes]]:
        """The last object: the line has ended."""
        yield from self._complete(len(self._begun))

    def _complete(self, end: int) -> Iterator[tuple[Part, bytes]]:
        if self._is_long or end > self._limit:
            yield from self._pass_on(end)
            self._is_long = False
            yield Part.END, b""
        else:
            yield Part.WHOLE, self._take(end)

    def _pass_on(self, end: int) -> Iterator[tuple[Part, bytes]]:
        part, self._is_long = Part.MORE if self._is_long else Part.HEAD, True
        yield part, self._take(end)

    def _take(self, end: int) -> bytes:
        taken = bytes(self._begun[:end])
        del self._begun[:end]
        return taken
