"""Numbers counted from 1 without gaps; the one writer makes that safe."""

from sqlalchemy import ColumnElement, Connection, func, select


def next_number(connection: Connection, column: ColumnElement[int]) -> int:
    """The greatest in `column` plus one."""
    return int(connection.execute(select(func.coalesce(func.max(column), 0) + 1)).scalar_one())
