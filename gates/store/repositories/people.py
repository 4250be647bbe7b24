"""Operators and their tokens."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from gates.errors import AlreadyThere, UnknownEntry
from gates.policy.intent import Role
from gates.store.repositories.columns import word
from gates.store.rows import OperatorRow, TokenRow, TokenScope
from gates.store.tables import operator, operator_role, token


class SqlOperators:
    """See `gates.store.port.Operators`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, operator_id: str, roles: frozenset[Role], *, by: str | None, at_ns: int) -> None:
        """Ids are never used again."""
        if self.get(operator_id) is not None:
            raise AlreadyThere(f"there is an operator `{operator_id}` already; give them roles instead")
        self._connection.execute(
            insert(operator).values(
                operator_id=operator_id, added_by=by, added_at_ns=at_ns, granted_by=by, granted_at_ns=at_ns
            )
        )
        self._put_roles(operator_id, roles)

    def get(self, operator_id: str) -> OperatorRow | None:
        """The one of that id."""
        found = self._connection.execute(
            select(operator).where(operator.c.operator_id == operator_id)
        ).first()
        return None if found is None else self._row(found)

    def all(self) -> tuple[OperatorRow, ...]:
        """By id."""
        found = self._connection.execute(select(operator).order_by(operator.c.operator_id)).all()
        return tuple(map(self._row, found))

    def set_roles(self, operator_id: str, roles: frozenset[Role], *, by: str, at_ns: int) -> None:
        """All at once."""
        row = self._known(operator_id)
        if roles - row.roles or row.disabled_at_ns is not None:
            self._change(operator_id, granted_by=by, granted_at_ns=at_ns, disabled_at_ns=None)
        self._connection.execute(delete(operator_role).where(operator_role.c.operator_id == operator_id))
        self._put_roles(operator_id, roles)

    def disable(self, operator_id: str, *, at_ns: int) -> None:
        """Their tokens end with them: enabling again does not bring those back."""
        if self._known(operator_id).disabled_at_ns is None:
            self._change(operator_id, disabled_at_ns=at_ns)
        self._connection.execute(
            update(token)
            .where(token.c.operator_id == operator_id, token.c.revoked_at_ns.is_(None))
            .values(revoked_at_ns=at_ns)
        )

    def _known(self, operator_id: str) -> OperatorRow:
        row = self.get(operator_id)
        if row is None:
            raise UnknownEntry(f"there is no operator `{operator_id}`; `slotgate operators list` names them")
        return row

    def _change(self, operator_id: str, **values: object) -> None:
        self._connection.execute(
            update(operator).where(operator.c.operator_id == operator_id).values(**values)
        )

    def _put_roles(self, operator_id: str, roles: frozenset[Role]) -> None:
        for role in sorted(roles):
            self._connection.execute(insert(operator_role).values(operator_id=operator_id, role=role.value))

    def _row(self, found: Row[Any]) -> OperatorRow:
        roles = self._connection.execute(
            select(operator_role.c.role).where(operator_role.c.operator_id == found.operator_id)
        ).scalars()
        return OperatorRow(
            operator_id=found.operator_id,
            roles=frozenset(word(Role, role) for role in roles),
            added_by=found.added_by,
            added_at_ns=found.added_at_ns,
            granted_by=found.granted_by,
            granted_at_ns=found.granted_at_ns,
            disabled_at_ns=found.disabled_at_ns,
        )


class SqlTokens:
    """See `gates.store.port.Tokens`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: TokenRow) -> None:
        """A token is something given: it counts for its operator's `granted_by`."""
        known = select(operator.c.operator_id).where(operator.c.operator_id == row.operator_id)
        if self._connection.execute(known).first() is None:
            raise UnknownEntry(f"there is no operator `{row.operator_id}`; add them first")
        if self.get(row.token_id) is not None:
            raise AlreadyThere(f"there is a token `{row.token_id}` already; make a new one")
        self._connection.execute(
            insert(token).values(
                token_id=row.token_id,
                secret_digest=row.secret_digest,
                operator_id=row.operator_id,
                scope=row.scope.value,
                created_by=row.created_by,
                created_at_ns=row.created_at_ns,
                expires_at_ns=row.expires_at_ns,
                revoked_at_ns=row.revoked_at_ns,
                last_used_ns=row.last_used_ns,
            )
        )
        self._connection.execute(
            update(operator)
            .where(operator.c.operator_id == row.operator_id)
            .values(granted_by=row.created_by, granted_at_ns=row.created_at_ns)
        )

    def get(self, token_id: str) -> TokenRow | None:
        """The one of that public id."""
        found = self._connection.execute(select(token).where(token.c.token_id == token_id)).first()
        return None if found is None else _token(found)

    def all(self) -> tuple[TokenRow, ...]:
        """Oldest first."""
        query = select(token).order_by(token.c.created_at_ns, token.c.token_id)
        return tuple(map(_token, self._connection.execute(query)))

    def revoke(self, token_id: str, *, at_ns: int) -> None:
        """For ever."""
        row = self.get(token_id)
        if row is None:
            raise UnknownEntry(f"there is no token `{token_id}`; `slotgate tokens list` names them")
        if row.revoked_at_ns is None:
            self._connection.execute(
                update(token).where(token.c.token_id == token_id).values(revoked_at_ns=at_ns)
            )

    def used(self, token_id: str, *, at_ns: int) -> None:
        """The last time only."""
        self._connection.execute(update(token).where(token.c.token_id == token_id).values(last_used_ns=at_ns))


def _token(found: Row[Any]) -> TokenRow:
    return TokenRow(
        token_id=found.token_id,
        secret_digest=found.secret_digest,
        operator_id=found.operator_id,
        scope=word(TokenScope, found.scope),
        created_by=found.created_by,
        created_at_ns=found.created_at_ns,
        expires_at_ns=found.expires_at_ns,
        revoked_at_ns=found.revoked_at_ns,
        last_used_ns=found.last_used_ns,
    )
