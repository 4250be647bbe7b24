"""Checkpoints of the chain (C2SP tlog-checkpoint): origin, size and RFC 6962 root, as a signed note.

One that is kept off the host shows what the chain alone cannot: that all of it was rewritten, or
that its end was cut off.
"""

import base64
import binascii
import re

from gates.errors import InvalidCheckpoint
from gates.store.audit.note import SignerKey, VerifierKey, opened
from gates.store.audit.verify import TreeHead

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def signed_checkpoint(head: TreeHead, key: SignerKey) -> str:
    """The note; the key's name is the origin."""
    root = base64.b64encode(bytes.fromhex(head.root)).decode("ascii")
    return key.sign(f"{key.name}\n{head.size}\n{root}\n")


def checked_checkpoint(note: str, key: VerifierKey) -> TreeHead:
    """What the note claims, after its signature was checked. Raises `InvalidCheckpoint`."""
    lines = opened(note, key).removesuffix("\n").split("\n")
    if len(lines) < 3 or "" in lines or not _SIZE.fullmatch(lines[1]):
        raise InvalidCheckpoint("the note is signed and no checkpoint; give one of the audit chain")
    if lines[0] != key.name:
        raise InvalidCheckpoint(f"the checkpoint is of another chain, `{lines[0]}`; give one of this home")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != 32:
        raise InvalidCheckpoint("the checkpoint has no root hash; give the whole file")
    return TreeHead(int(lines[1]), root.hex())
