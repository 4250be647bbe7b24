"""What a report says on top: among others what no line tells of."""

import json
from pathlib import Path

import pytest

from dashboard.cli.main import main
from ingest.loading.load import load
from ingest.store import TelemetryStore
from ingest.store.gaps import Gap, record_gap
from tests.ingest.stored import cri

AT_NS = 1_795_227_773_000_000_000


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """One log was read; of seven others the end went before that."""
    (tmp_path / "app.log").write_bytes(cri(1))
    with TelemetryStore.open(tmp_path / "home" / "telemetry.duckdb") as store:
        load(store, [tmp_path / "app.log"], None)
        with store.transaction() as cursor:
            for number in range(7):
                record_gap(cursor, Gap(1, f"/log/{number}", 1_000, 1_500, AT_NS + number * 10**9, "removed"))
            record_gap(cursor, Gap(1, "/log/filled", 0, len(cri(1)), AT_NS, "truncated"))
    return tmp_path / "home"


def test_what_went_before_it_was_read_is_on_top(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--home", str(home)]) == 0
    said = capsys.readouterr().out
    assert "MISSING: 3,500 bytes of logs, gone before they were read; where a copy is left, load it\n" in said
    first = "  `/log/0` was removed before bytes 1,000 to 1,500 were read, seen 2026-11-21T02:22:53Z\n"
    assert first in said
    assert "  and 2 more (--json lists all)\n" in said
    assert "/log/filled" not in said


def test_a_report_since_then_names_what_was_noticed_since(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--home", str(home), "--json", "--since", "2026-11-21T02:22:59Z"]) == 0
    gaps = json.loads(capsys.readouterr().out)["gaps"]
    assert gaps == [
        {"name": "/log/6", "cause": "removed", "from": 1_000, "to": 1_500, "at": "2026-11-21T02:22:59Z"}
    ]
