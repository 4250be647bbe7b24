"""Passwords of the built-in sign-in: Argon2id, with the library's current cost."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

SHORTEST, LONGEST = 12, 1_000
_HASHER = PasswordHasher()
# Somebody who does not exist takes as long as somebody who does. No password has this hash, which is
# written rather than made: making one takes as long as a sign-in, and every command would wait for it.
NOBODY = (
    f"$argon2id$v={ARGON2_VERSION}$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)


def unfit(password: str) -> str | None:
    """Why a password is not taken, or None."""
    if len(password) < SHORTEST:
        return f"a password has at least {SHORTEST} characters; a few words together are easy to keep"
    if len(password) > LONGEST:
        return f"a password has at most {LONGEST} characters"
    if len(set(password)) < 5:
        return "a password of so few different characters is guessed; choose another"
    return None


def hashed(password: str) -> str:
    """What the store keeps."""
    return _HASHER.hash(password)


def fits(password: str, stored: str | None) -> bool:
    """Whether `password` is the one behind `stored`; takes the same time where nothing is stored."""
    try:
        _HASHER.verify(NOBODY if stored is None else stored, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
