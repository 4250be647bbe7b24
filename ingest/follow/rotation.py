"""What rotation makes of a file's name. Pure."""

import re

# A number, a date, a time, `old`: once or more often, then maybe the ending of a compressed file.
_NUMBER_OR_DATE = r"[.\-_](?:\d[\d\-_.:T]*Z?|old|bak|prev)"
_ADDED = re.compile(rf"(?:{_NUMBER_OR_DATE})*(?:\.gz|\.zst)?")


def is_rotated(name: str, of: str) -> bool:
    """Whether rotation may have named the file `of` so: `app.log` is `app.log.1` or `app.log-20261121.gz`."""
    return name != of and name.startswith(of) and _ADDED.fullmatch(name, len(of)) is not None
