"""Words that several commands print."""


def counted(count: int, word: str) -> str:
    """`count` and its noun: 1 line, 2,000 lines."""
    return f"{count:,} {word if count == 1 else word + 's'}"
