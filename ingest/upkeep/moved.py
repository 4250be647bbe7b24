"""A telemetry file that came to another disk: the files that it knows have other devices and inodes there."""

from ingest.store import TelemetryStore


def forget_devices(store: TelemetryStore) -> int:
    """Give the known files devices that no disk has; how many there are.

    From then on they are known by their content and their place alone (ADR 174). By chance a file of the new
    disk has the inode of another one: it would pass for that, and for read. Called again it changes nothing.
    Raises `StoreError`.
    """
    with store.transaction() as cursor:
        cursor.execute("UPDATE source_file SET device = -1 - device WHERE device >= 0")
        return int(cursor.execute("SELECT count(*) FROM source_file").fetchall()[0][0])
