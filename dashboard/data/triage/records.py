"""What the record of changes says of a job: reports of bad outputs, audit records that name it."""

import re
import time
from typing import Any

from gates.store.audit.export import said
from gates.store.port import Audit

MOST = 50
MOST_LOOKED_AT = 20_000
SECONDS = 1.5


def naming(audit: Audit, job_id: str) -> tuple[tuple[dict[str, Any], ...], bool]:
    """The newest audit records that name the job, and whether all of the chain was looked through."""
    # Records show what a job id has of invisible characters as escapes, and cut a long one.
    printable = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in job_id[:150])
    needle = printable.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "replace")
    named = re.compile(rb"(?<![\w-])" + re.escape(needle) + (rb"(?![\w-])" if len(job_id) <= 150 else b""))
    found: list[dict[str, Any]] = []
    end = time.monotonic() + SECONDS
    for looked, record in enumerate(audit.backwards()):
        if len(found) == MOST or looked == MOST_LOOKED_AT or (looked % 256 == 255 and time.monotonic() > end):
            return tuple(found), False
        if needle in record.body and named.search(record.body):
            found.append({**said(record), "seq": record.seq})
    return tuple(found), True
