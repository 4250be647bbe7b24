"""What people said about requests."""

from sqlalchemy import Connection, insert, select

from gates.errors import UnknownEntry
from gates.store.review_rows import CommentRow
from gates.store.tables import request
from gates.store.tables import request_comment as comment


class SqlComments:
    """See `gates.store.review_port.Comments`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, request_number: int, *, author: str, at_ns: int, text: str) -> CommentRow:
        """At the end; what is given back is what was kept."""
        known = select(request.c.number).where(request.c.number == request_number)
        if self._connection.execute(known).first() is None:
            raise UnknownEntry(f"there is no request {request_number}; list the requests to find it")
        position = len(self.of(request_number))
        self._connection.execute(
            insert(comment).values(
                request_number=request_number, position=position, author=author, at_ns=at_ns, text=text
            )
        )
        return self.of(request_number)[position]

    def of(self, request_number: int) -> tuple[CommentRow, ...]:
        """Oldest first."""
        found = self._connection.execute(
            select(comment).where(comment.c.request_number == request_number).order_by(comment.c.position)
        )
        return tuple(
            CommentRow(
                request_number=row.request_number,
                position=row.position,
                author=row.author,
                at_ns=row.at_ns,
                text=row.text,
            )
            for row in found
        )
