"""Text that a spreadsheet shows and never runs.

A cell that begins like a formula gets an apostrophe before it, which every spreadsheet takes for the
sign of plain text. Source: OWASP, CSV injection; the full-width forms are what some of them fold.
"""

# Begins of a formula in one spreadsheet or another, full-width forms included.
_FORMULA = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}")
_FORMULA_WIDE = ("\N{FULLWIDTH PLUS SIGN}", "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")


def inert(text: str) -> str:
    """`text`, with an apostrophe before it where it could be taken for a formula."""
    # Leading blanks are passed over by spreadsheets, so they are here.
    risky = text.lstrip(" \u00a0\u3000").startswith(_FORMULA + _FORMULA_WIDE)
    return f"'{text}" if risky else text
