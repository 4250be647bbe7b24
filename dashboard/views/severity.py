"""How bad a finding is: glyph, word and colour, the same everywhere."""

from dashboard.views.markup import glyph, tag, text
from gates.verdict.evidence import Severity

SIGNS = {Severity.CRITICAL: "■", Severity.HIGH: "▲", Severity.MEDIUM: "◆", Severity.LOW: "○"}


def severity_mark(severity: Severity) -> str:
    """The sign alone; the word must stand beside it."""
    return glyph(SIGNS[severity], f"sg-sev-{severity.value}")


def severity_word(severity: Severity) -> str:
    """Sign and word."""
    return tag("span", severity_mark(severity), text(severity.value), cls="sg-sev")
