"""What the budget guard said today: a note in the store, said once, and told to whoever asks."""

import json
from dataclasses import dataclass

from gates.changes.gathering import spending_version
from gates.controls.instant import timestamp
from gates.store.port import Transaction

SETTING = "budget_said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """`names` of warnings said on `day` under `version` of the budget; `used_up` in words, or null."""

    day: str
    version: int
    names: tuple[str, ...] = ()
    used_up: str | None = None


def said(tx: Transaction, day: str, version: int) -> Said:
    """What was said on that day under that version; nothing where the note is of another, or damaged.

    Said twice is better than not at all.
    """
    try:
        kept = json.loads(tx.settings.get(SETTING) or "null")
        if kept is None or (kept["day"], kept["version"]) != (day, version):
            return Said(day=day, version=version)
        return Said(day=day, version=version, names=tuple(kept["names"]), used_up=kept["usedUp"])
    except (ValueError, KeyError, TypeError):
        return Said(day=day, version=version)


def keep(tx: Transaction, note: Said) -> None:
    """Note it."""
    kept = {"day": note.day, "version": note.version, "names": list(note.names), "usedUp": note.used_up}
    tx.settings.set(SETTING, json.dumps(kept, separators=(",", ":")))


def stopped_again(tx: Transaction, now_ns: int) -> str | None:
    """Why a release now would be stopped again, in words; null where it would not.

    A budget that was changed since is not used up until the guard saw it so.
    """
    used_up = said(tx, timestamp(now_ns)[:10], spending_version(tx)).used_up
    if used_up is None:
        return None
    return f"{used_up}; the guard stops again until the limit is raised or the day (UTC) is over"
