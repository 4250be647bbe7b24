"""The port to whoever keeps rows before they go."""

from collections.abc import Mapping
from typing import Protocol

import duckdb

ROWS_AT_ONCE = 250_000
"""A load waits for at most one transaction of so many rows: some tenths of a second."""


class Keeping(Protocol):
    """Keeps rows elsewhere. It is asked in the very transaction that deletes them."""

    @property
    def rows_at_once(self) -> int:
        """About how many rows one transaction is to keep and delete."""

    @property
    def deed(self) -> str:
        """What becomes of rows, for people: `deleted`, or in another word that they are kept."""

    @property
    def whole_months(self) -> bool:
        """Whether rows go only once their whole month may go."""

    def keep(
        self,
        cursor: duckdb.DuckDBPyConnection,
        condition: str,
        parameters: Mapping[str, object],
        month: str | None,
    ) -> None:
        """Keep the rows of `telemetry`, `quarantine` and `gate_finding` that fulfil `condition`.

        Its columns are in each of these, and stand in it without a table. All rows are of the UTC `month`,
        `YYYY-MM`, or null: without a time. At least one of the first two does. Raising anything takes the
        transaction back, and no row goes.
        """


class KeepNothing:
    """Rows go for good."""

    deed = "deleted"
    rows_at_once = ROWS_AT_ONCE
    whole_months = False

    def keep(
        self,
        cursor: duckdb.DuckDBPyConnection,
        condition: str,
        parameters: Mapping[str, object],
        month: str | None,
    ) -> None:
        """Does nothing."""
        del cursor, condition, parameters, month
