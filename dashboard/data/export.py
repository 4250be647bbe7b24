"""A table as a file: CSV that no spreadsheet runs, NDJSON with every value as it is. Pure."""

import csv
import io
import json
from typing import Any

import pandas as pd

from schemas.spreadsheet import inert


def csv_of(frame: pd.DataFrame) -> bytes:
    """UTF-8 with a heading; missing values are empty cells, times are ISO 8601 in UTC."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([inert(str(name)) for name in frame.columns])
    for row in _rows(frame):
        writer.writerow([_cell(value) for value in row.values()])
    return out.getvalue().encode()


def ndjson_of(frame: pd.DataFrame) -> bytes:
    """One JSON object a row; missing values are null, times are ISO 8601 in UTC."""
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in _rows(frame))
    return "".join(lines).encode("utf-8", "surrogatepass")


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    return [
        dict(zip(names, map(_plain, row), strict=True)) for row in frame.itertuples(index=False, name=None)
    ]


def _plain(value: Any) -> Any:
    """A value that JSON knows."""
    if isinstance(value, pd.Timestamp):
        at = value if value.tzinfo is None else value.tz_convert("UTC")
        return f"{at.tz_localize(None).isoformat()}Z" if not pd.isna(at) else None
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, str | bool | int | float):
        return value
    return value.item() if hasattr(value, "item") else str(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    # A negative number is a number: only text can be a formula.
    return (
        str(value)
        if isinstance(value, bool | int | float)
        else inert(value if isinstance(value, str) else json.dumps(value))
    )
