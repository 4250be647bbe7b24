"""What people say besides changing something: bad outputs, statements, records to be read again.

Nothing here moves the controls. A report holds the rollout until it is withdrawn or another revision
is in force; a statement stands until it expires or is withdrawn.
"""

from re import fullmatch

from gates.beta.checklist import ends_ns
from gates.beta.items import BY_ID, Item
from gates.changes.desk import Desk
from gates.changes.gathering import ANY_RECORD, newest_revision
from gates.controls.instant import timestamp
from gates.errors import AlreadyThere, InvalidChange, NotSignedIn, UnknownEntry
from gates.policy.intent import Actor, Role
from gates.store.port import Transaction
from gates.store.rows import OwedKind, OwedRow

SAYING_ROLES = frozenset({Role.ONCALL, Role.ENGINEERING_OWNER, Role.APPROVER})
_LONGEST, _LONGEST_SHOWN = 4096, 200


class Saying:
    """The part of the change service that keeps what people say. Each of these is on record."""

    _desk: Desk

    def report_bad(self, actor: Actor, job_id: str, reason: str) -> int:
        """Report a bad output of the revision in force: HOLD. Its number.

        Raises `NotSignedIn` without a role, `InvalidChange`, and `AlreadyThere` where it stands reported.
        """
        _require(job_id, "name the job")
        _require(reason, "say what is wrong with --reason")
        self._admit(actor, "report bad output", _job(job_id), reason)
        with self._desk.store.begin() as tx:
            revision, at_ns = newest_revision(tx).revision, self._desk.clock()
            if any(one.job_id == job_id for one in tx.bad_outputs.standing(revision)):
                raise AlreadyThere(f"{_job(job_id)} is reported already; nothing more is needed")
            number = tx.bad_outputs.add(
                job_id=job_id, revision=revision, reason=reason, by=actor.actor_id, at_ns=at_ns
            )
            after = {"report": number, "revision": revision}
            self._note(tx, actor, "report bad output", _job(job_id), after, reason)
            return number

    def withdraw_bad(self, actor: Actor, job_id: str, reason: str) -> int:
        """Take back every standing report of a job; how many. Raises as `report_bad`, and `UnknownEntry`."""
        _require(job_id, "name the job")
        _require(reason, "say why with --reason")
        self._admit(actor, "withdraw bad output", _job(job_id), reason)
        with self._desk.store.begin() as tx:
            standing = [one for one in tx.bad_outputs.of_job(job_id) if one.withdrawn_at_ns is None]
            if not standing:
                raise UnknownEntry(f"no report of {_job(job_id)} stands; look at the job id again")
            for one in standing:
                by, at_ns = actor.actor_id, self._desk.clock()
                tx.bad_outputs.withdraw(one.report_id, by=by, at_ns=at_ns, because=reason)
            numbers = [one.report_id for one in standing]
            self._note(tx, actor, "withdraw bad output", _job(job_id), {"reports": numbers}, reason)
            return len(standing)

    def ask_replay(self, actor: Actor, what: str, reason: str) -> None:
        """Put on record that quarantined records, named by `what`, are read again; the record comes first.

        Raises `NotSignedIn` without a role, and `InvalidChange`.
        """
        _require(what, "name the records")
        _require(reason, "say why with --reason")
        self._admit(actor, "replay quarantine", what, reason)
        with self._desk.store.begin() as tx:
            self._note(tx, actor, "replay quarantine", what, None, reason)

    def sign_statement(
        self, actor: Actor, item: str, link: str, text: str, expires_ns: int | None = None
    ) -> int:
        """Sign that an item of the plans' lists holds, with a link that shows it; its number.

        It stands until `expires_ns`, at the latest until the bound of its item (`gates.beta.items`).
        Raises `NotSignedIn` without a role, `UnknownEntry`, and `InvalidChange`, also for an item that is
        computed from evidence.
        """
        known = _signed_item(item)
        _require(link, "link what shows it")
        if not fullmatch(ANY_RECORD, link) or not link.isprintable():
            raise InvalidChange("the link is none: give a URL, or an id as in ADR-7")
        _require(text, "say what you looked at")
        at_ns = self._desk.clock()
        if expires_ns is not None and expires_ns <= at_ns:
            raise InvalidChange("the statement would have expired already; name a later time")
        expires_ns = ends_ns(known, at_ns, expires_ns)
        self._admit(actor, "sign statement", item, text)
        with self._desk.store.begin() as tx:
            number = tx.statements.add(
                item=item, text=text, link=link, author=actor.actor_id, at_ns=at_ns, expires_ns=expires_ns
            )
            after = {"statement": number, "text": text, "link": link, "expiresAt": timestamp(expires_ns)}
            self._note(tx, actor, "sign statement", item, after, text)
            return number

    def withdraw_statement(self, actor: Actor, item: str, reason: str) -> int:
        """Take back every standing statement about an item; how many. Raises as `withdraw_bad`."""
        _signed_item(item)
        _require(reason, "say why with --reason")
        self._admit(actor, "withdraw statement", item, reason)
        with self._desk.store.begin() as tx:
            standing = [one for one in tx.statements.all() if one.item == item and not one.withdrawn_at_ns]
            if not standing:
                raise UnknownEntry(f"no statement about `{item}` stands; look at the item's id again")
            for one in standing:
                by, at_ns = actor.actor_id, self._desk.clock()
                tx.statements.withdraw(one.statement_id, by=by, at_ns=at_ns, because=reason)
            numbers = [one.statement_id for one in standing]
            self._note(tx, actor, "withdraw statement", item, {"statements": numbers}, reason)
            return len(standing)

    def give(self, actor: Actor, owed_id: int, text: str) -> None:
        """Give what is owed: a reason, or the review of a break-glass release by somebody else.

        Raises `NotSignedIn` for who may not, `InvalidChange`, `UnknownEntry`, `AlreadyThere`.
        """
        _require(text, "say it with --reason")
        with self._desk.store.begin() as tx:
            debt = next((one for one in tx.owed.open() if one.owed_id == owed_id), None)
            refused = None if debt is None else not_giving(debt, actor)
            if refused is None:
                tx.owed.give(owed_id, by=actor.actor_id, at_ns=self._desk.clock(), text=text)
            action = "give owed" if refused is None else "give owed refused"
            self._note(tx, actor, action, str(owed_id), None, text)
        if refused is not None:
            raise NotSignedIn(refused)

    def _admit(self, actor: Actor, action: str, target: str, reason: str) -> None:
        """Raise `NotSignedIn` for who may not say anything; on record."""
        if actor.roles & SAYING_ROLES:
            return
        with self._desk.store.begin() as tx:
            self._note(tx, actor, f"{action} refused", target, None, reason)
        needed = " or ".join(sorted(SAYING_ROLES))
        raise NotSignedIn(f"`{actor.actor_id}` may not do this: it takes the role {needed}")

    def _note(
        self, tx: Transaction, actor: Actor, action: str, target: str, after: object, reason: str
    ) -> None:
        self._desk.note(tx, actor.actor_id, action, target=target, after=after, reason=reason or None)


def not_giving(debt: OwedRow, actor: Actor) -> str | None:
    """Why this person cannot give what is owed, or null. Who owes a reason may, whatever role they hold."""
    theirs = actor.actor_id == debt.operator_id
    if theirs and debt.kind is OwedKind.RELEASE_REVIEW:
        return "nobody reviews their own release; somebody else must"
    if theirs or actor.roles & SAYING_ROLES:
        return None
    needed = " or ".join(sorted(SAYING_ROLES))
    return f"`{actor.actor_id}` may not give this: it takes the role {needed}"


def _require(text: str, otherwise: str) -> None:
    if not text.strip():
        raise InvalidChange(otherwise)
    if len(text) > _LONGEST:
        raise InvalidChange(f"that is {len(text)} characters long; say it in at most {_LONGEST}")


def _signed_item(item_id: str) -> Item:
    known = BY_ID.get(item_id)
    if known is None:
        raise UnknownEntry("there is no such item; `slotgate beta` lists their ids")
    if not known.is_signed:
        raise InvalidChange(f"`{item_id}` is computed from evidence; nobody can sign it")
    return known


def _job(job_id: str) -> str:
    """A job as messages and the record name it: a job id is what somebody else wrote."""
    shown = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in job_id)
    return f"job `{shown[:_LONGEST_SHOWN]}{'…' if len(shown) > _LONGEST_SHOWN else ''}`"
