"""Text that a spreadsheet shows and never runs.

A cell that begins like a formula gets an apostrophe before it, which every spreadsheet takes for the
sign of plain text. Source: OWASP, CSV injection; the full-width forms are what some of them fold.
"""

# Begins of a formula in one spreadsheet or another, full-width forms included.
_FORMULA = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}")
_FORMULA_WIDE = ("\N{FULLWIDTH PLUS SIGN}", "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")


def inert(text: str) -> str:
    """`text`, with an apostrophe before it where it could be taken for a formula."""
    # Leading blanks, marks and other invisible characters are passed over by spreadsheets, so they are here.
    begin = next((char for char in text if char in _FORMULA or not _passed_over(char)), "")
    return f"'{text}" if begin in _FORMULA + _FORMULA_WIDE else text


def _passed_over(char: str) -> bool:
    return char.isspace() or not char.isprintable()
