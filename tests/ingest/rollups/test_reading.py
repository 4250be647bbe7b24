"""Lines of the first and the last moment that there is do not break what is asked of all time."""

from pathlib import Path

import pytest

from ingest.loading.load import load
from ingest.rollups.grain import Grain
from ingest.rollups.histograms import histograms
from ingest.rollups.reading import Span, counts, latencies
from ingest.rollups.rebuilding import rebuild_rollups
from tests.ingest.rollups.content import kept, recounted
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import record

MOMENTS = ("1677-09-21T00:12:44Z", "1969-12-31T23:59:59Z", "2026-11-21T02:00:00Z", "2262-04-11T23:47:16Z")


@pytest.mark.parametrize("is_folded", [False, True])
@pytest.mark.parametrize("grain", Grain)
def test_any_moment_can_be_asked_for(tmp_path: Path, grain: Grain, is_folded: bool) -> None:
    log = tmp_path / "some.log"
    log.write_text("".join(f"{moment} stderr F {record(1)}\n" for moment in MOMENTS) + record(2) + "\n")
    with open_store(tmp_path / "telemetry.duckdb") as store:
        load(store, [log], None)
        if is_folded:
            rebuild_rollups(store)
        assert kept(store, "rollup_minute") == recounted(store)
        with store.cursor() as cursor:
            asked = counts(None, grain, ("at_ns",))
            assert [lines for _, lines in cursor.execute(asked).fetchall()] == [1] * 5
            found = histograms(cursor.sql(latencies(None, grain, ("at_ns",))).to_arrow_table())
            assert found.runs.tolist() == [1] * 5
            since_1970 = counts(Span(0, 2**63 - 1), grain, ("path",))
            assert cursor.execute(since_1970).fetchall() == [("stub", 2)]
