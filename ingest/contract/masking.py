"""Key-shaped strings are masked before anything raw is kept: logs quote requests, and requests carry keys.

Masking errs towards too much. It knows shapes, not keys: a secret without a known prefix or a telling name
before it cannot be recognised.
"""

import re

MASK = b"[masked]"

# What may stand between a name and its value: quotes (also escaped ones), a colon or an equals sign.
_IS = rb"\\*[\"']?\s{0,4}(?::|=>?)\s{0,4}\\*[\"']?"
_KEY_SHAPED = re.compile(
    rb"""
    (?P<keep>
        \bbearer\s{1,4}
      | \bbasic\s{1,4}(?=[a-z0-9+/=]{12})
      | [a-z_-]{0,32}(?:api[_-]?key|secret|passw(?:or)?d|token|credential|authorization)s?"""
    + _IS
    + rb"""(?:bearer\s{1,4}|basic\s{1,4})?
      | ://[^\s/:@"]{0,64}:(?=[^\s/@"]{1,256}@)
    )
    (?!\d{1,9}\b)                              # a count of tokens is no token
    (?P<value> [^\s"'\\,;&<>{}()\[\]@]{4,} )
  | (?<![a-z0-9]) (?:
        sk-[a-z0-9_-]{8,}                       # OpenAI, Anthropic and their like
      | (?:ghp|gho|ghu|ghs|ghr)_[a-z0-9]{16,} | github_pat_[a-z0-9_]{16,}
      | xox[abeprs]-[a-z0-9-]{8,} | (?:akia|asia)[0-9a-z]{16} | aiza[0-9a-z_-]{30,}
      | eyj[a-z0-9_-]{8,}\.[a-z0-9_-]{8,}(?:\.[a-z0-9_-]*)?     # a JSON web token
    )
  | -----BEGIN[ A-Z]{0,40}PRIVATE\ KEY-----.*
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
# Every shape above holds one of these, in whatever case: most text is cleared by this cheaper search.
_HINT = re.compile(
    rb"sk-|bearer|basic|api|secret|passw|token|credential|authorization|://|gh[pousr]_|github_pat|xox|akia|asia"
    rb"|aiza|eyj|-----begin"
)
# A key that straddles the limit must still look like one.
_MARGIN = 512


def masked(raw: bytes, limit: int) -> bytes:
    """At most `limit` bytes of `raw`, from its start, with key-shaped strings replaced by `[masked]`."""
    window = raw[: limit + _MARGIN]
    if _HINT.search(window.lower()) is None:
        return window[:limit]
    return _KEY_SHAPED.sub(_replaced, window)[:limit]


def masked_text(text: str) -> str:
    """`text` with key-shaped strings replaced by `[masked]`."""
    return masked(text.encode("utf-8", "backslashreplace"), 4 * len(text) + _MARGIN).decode(
        "utf-8", "replace"
    )


def _replaced(match: re.Match[bytes]) -> bytes:
    return (match["keep"] or b"") + MASK
