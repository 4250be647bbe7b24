"""Which files outside the spool a telemetry file was loaded from."""

from dataclasses import dataclass
from pathlib import Path

from ingest.history.controls import HOME
from ingest.store import TelemetryStore
from ingest.store.catalog import read_catalog
from ingest.store.failures import in_words


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that was loaded by name. `by_home`: its lines follow the controls of the home, or none."""

    path: Path
    by_home: bool


def named_files(store: TelemetryStore) -> tuple[NamedFile, ...]:
    """The newest place of each imported file, sorted. Raises `StoreDamaged` and other `StoreError`s."""
    with in_words(store.path), store.cursor() as cursor:
        catalog = read_catalog(cursor)
    found = {
        known.stat.path: catalog.sources[known.source_id].history_id in (HOME, None)
        for known in catalog.files.values()
        if catalog.sources[known.source_id].trust == "imported"
    }
    return tuple(NamedFile(Path(path), by_home) for path, by_home in sorted(found.items()))
