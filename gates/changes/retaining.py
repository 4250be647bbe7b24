"""How long raw lines are kept: a setting of the home, and which of its revisions may still be looked at.

One admin sets it, with a reason, either way. Keeping less destroys what nobody can bring back, so it is in
force a day after it was put on record: until then whoever hears of it can set it back. Keeping more is in
force at once.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from gates.changes.content import CONTROLS, DRILL
from gates.changes.desk import Desk
from gates.changes.gathering import LATCHED, LATCHED_REVISION
from gates.errors import InvalidChange, NotSignedIn, StoreCorrupt
from gates.policy.intent import Actor, Role
from gates.store.port import Transaction
from schemas.instant import SECOND

SETTING = "retention"
DEFAULT_DAYS, FEWEST_DAYS, MOST_DAYS = 30, 7, 36_500
"""A kill is looked for seven days back (CONTRACTS section 10): fewer days would leave none."""
DELAY_NS = 24 * 3600 * SECOND
_NEVER_OVER = 2**62


@dataclass(frozen=True, slots=True)
class Kept:
    """Raw lines of so many `days`; `archive`: older ones go into an archive, a month at a time."""

    days: int = DEFAULT_DAYS
    archive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The setting; `version` 0: nobody set it. `before` was in force when it was set, at `at_ns`."""

    version: int
    wanted: Kept
    before: Kept
    actor_id: str | None = None
    at_ns: int = 0

    def in_force(self, now_ns: int) -> Kept:
        """What counts at a moment: of what was and what is wanted the more careful, until the day is over."""
        if now_ns >= self.at_ns + DELAY_NS:
            return self.wanted
        return Kept(
            days=max(self.wanted.days, self.before.days), archive=self.wanted.archive or self.before.archive
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Lines that somebody may still look at, in words: all of `revision` since it first took effect (null:
    of none), and those from `since_ns` on (null: no more than that).
    """

    why: str
    revision: int | None = None
    since_ns: int | None = None


class Retaining:
    """The part of the change service about how long raw lines are kept."""

    _desk: Desk

    def retention(self) -> Retention:
        """The setting. Raises `StoreCorrupt` where it cannot be read."""
        with self._desk.store.read() as tx:
            return retention_of(tx)

    def set_retention(
        self, actor: Actor, reason: str, *, days: int | None = None, archive: bool | None = None
    ) -> Retention:
        """Set it, null: as it is. Raises `NotSignedIn` for who is no admin, and `InvalidChange`."""
        if not reason.strip():
            raise InvalidChange("say why with --reason")
        if days is None and archive is None:
            raise InvalidChange("nothing to set; name --days or --archive")
        if days is not None and not FEWEST_DAYS <= days <= MOST_DAYS:
            raise InvalidChange(
                f"`{days}` days cannot be kept; name {FEWEST_DAYS} to {MOST_DAYS:,} with --days"
            )
        desk, allowed = self._desk, Role.ADMIN in actor.roles
        with desk.store.begin() as tx:
            now_ns = desk.clock()
            held = _held(tx)
            wanted = Kept(
                days=held.wanted.days if days is None else days,
                archive=held.wanted.archive if archive is None else archive,
            )
            found = Retention(
                version=held.version + 1,
                wanted=wanted,
                before=held.in_force(now_ns),
                actor_id=actor.actor_id,
                at_ns=now_ns,
            )
            if allowed:
                tx.settings.set(SETTING, _text(found))
            action = "retention" if allowed else "retention refused"
            after = {"from": _record(held.wanted), "to": _record(wanted), "version": found.version}
            desk.note(tx, actor.actor_id, action, target="setting", after=after, reason=reason)
        if not allowed:
            raise NotSignedIn(f"`{actor.actor_id}` may not set this: it takes the role admin")
        return found

    def looked_at(self) -> tuple[Looked, ...]:
        """What may still be looked at, whatever the days."""
        with self._desk.store.read() as tx:
            return tuple(_looked_at(tx))


def retention_of(tx: Transaction) -> Retention:
    """The setting as the store holds it. Raises `StoreCorrupt`."""
    text = tx.settings.get(SETTING)
    if text is None:
        return Retention(version=0, wanted=Kept(), before=Kept())
    try:
        kept = json.loads(text)
        return Retention(
            version=int(kept["version"]),
            wanted=_kept(kept["wanted"]),
            before=_kept(kept["before"]),
            actor_id=str(kept["by"]),
            at_ns=int(kept["at"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise StoreCorrupt(
            f"how long lines are kept cannot be read ({type(error).__name__}), and none is deleted; set it "
            "anew with `slotgate retention set`"
        ) from error


def _held(tx: Transaction) -> Retention:
    """The same to be replaced: of what cannot be read nobody knows that it kept less than everything."""
    try:
        return retention_of(tx)
    except StoreCorrupt:
        return Retention(version=0, wanted=Kept(), before=Kept(days=MOST_DAYS), at_ns=_NEVER_OVER)


def _looked_at(tx: Transaction) -> Iterator[Looked]:
    newest = tx.revisions.newest()
    if newest is not None:
        yield Looked(why=f"revision {newest.revision} is in force", revision=newest.revision)
    for row in tx.requests.open():
        # Others are made over the version of a document, and judged by what is in force.
        revision = row.base_revision if row.kind in (CONTROLS, DRILL) else None
        yield Looked(why=f"request {row.number} is open", revision=revision, since_ns=row.created_at_ns)
    if tx.settings.get(LATCHED):
        revision = _number(tx.settings.get(LATCHED_REVISION))
        since_ns = None if revision is not None else 0
        yield Looked(why="a ROLL BACK waits for `slotgate ack`", revision=revision, since_ns=since_ns)
    for drill in tx.drills.running():
        yield Looked(why="a drill runs", revision=drill.base_revision, since_ns=drill.began_at_ns)
    for owed in tx.owed.open():
        yield Looked(why="a review is owed", revision=owed.revision, since_ns=owed.since_ns)


def _text(found: Retention) -> str:
    kept = {"version": found.version, "by": found.actor_id, "at": found.at_ns}
    return json.dumps({**kept, "wanted": _record(found.wanted), "before": _record(found.before)})


def _record(kept: Kept) -> dict[str, int | bool]:
    return {"days": kept.days, "archive": kept.archive}


def _kept(record: dict[str, int | bool]) -> Kept:
    days, archive = record["days"], record["archive"]
    if type(days) is not int or type(archive) is not bool or not FEWEST_DAYS <= days <= MOST_DAYS:
        raise ValueError("not what is kept")
    return Kept(days, archive)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
