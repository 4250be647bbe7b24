"""Whether a disk has room for what is to be written, said before hours of work, and what its errors mean."""

import errno
import shutil
from pathlib import Path

from dashboard.errors import BackupError

_MEGABYTE = 1_000_000
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def need_room(drafts: Path, size: int) -> None:
    """Raise `BackupError` where the disk of `drafts` has fewer than `size` bytes left, and `OSError`."""
    free = shutil.disk_usage(drafts).free
    if free < size:
        raise BackupError(
            f"{size / _MEGABYTE:,.0f} MB are to be written, and {free / _MEGABYTE:,.0f} MB are free in "
            f"`{drafts.parent}`; free some space, or name another disk"
        )


def is_for_lack_of_room(error: OSError) -> bool:
    """Whether a disk, or what may be used of it, is full."""
    return error.errno in _NO_ROOM
