"""Sentences of ours: commands between backticks become code, ids of people names; all of it is inert."""

import re

from dashboard.views.markup import text

_COMMAND_OR_ISSUER = re.compile(r"`local\|([\w.@-]+)`|\blocal\|(?=\w)|`([^`]+)`")
"""`local|alice` is alice on a page; longer commands and what is recorded keep the id."""


def prose(said: str) -> str:
    """The sentence as markup."""
    return _COMMAND_OR_ISSUER.sub(_shown, text(said))


def _shown(found: re.Match[str]) -> str:
    person, command = found.groups()
    return person or (f"<code>{command}</code>" if command else "")
