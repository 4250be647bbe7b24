"""Tables as files: what a spreadsheet could run is inert, what a program reads is exact."""

import csv
import io
import json

import pandas as pd
import pytest

from dashboard.data.export import csv_of, ndjson_of

FRAME = pd.DataFrame(
    {
        "job": ["=1+1", 'a,b\n"c"', "ü"],
        "at": pd.to_datetime(
            pd.Series(["2026-11-21T03:00:00Z", None, "2026-11-21T03:00:00.5Z"]), format="ISO8601"
        ),
        "runs": [-3, 2, 1],
        "rate": [0.5, float("nan"), 1.0],
        "codes": [["A", "B"], None, []],
        "@cmd": [True, False, True],
    }
)


def test_csv_runs_nothing_and_keeps_numbers() -> None:
    rows = list(csv.reader(io.StringIO(csv_of(FRAME).decode())))
    assert rows[0] == ["job", "at", "runs", "rate", "codes", "'@cmd"]
    assert rows[1] == ["'=1+1", "2026-11-21T03:00:00Z", "-3", "0.5", '["A", "B"]', "True"]
    assert rows[2][:4] == ['a,b\n"c"', "", "2", ""]


def test_ndjson_gives_values_as_they_are() -> None:
    rows = [json.loads(line) for line in ndjson_of(FRAME).splitlines()]
    assert rows[0] == {
        "job": "=1+1",
        "at": "2026-11-21T03:00:00Z",
        "runs": -3,
        "rate": 0.5,
        "codes": ["A", "B"],
        "@cmd": True,
    }
    assert rows[1]["rate"] is None
    assert rows[1]["at"] is None


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"a": []})], ids=["none", "no-row"])
def test_an_empty_table_is_an_empty_file(frame: pd.DataFrame) -> None:
    assert ndjson_of(frame) == b""
    assert len(csv_of(frame).splitlines()) == 1
