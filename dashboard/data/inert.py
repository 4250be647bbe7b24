"""What comes from logs, for a page: bounded, with what cannot be seen made visible. Pure.

Escaping for markup is not done here: `views.markup.text` does that to everything.
"""

SHORT = 96
_HEX_COLUMNS = 16


def shown(value: object, most: int = SHORT) -> str:
    """`value` on one line: control, direction and other invisible characters as escapes, then cut."""
    whole = str(value)
    seen = "".join(_visible(char) for char in whole[:most])
    return f"{seen}… ({len(whole):,} characters)" if len(whole) > most else seen


def shown_bytes(raw: bytes) -> str:
    """Bytes as text, line breaks kept, everything invisible or undecodable as an escape."""
    return "".join(
        char if char == "\n" else _visible(char) for char in raw.decode("utf-8", "backslashreplace")
    )


def is_binary(raw: bytes) -> bool:
    """Whether a reader sees more in hexadecimal: a NUL, or one byte in ten that is no text."""
    if b"\0" in raw:
        return True
    strange = sum(
        1 for char in raw.decode("utf-8", "replace") if not char.isprintable() and char not in "\n\t\r"
    )
    broken = raw.decode("utf-8", "replace").count("\ufffd")
    return 10 * (strange + broken) > len(raw)


def hex_view(raw: bytes) -> str:
    """Offset, sixteen bytes in hexadecimal, and the same as ASCII, line by line."""
    lines = []
    for begin in range(0, len(raw), _HEX_COLUMNS):
        row = raw[begin : begin + _HEX_COLUMNS]
        numbers = row.hex(" ")
        ascii_ = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{begin:08x}  {numbers:<{3 * _HEX_COLUMNS - 1}}  {ascii_}")
    return "\n".join(lines)


def _visible(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode("ascii")
