"""Sentences of ours: commands between backticks become code, ids of people names; all of it is inert."""

import re

from dashboard.views.markup import text

_COMMAND_OR_ISSUER = re.compile(r"`([^`]+)`|\blocal\|(?=\w)")
"""`local|alice` is alice on a page; commands and what is recorded keep the id."""


def prose(said: str) -> str:
    """The sentence as markup."""
    return _COMMAND_OR_ISSUER.sub(lambda it: f"<code>{it[1]}</code>" if it[1] else "", text(said))
