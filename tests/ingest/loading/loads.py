"""A load in a test, and what is asked of its summary."""

import io
from pathlib import Path

from ingest.loading.load import Surroundings, load
from ingest.loading.summary import LoadSummary, SourceSummary
from ingest.store import TelemetryStore


def load_from(
    store: TelemetryStore, *paths: Path, stdin: bytes = b"", spool: Path | None = None
) -> LoadSummary:
    summary = load(store, paths, None, surroundings=Surroundings(io.BytesIO(stdin), lambda: 1, spool))
    assert summary.is_balanced
    return summary


def only(summary: LoadSummary) -> SourceSummary:
    (one,) = summary.sources
    return one


def numbers(summary: LoadSummary) -> tuple[int, int, int, int]:
    counts = summary.counts
    return counts.lines, summary.accepted, summary.duplicate, counts.quarantined
