"""Who knows the secret: HMAC-SHA256 over the raw body, in the header and form that GitHub uses."""

import hmac
import os
import stat
from hashlib import sha256
from pathlib import Path

from gates.controls.durable import opened

HEADER = "x-hub-signature-256"
_FORM = "sha256="
_SHORTEST, _LONGEST = 32, 4096


def read_secret(path: Path) -> bytes | None:
    """The secret in a private file of this user, without its line end; null where there is none to trust."""
    try:
        with opened(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW) as descriptor:
            found = os.fstat(descriptor)
            private = stat.S_ISREG(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
            if not private or found.st_uid not in (os.geteuid(), 0):
                return None
            secret = os.read(descriptor, _LONGEST + 1).strip()
    except OSError:
        return None
    return secret if _SHORTEST <= len(secret) <= _LONGEST else None


def is_signed(secret: bytes, body: bytes, header: str | None) -> bool:
    """Whether `header` is the signature of exactly these bytes; a wrong one takes as long as a right."""
    return hmac.compare_digest(signature(secret, body).encode(), (header or "").encode())


def signature(secret: bytes, body: bytes) -> str:
    """The header of a body."""
    return _FORM + hmac.new(secret, body, sha256).hexdigest()
