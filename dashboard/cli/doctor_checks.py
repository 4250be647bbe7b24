"""What `slotgate doctor` looks at: each check answers with findings that say what to do."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gates.changes.late import SET_ASIDE
from gates.controls.history import History
from gates.controls.publish import Publisher
from gates.errors import StoreError
from gates.home import Home
from gates.policy.intent import Mode, Role
from gates.store.audit.keeper import known_heads
from gates.store.audit.verify import Broken, verify
from gates.store.port import Transaction
from gates.store.store import Store
from schemas import check
from schemas.errors import ContractError
from schemas.instant import epoch_ns

MODE_VARIABLE = "ENFORCEMENT_MODE"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer. `todo` is empty where all is well.

    `looked` is false where what was asked could not be looked at now: nothing is known to be wrong, and
    `todo` says how it can be.
    """

    check: str
    ok: bool
    words: str
    todo: str = ""
    looked: bool = True


def unusable(name: str, words: str) -> Finding:
    """A check that could not be made, because what it looks at cannot be used."""
    what, _, todo = words.rpartition("; ")
    return Finding(name, ok=False, words=what or words, todo=todo)


def permissions(home: Home) -> Iterator[Finding]:
    """Everything in the home belongs to this user, and nobody else may do anything with it."""
    foreign, open_to_others = [], []
    try:
        for path in (home.root, *sorted(home.root.rglob("*"))):
            try:
                status = path.lstat()
            except FileNotFoundError:  # SQLite's logs come and go
                continue
            if status.st_uid != os.geteuid():
                foreign.append(path)
            if not stat.S_ISLNK(status.st_mode) and stat.S_IMODE(status.st_mode) & 0o077:
                open_to_others.append(path)
    except OSError as error:
        yield Finding(
            "permissions",
            ok=False,
            words=f"`{error.filename}` cannot be looked at: {(error.strerror or 'failed').lower()}",
            todo=f"run as the owner of `{home.root}`",
        )
        return
    if foreign:
        yield Finding(
            "permissions",
            ok=False,
            words=_some(foreign, "of another user"),
            todo=f"chown -R to you: `{home.root}`",
        )
    if open_to_others:
        yield Finding(
            "permissions",
            ok=False,
            words=_some(open_to_others, "open to other users"),
            todo=f"chmod -R go= `{home.root}`",
        )
    if not foreign and not open_to_others:
        yield Finding("permissions", ok=True, words="the home is this user's alone")


def integrity(store: Store) -> Finding:
    """The database's own check."""
    try:
        damage = store.damage()
    except StoreError as error:
        return unusable("store", str(error))
    if damage:
        return Finding(
            "store",
            ok=False,
            words="; ".join(damage[:_SHOWN]),
            todo="keep a copy of the store, restore a backup",
        )
    return Finding("store", ok=True, words="the store is sound")


def mode(tx: Transaction, environ: Mapping[str, str]) -> Finding:
    """The enforcement mode is one of three, and the environment does not say another."""
    stored, said = tx.settings.get("mode"), environ.get(MODE_VARIABLE)
    if stored not in set(Mode):
        return Finding(
            "mode",
            ok=False,
            words=f"the enforcement mode is not set, or unknown: `{stored}`",
            todo="restore the store from a backup; nothing starts without a mode",
        )
    if said is not None and said != stored:
        return Finding(
            "mode",
            ok=False,
            words=f"the mode is `{stored}`, and {MODE_VARIABLE} says `{said}`",
            todo=f"unset {MODE_VARIABLE}, or change the mode with `slotgate mode`",
        )
    note = "" if stored == Mode.ENFORCE else ": nothing is blocked, `slotgate mode promote` enforces"
    return Finding("mode", ok=True, words=f"the mode is `{stored}`{note}")


_LEFT = {
    "ADOPT": "a narrowing took effect and is not recorded yet",
    "UNDO": "a widening was recorded and never took effect",
    "RENEW": "the newest controls stand under an older number",
}


def controls(tx: Transaction, home: Home, now_ns: int, unreviewed: str | None = None) -> Finding:
    """The control file is the newest revision. `unreviewed` is what the change service says of it."""
    newest, found = tx.revisions.newest(), Publisher(home, lambda: now_ns).in_force().document
    if newest is None:
        return Finding("controls", ok=False, words="there is no revision yet", todo="finish `slotgate init`")
    if found is None:
        return Finding(
            "controls",
            ok=False,
            words="there is no valid control file: every decision is STUB",
            todo="`slotgate kill` publishes a valid one that stops everything; then propose what you need",
        )
    left = _LEFT.get((unreviewed or "").partition(":")[0])
    if found != newest.after and left is not None:
        return Finding(
            "controls",
            ok=False,
            words=f"the control file (revision {found['revision']}) is not the newest revision "
            f"{newest.revision}: {left}",
            todo="`slotgate review`, any change, or `slotgate serve` puts it right",
        )
    if found != newest.after:
        return Finding(
            "controls",
            ok=False,
            words=f"UNREVIEWED_CONTROLS: the control file (revision {found['revision']}) is not the newest "
            f"revision {newest.revision}",
            todo="`slotgate kill`, then find out who wrote it",
        )
    until = found["breakGlassUntil"]
    if until is not None and now_ns >= (epoch_ns(until) or 0) and not found["kill"]:
        return Finding(
            "controls",
            ok=False,
            words=f"the break-glass release ended at {until}: every decision is STUB",
            todo="`slotgate kill`, then give the review that is owed",
        )
    return Finding("controls", ok=True, words=f"revision {newest.revision} is in force, step {newest.step}")


def history(home: Home) -> Finding:
    """Every line is a revision, times never go back, and the last effect is the control file."""
    place, before, number = f"`{home.history}`", 0, 0
    try:
        with home.history.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                at_ns = epoch_ns(check.parse("control-revision.v1", line)["at"]) or 0
                if at_ns < before:
                    return Finding(
                        "history",
                        ok=False,
                        words=f"line {number} of {place} is before the line above it: a clock was set back",
                        todo="set the clock right; lines near it cannot be attributed to a revision",
                    )
                before = at_ns
        settled = History(home.history).settled()
        found = Publisher(home, lambda: 0).in_force().document
    except ContractError:
        return Finding(
            "history",
            ok=False,
            words=f"line {number} of {place} is no control revision",
            todo="the next change moves a line that was cut short aside; another must be corrected by hand",
        )
    except OSError as error:
        return Finding(
            "history",
            ok=False,
            words=f"{place} cannot be read: {(error.strerror or 'failed').lower()}",
            todo="restore it; until then ingest cannot attribute lines to revisions",
        )
    in_force = settled["controls"] if settled is not None and settled["event"] == "effective" else None
    if in_force != found:
        return Finding(
            "history",
            ok=False,
            words=f"the last effect in {place} is not the control file",
            todo="the next change records it late; if it stays, somebody writes the file by hand",
        )
    return Finding("history", ok=True, words=f"{number} lines, the last effect is the control file")


def chain(tx: Transaction) -> Finding:
    """The audit chain, against the checkpoints kept in the store."""
    found = verify(tx.audit.iterate(), known_heads(tx))
    if isinstance(found, Broken):
        return Finding(
            "audit",
            ok=False,
            words=f"{found.fault}: {found.words}",
            todo="see docs/audit.md, `When it is broken`",
        )
    return Finding("audit", ok=True, words=f"{found.records} records, intact")


def late(tx: Transaction, home: Home) -> Finding:
    """What happened while the store could not record it is in the chain by now."""
    try:
        waiting = [
            path
            for path in sorted(home.late.glob("*.jsonl"))
            if path.read_bytes().rfind(b"\n") + 1 > tx.audit.merged_late(path.name)
        ]
    except OSError as error:
        return unusable("late records", f"`{home.late}` cannot be read: {error.strerror}; make it readable")
    if waiting:
        return Finding(
            "late records",
            ok=False,
            words=_some(waiting, "not in the audit chain yet"),
            todo="any change, or `slotgate serve`, adds them",
        )
    if (aside := home.late / SET_ASIDE).exists():
        return Finding(
            "late records",
            ok=False,
            words=f"`{aside}` holds lines that no record could be made of; the audit chain names each",
            todo="find out who wrote them, then move that file away",
        )
    return Finding("late records", ok=True, words="none are waiting")


def people(tx: Transaction) -> Finding:
    """Where rules are enforced, somebody can sign what somebody else proposes."""
    active = [one for one in tx.operators.all() if one.disabled_at_ns is None]
    signing = {one.operator_id for one in active if Role.APPROVER in one.roles}
    proposing = {one.operator_id for one in active if one.roles & {Role.ENGINEERING_OWNER, Role.ONCALL}}
    words = f"{len(active)} operators, {len(signing)} of them approvers"
    if not active:
        return Finding("operators", ok=False, words="there are none", todo="restore the store from a backup")
    if not any(Role.ADMIN in one.roles for one in active):
        return Finding(
            "operators",
            ok=False,
            words=f"{words}, and no admin: nobody can change operators or tokens",
            todo="restore the store from a backup that has one",
        )
    if tx.settings.get("mode") == Mode.ENFORCE and not any(signing - {one} for one in proposing):
        return Finding(
            "operators",
            ok=False,
            words=f"{words}: nobody can approve for anybody, and four eyes are enforced",
            todo="`slotgate mode rollback`, add an approver, promote again",
        )
    return Finding("operators", ok=True, words=words)


def _some(paths: list[Path], what: str) -> str:
    shown = ", ".join(f"`{path}`" for path in paths[:_SHOWN])
    rest = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"{shown}{rest}: {what}"
