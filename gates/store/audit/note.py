"""Signed notes (C2SP signed-note 1.0) with Ed25519, in the key encodings of Go's sumdb/note.

verifier key   <name>+<key id, 8 hex digits>+<base64(0x01 ‖ 32-byte public key)>
signer key     PRIVATE+KEY+<name>+<key id>+<base64(0x01 ‖ 32-byte seed)>
signature      — <name> <base64(key id ‖ signature)>, key id = SHA-256(name ‖ LF ‖ 0x01 ‖ public key)[:4]
"""

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gates.errors import InvalidCheckpoint

_ED25519 = b"\x01"
_PRIVATE = "PRIVATE+KEY+"
_DASH = "\N{EM DASH} "
LONGEST = 1_000_000
MOST_SIGNATURES = 100


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half; anyone may know it, and checks notes with it."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(_ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Raises `InvalidCheckpoint`."""
        name, key_id, data = _fields(text.strip(), "a verifier key")
        key = cls(name, data)
        if key.key_id != key_id:
            raise InvalidCheckpoint(f"the key `{text.strip()}` does not have its own id; copy it whole")
        return key


@dataclass(frozen=True, slots=True)
class SignerKey:
    """The private half: whoever has it can sign."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self._key().public_key().public_bytes_raw())

    def __str__(self) -> str:
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{_base64(_ED25519 + self.seed)}"

    def __repr__(self) -> str:
        return f"SignerKey({self.name!r})"

    @classmethod
    def generate(cls, name: str) -> "SignerKey":
        """A new key. Raises `InvalidCheckpoint` for a name that a note cannot hold."""
        _check_name(name)
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "SignerKey":
        """Raises `InvalidCheckpoint`; its message does not repeat the key."""
        if not text.startswith(_PRIVATE):
            raise InvalidCheckpoint("that is no signer key; name the file that holds one")
        name, key_id, data = _fields(text.strip().removeprefix(_PRIVATE), "a signer key")
        key = cls(name, data)
        if key.verifier.key_id != key_id:
            raise InvalidCheckpoint("the signer key does not have its own id; restore it from a backup")
        return key

    def sign(self, text: str) -> str:
        """The whole note. `text` ends with a newline and holds no other control character."""
        signature = self._key().sign(text.encode())
        line = f"{_DASH}{self.name} {_base64(self.verifier.key_id + signature)}\n"
        return f"{text}\n{line}"

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def opened(note: str, key: VerifierKey) -> str:
    """The text of `note`, after `key` was found to have signed it; other signatures are passed over.

    Raises `InvalidCheckpoint`: nothing in the note may be believed then.
    """
    if len(note) > LONGEST or any(sign < " " and sign != "\n" for sign in note):
        raise InvalidCheckpoint("that is no signed note; give a file that `slotgate audit checkpoint` wrote")
    text, gap, signatures = note.rpartition("\n\n")
    lines = signatures.removesuffix("\n").split("\n")
    if not gap or not signatures.endswith("\n") or len(lines) > MOST_SIGNATURES:
        raise InvalidCheckpoint("the note has no signature; give the whole file")
    text += "\n"
    for name, key_id, signature in [_signature(line) for line in lines]:
        if (name, key_id) == (key.name, key.key_id):
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
            except (InvalidSignature, ValueError) as error:
                raise InvalidCheckpoint(
                    f"the signature of `{name}` is false: do not trust this note"
                ) from error
            return text
    raise InvalidCheckpoint(f"the note is not signed by `{key.name}`; give the key that signed it with --key")


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, gap, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not line.startswith(_DASH) or not name or not gap or len(data) < 5:
        raise InvalidCheckpoint("the note has a line among its signatures that is none; give the whole file")
    return name, data[:4], data[4:]


def _fields(text: str, what: str) -> tuple[str, bytes, bytes]:
    # Base64 may hold a plus itself: only the first two part the fields.
    name, _, rest = text.partition("+")
    key_hex, _, encoded = rest.partition("+")
    try:
        key_id, data = bytes.fromhex(key_hex), base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key_id, data = b"", b""
    if len(key_id) != 4 or len(data) != 33 or not data.startswith(_ED25519):
        raise InvalidCheckpoint(f"that is not {what} for Ed25519; copy it whole")
    _check_name(name)
    return name, key_id, data[1:]


def _check_name(name: str) -> None:
    if not name or "+" in name or any(sign.isspace() or sign < " " for sign in name):
        raise InvalidCheckpoint("a key name is not empty and holds neither spaces nor `+`; choose another")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
