"""Sentences of ours whose commands between backticks are set as code; everything in them is inert."""

import re

from dashboard.views.markup import text

_COMMAND = re.compile(r"`([^`]+)`")


def prose(said: str) -> str:
    """The sentence as markup."""
    return _COMMAND.sub(r"<code>\1</code>", text(said))
