"""What comes from logs is bounded and visible, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.data.inert import hex_view, is_binary, shown, shown_bytes


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("job-1", "job-1"),
        ("a\0b", "a\\x00b"),
        ("evil\u202egnp.exe", "evil\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("\ud800", "\\ud800"),
        ("naïve 漢字", "naïve 漢字"),
        ("<b>", "<b>"),
        ("x" * 97, "x" * 96 + "… (97 characters)"),
        (7, "7"),
    ],
)
def test_on_one_line(value: object, seen: str) -> None:
    assert shown(value) == seen


@given(st.text(), st.integers(1, 50))
def test_always_printable_and_bounded(value: str, most: int) -> None:
    seen = shown(value, most)
    assert seen.isprintable()
    assert len(seen) <= 10 * most + 40


@given(st.binary(max_size=300))
def test_bytes_as_text_and_as_hexadecimal(raw: bytes) -> None:
    assert all(char == "\n" or char.isprintable() for char in shown_bytes(raw))
    lines = hex_view(raw).splitlines()
    assert bytes.fromhex("".join(one[10:57] for one in lines)) == raw


@pytest.mark.parametrize(
    ("raw", "binary"),
    [
        (b'{"a":1}', False),
        (b"a\0b", True),
        ("größer 漢字".encode(), False),
        (bytes(range(128, 200)), True),
        (b"", False),
    ],
)
def test_what_is_better_read_in_hexadecimal(raw: bytes, binary: bool) -> None:
    assert is_binary(raw) is binary
