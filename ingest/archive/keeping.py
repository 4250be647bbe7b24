"""Retention with an archive: rows are kept in files before they go."""

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from ingest.archive.leftovers import take_away_leftovers
from ingest.archive.writing import write_parts

ROWS_AT_ONCE = 500_000
"""Rows of a part: a file of some 6 MB, and about a second in which a load waits."""


class ArchiveKeeping:
    """Keeps rows in `folder`, which is made private where it is not there. See `ingest.retention.keeping`.

    One is made for each pass: before its first part it takes away what an earlier one left. A month that
    holds more than `rows_at_once`, or lines that came late, becomes several parts.
    """

    deed = "archived"
    whole_months = True

    def __init__(self, folder: Path, clock: Callable[[], int], rows_at_once: int = ROWS_AT_ONCE) -> None:
        self._folder = folder
        self._clock = clock
        self.rows_at_once = rows_at_once
        self._is_cleared = False

    def keep(
        self,
        cursor: duckdb.DuckDBPyConnection,
        condition: str,
        parameters: Mapping[str, object],
        month: str | None,
    ) -> None:
        """See the port. Raises `ArchiveError`."""
        if not self._is_cleared:
            take_away_leftovers(cursor, self._folder)
            self._is_cleared = True
        write_parts(cursor, condition, parameters, self._folder, month, self._clock())
