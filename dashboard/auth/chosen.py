"""The sessions of a home that are good for anything, and those that somebody means by a word."""

from dashboard.auth.sessions import Session, Sessions, Standing
from dashboard.documents.people import SHOWN


def good_for_something(sessions: Sessions, now_ns: int) -> list[Session]:
    """Those that are open, or good for a kill, oldest first. Raises `OSError`."""
    found = [one for one in sessions.all() if one.standing(now_ns) is not Standing.OVER]
    return sorted(found, key=lambda one: one.created_ns)


def meant(sessions: Sessions, word: str, operator_id: str, now_ns: int) -> list[Session]:
    """The one whose name begins with `word`, of at least `SHOWN` letters; else those of the person."""
    found = good_for_something(sessions, now_ns)
    wanted = [one for one in found if one.name.startswith(word)] if len(word) >= SHOWN else []
    return wanted or [one for one in found if one.operator_id == operator_id]
