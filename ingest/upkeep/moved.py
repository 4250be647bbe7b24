"""A telemetry file on another disk: the files that it knows have other devices, inodes and places there."""

from collections.abc import Mapping

from ingest.store import TelemetryStore


def settle(store: TelemetryStore, places: Mapping[tuple[int, int], str], now_ns: int) -> None:
    """Say where the known files lie from `now_ns` on: `places` are paths by the device and inode of before.

    All known files get devices that no disk has. From then on they are known by content and place alone
    (ADR 174): by chance a file of the new disk has the inode of another one, and would pass for read. What
    runs say of an inode is meant of the file that had it then, so the moment is kept, as the change time.
    Called again it changes nothing. Raises `StoreError`.
    """
    with store.transaction() as cursor:
        known = cursor.execute("SELECT device, inode, path FROM source_file WHERE device >= 0").fetchall()
        for device, inode, path in known:
            place = places.get((device, inode), path)
            if place != path:
                cursor.execute(
                    "UPDATE source_file SET path = ? WHERE device = ? AND inode = ?", [place, device, inode]
                )
        cursor.execute(
            "UPDATE source_file SET device = -1 - device, ctime_ns = ? WHERE device >= 0", [now_ns]
        )
