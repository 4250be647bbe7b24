"""The chain for other programs: NDJSON that can be verified anywhere, CSV that no spreadsheet runs.

An NDJSON line is `{"leaf":…,"record":…}` with the record's canonical bytes, so that an export can
be verified without the store. In CSV every cell is quoted, and one that a spreadsheet could take
for a formula begins with an apostrophe.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from gates.store.rows import AuditRecord
from schemas.spreadsheet import inert

COLUMNS = (
    "seq",
    "time",
    "actor",
    "roles",
    "action",
    "target",
    "before",
    "after",
    "reason",
    "request_id",
    "outcome",
    "mode",
    "reason_codes",
    "environment",
    "late",
    "recorded_at",
    "v",
    "prev",
    "leaf",
)
_HEAD, _MIDDLE, _TAIL = b'{"leaf":"', b'","record":', b"}\n"
_BODY_AT = len(_HEAD) + 64 + len(_MIDDLE)


def ndjson(records: Iterable[AuditRecord]) -> Iterator[bytes]:
    """One line a record, its newline included."""
    for record in records:
        yield b"".join((_HEAD, record.leaf.encode(), _MIDDLE, record.body, _TAIL))


def from_ndjson(lines: Iterable[bytes]) -> Iterator[AuditRecord]:
    """The records of an export, numbered by their lines. What is no line of an export fits no hash."""
    for seq, line in enumerate(lines, 1):
        leaf = line[len(_HEAD) : len(_HEAD) + 64]
        if line == b"".join((_HEAD, leaf, _MIDDLE, line[_BODY_AT:-2], _TAIL)):
            yield AuditRecord(seq, line[_BODY_AT:-2], leaf.decode("ascii", "replace"))
        else:
            yield AuditRecord(seq, line, "")


def write_csv(records: Iterable[AuditRecord], out: TextIO) -> None:
    """A heading and one row a record. Raises `OSError`."""
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for record in records:
        value = said(record)
        writer.writerow([_cell(record.leaf if name == "leaf" else value.get(name)) for name in COLUMNS])


def said(record: AuditRecord) -> dict[str, Any]:
    """What a record says. One that cannot be read says nothing but that; `verify` names it."""
    try:
        value = json.loads(record.body)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"seq": record.seq, "action": "(unreadable record)"}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        text = " ".join(value)
    elif isinstance(value, str):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return inert(text)
