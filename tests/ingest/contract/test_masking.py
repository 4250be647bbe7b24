import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.contract.masking import masked, masked_text

KEY = "sk-proj-Abc_123-xyz456"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Incorrect API key provided: {KEY}. You can", "Incorrect API key provided: [masked]. You can"),
        (f"Authorization: Bearer {KEY}", "Authorization: Bearer [masked]"),
        ("Authorization: Bearer abcd.efgh", "Authorization: Bearer [masked]"),
        ("authorization=Basic dXNlcjpwYXNz", "authorization=Basic [masked]"),
        ("curl -H 'bearer abcdefgh'", "curl -H 'bearer [masked]'"),
        ("OPENAI_API_KEY=abcdefgh", "OPENAI_API_KEY=[masked]"),
        ('{"api_key":"abcdefgh","x":1}', '{"api_key":"[masked]","x":1}'),
        ('{\\"apiKey\\": \\"abcdefgh\\"}', '{\\"apiKey\\": \\"[masked]\\"}'),
        ("api-key: 0123456789abcdef0123456789abcdef", "api-key: [masked]"),
        ("password: hunter2!", "password: [masked]"),
        ("client_secret='s3cr3tvalue'", "client_secret='[masked]'"),
        ("postgres://me:passw0rd@host/db", "postgres://me:[masked]@host/db"),
        ("ghp_abcdefghijklmnopqrst", "[masked]"),
        ("AKIAABCDEFGHIJKLMNOP", "[masked]"),
        ("eyJhbGciOi1.eyJzdWIiOi1.abc-def", "[masked]"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "[masked]"),
        # not keys
        ("Missing OPENAI_API_KEY", "Missing OPENAI_API_KEY"),
        ("risk-assessment-question-1", "risk-assessment-question-1"),
        ("job task-00001234", "job task-00001234"),
        ('{"total_tokens":12345}', '{"total_tokens":12345}'),
        ("https://example.org/a:b", "https://example.org/a:b"),
        ("", ""),
    ],
)
def test_key_shaped_strings_are_masked(text: str, expected: str) -> None:
    assert masked_text(text) == expected


@given(st.text(st.characters(codec="utf-8"), max_size=30), st.integers(0, 80))
def test_no_cut_leaves_a_piece_of_a_key(before: str, limit: int) -> None:
    raw = masked(f"{before} {KEY} and after".encode(), limit)
    assert len(raw) <= limit
    assert b"sk-" not in raw.removeprefix(before.encode()[:limit])


@given(st.binary(max_size=300), st.integers(0, 400))
def test_any_bytes_are_survived(raw: bytes, limit: int) -> None:
    assert len(masked(raw, limit)) <= limit


def test_text_that_looks_like_keys_all_over_takes_no_long() -> None:
    for piece in (b"secret", b"api_key:", b"://a:", b"a-" * 40, b"eyJaaaaaaaaa.", b"bearer "):
        assert len(masked(piece * 20_000, 4096)) <= 4096


PIECES = st.sampled_from(
    (
        *(
            "api",
            "key",
            "_",
            "-",
            "secret",
            "passwd",
            "token",
            "credential",
            "authorization",
            "bearer",
            "basic ",
        ),
        *("://", ":", "=", "@", '"', " ", "sk-", "ghp_", "github_pat_", "xoxb-", "akia", "aiza", "eyj", "."),
        *("-----BEGIN ", "PRIVATE KEY-----", "abcdefghijklmnop", "01234567", "x", "12", "\n"),
    )
)


@given(st.lists(PIECES, max_size=8).map("".join), st.booleans())
def test_text_that_is_cleared_cheaply_has_no_key(text: str, is_upper: bool) -> None:
    """The name of a continent makes sure that the shapes are looked for, and is none."""
    raw = (text.upper() if is_upper else text).encode()
    assert masked(b"asia " + raw, 1_000) == b"asia " + masked(raw, 1_000)
