"""Freed memory stays with the process: fetching fresh pages for every block was a tenth of a load's time."""

from functools import cache

import numpy as np

_LARGEST = (32 << 20) - (1 << 16)


@cache
def keep_freed_memory() -> None:
    """Once in a process: let the C library reuse what a block of lines needed for the next one.

    glibc fetches what is larger than a threshold from the kernel each time, and gives it back. Freeing so
    large a piece moves that threshold to 32 MiB, its highest, and lets 64 MiB stay (mallopt(3),
    M_MMAP_THRESHOLD). The piece is never touched, so it costs nothing; other C libraries do not mind.
    """
    np.empty(_LARGEST, dtype=np.uint8)
