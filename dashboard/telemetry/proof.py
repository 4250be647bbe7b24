"""How both sides of a local call show that they know the secret, without sending it.

Each message carries an HMAC-SHA256 over what it is, the caller's nonce, the name of the call, and its
body. A process that took the port of one that died can neither learn the secret nor forge evidence.
"""

import hashlib
import hmac
from typing import Literal

NONCE_HEADER = "x-slotgate-nonce"
PROOF_HEADER = "x-slotgate-proof"
NONCE_BYTES = 16

Side = Literal["ask", "answer"]


def proof(secret: bytes, side: Side, nonce: str, name: str, status: int, body: bytes) -> str:
    """The proof of a message in hexadecimal; `status` is 0 in a question."""
    message = "\n".join((side, nonce, name, str(status), hashlib.sha256(body).hexdigest()))
    return hmac.new(secret, message.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def is_proven(
    secret: bytes, side: Side, nonce: str, name: str, status: int, body: bytes, given: str | None
) -> bool:
    """Whether `given` is that proof; compared in constant time."""
    wanted = proof(secret, side, nonce, name, status, body)
    return hmac.compare_digest(wanted.encode(), (given or "").encode("utf-8", "replace"))
