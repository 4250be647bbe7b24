"""Where a record stands: its source, the byte at which its line begins, and which record of the line it is.

That names it for ever, in quarantine and after it was taken in.
"""

import re
from dataclasses import dataclass
from typing import Self

_SPELLED = re.compile(r"(\d{1,9}):(\d{1,18}):(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class RecordPlace:
    """`line_offset` in bytes from the beginning of the (decompressed) source."""

    source_id: int
    line_offset: int
    record_index: int

    def __str__(self) -> str:
        return f"{self.source_id}:{self.line_offset}:{self.record_index}"

    @classmethod
    def of(cls, spelled: str) -> Self | None:
        """The place that `str` spells so, or None."""
        found = _SPELLED.fullmatch(spelled)
        return cls(int(found[1]), int(found[2]), int(found[3])) if found else None
