"""The session cookie: what it says is signed, so that it can be believed while no store can be read.

No I/O. The id is 256 random bits; the server keeps only its SHA-256 (`Proof.name`).
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest, digest

_LONGEST = 2_000
_VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a browser carries: whose session, whether that person could stop when signing in, its end."""

    session_id: str
    operator_id: str
    may_stop: bool
    expires_ns: int

    @property
    def name(self) -> str:
        """Under what the server keeps the session: it cannot be turned back into the id."""
        return sha256(self.session_id.encode()).hexdigest()


def sealed(proof: Proof, key: bytes) -> str:
    """The text of the cookie."""
    facts = [proof.session_id, proof.operator_id, proof.may_stop, proof.expires_ns]
    body = _encoded(json.dumps(facts, separators=(",", ":")).encode())
    return f"{_VERSION}.{body}.{_encoded(_mac(body, key))}"


def unsealed(text: str, key: bytes) -> Proof | None:
    """What the cookie says, or None when we did not write it."""
    parts = text.split(".")
    if len(text) > _LONGEST or not text.isascii() or len(parts) != 3 or parts[0] != _VERSION:
        return None
    try:
        if not compare_digest(urlsafe_b64decode(parts[2]), _mac(parts[1], key)):
            return None
        session_id, operator_id, may_stop, expires_ns = json.loads(urlsafe_b64decode(parts[1]))
    except (Error, ValueError, TypeError):
        return None
    return Proof(str(session_id), str(operator_id), may_stop is True, int(expires_ns))


def _mac(body: str, key: bytes) -> bytes:
    return digest(key, f"slotgate session {_VERSION} {body}".encode(), "sha256")


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode()
