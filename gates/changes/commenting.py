"""What people say about a request. Nothing here moves it: a comment is neither a signature nor a reason."""

from gates.changes.desk import Desk
from gates.changes.requests import known
from gates.errors import InvalidChange, NotSignedIn
from gates.policy.intent import Actor
from gates.store.review_rows import CommentRow

LONGEST = 4096


class Commenting:
    """The part of the change service that keeps comments: append-only, and each on record."""

    _desk: Desk

    def comment(self, actor: Actor, number: int, text: str) -> CommentRow:
        """Say something about a request, open or closed; anybody may who holds a role (docs/adr/0111).

        Raises `InvalidChange` for no text or one too long, `NotSignedIn` without a role, `UnknownEntry`.
        """
        if not text.strip():
            raise InvalidChange("a comment says something; write it, then send it again")
        if len(text) > LONGEST:
            raise InvalidChange(f"the comment is {len(text)} characters long; say it in at most {LONGEST}")
        kept = None
        with self._desk.store.begin() as tx:
            row = known(tx, number)
            if actor.roles:
                at_ns = self._desk.clock()
                kept = tx.comments.add(number, author=actor.actor_id, at_ns=at_ns, text=text)
            action = "comment refused" if kept is None else "comment"
            self._desk.note(tx, actor.actor_id, action, target=row.kind, reason=text, request=number)
        if kept is None:
            raise NotSignedIn(f"`{actor.actor_id}` may not comment: it takes a role; ask an admin for one")
        return kept
