"""A telemetry file on another disk: the files that it knows have other devices, inodes and places there."""

from collections.abc import Mapping

from ingest.store import TelemetryStore


def settle(store: TelemetryStore, places: Mapping[tuple[int, int], str]) -> None:
    """Say where the known files lie now: `places` are paths by the device and inode that they had before.

    All known files get devices that no disk has. From then on they are known by content and place alone
    (ADR 174): by chance a file of the new disk has the inode of another one, and would pass for read. Called
    again it changes nothing. Raises `StoreError`.
    """
    with store.transaction() as cursor:
        known = cursor.execute("SELECT device, inode, path FROM source_file WHERE device >= 0").fetchall()
        for device, inode, path in known:
            place = places.get((device, inode), path)
            if place != path:
                cursor.execute(
                    "UPDATE source_file SET path = ? WHERE device = ? AND inode = ?", [place, device, inode]
                )
        cursor.execute("UPDATE source_file SET device = -1 - device WHERE device >= 0")
