"""Look whether a backup is whole and this slotgate can read it: before a restore, and whenever one likes."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dashboard.backup.contents import LeftOut, decided
from dashboard.backup.manifest import Manifest, StoreIs
from dashboard.backup.reading import Read, differences, read_through
from gates.errors import StoreError
from gates.home import Home
from gates.store.audit.keeper import known_heads
from gates.store.audit.verify import Broken, verify
from gates.store.copying import NEWEST_LAYOUT
from gates.store.store import Store
from ingest.progress import Tell, Work
from ingest.store.migrations import VERSION


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that was read to its end. `wrong` is empty where all of it is as it should be.

    `records` is how many the audit chain has, null where the store is not in the backup or cannot be used.
    """

    manifest: Manifest
    wrong: tuple[str, ...]
    records: int | None


def check_backup(backup: Path, tell: Tell) -> Checked:
    """Read all of `backup` and compare every digest; look at the layouts, and at the audit chain.

    A copy of the store alone is written, to be opened, and gone afterwards. Raises `BackupDamaged` for what
    is no backup, `BackupError` where it cannot be read, and what `tell` raises.
    """
    with TemporaryDirectory(prefix="slotgate-verify-") as scratch:
        store = Home(Path(scratch)).store

        def sink(path: str) -> Path | None:
            return store if path == store.name else None

        read = read_through(backup, sink, tell, Work.BACKUP)
        wrong = tuple(problems(read))
        if wrong or read.manifest.store is not StoreIs.HERE:
            return Checked(read.manifest, wrong, None)
        try:
            return _with_chain(read.manifest, store)
        except StoreError as error:
            return Checked(read.manifest, (str(error),), None)


def problems(read: Read) -> Iterator[str]:
    """What keeps a home from being made of what was read, in words: bytes first, then layouts."""
    yield from differences(read)
    for path in sorted(read.found):
        if isinstance(decided(path), LeftOut):
            yield f"`{path}` is never in a backup"
    manifest = read.manifest
    for name, found, newest in (
        ("the store", manifest.layouts.store, NEWEST_LAYOUT),
        ("the telemetry", manifest.layouts.telemetry, VERSION),
    ):
        if found is not None and found > newest:
            yield (
                f"{name} has layout {found} and this slotgate knows up to {newest}: slotgate "
                f"{manifest.slotgate} made it"
            )
    home = Home(Path())
    for database, is_named in (
        (home.store, manifest.store is StoreIs.HERE),
        (home.telemetry, manifest.layouts.telemetry is not None),
    ):
        if is_named and database.name not in read.found:
            yield f"`{database.name}` is missing, and the manifest has its layout"


def broken_chain(store: Store) -> tuple[str | None, int]:
    """Why the audit chain of `store` is not what was written, null where it is; and how many records hold."""
    with store.read() as tx:
        found = verify(tx.audit.iterate(), known_heads(tx))
    if isinstance(found, Broken):
        return f"the audit chain is broken: {found.fault} at record {found.seq}, {found.words}", found.seq
    return None, found.records


def _with_chain(manifest: Manifest, copy: Path) -> Checked:
    with closing(Store.open(copy)) as store:
        damage = store.damage()
        if damage:
            return Checked(manifest, tuple(f"the store is damaged: {words}" for words in damage[:3]), None)
        why, records = broken_chain(store)
    return Checked(manifest, () if why is None else (why,), records)
