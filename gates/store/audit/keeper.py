"""The key that signs checkpoints of one home, and the signing."""

import os
import secrets
from pathlib import Path
from urllib.parse import quote

from gates.controls.durable import opened, sync_folder, write_all
from gates.controls.instant import Clock
from gates.errors import ChainBroken, InvalidCheckpoint, StoreError
from gates.store.audit.checkpoint import signed_checkpoint
from gates.store.audit.note import SignerKey
from gates.store.audit.verify import Broken, TreeHead, verify
from gates.store.port import StorePort, Transaction
from gates.store.rows import CheckpointRow

_LONGEST_KEY = 4096


def signer_key(path: Path, environment: str) -> SignerKey:
    """The key in the file at `path`, made when there is none: private to this user, never replaced.

    A new one is named after the environment, with random digits: the name is the origin of every
    checkpoint and tells this chain from all others. Raises `InvalidCheckpoint` for a file that holds
    no key, and a `StoreError` when it cannot be read or written.
    """
    known = read_key(path)
    if known is not None:
        return known
    name = f"slotgate/{quote(environment, safe='')}/{secrets.token_hex(8)}"
    key = SignerKey.generate(name)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        try:
            with opened(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW) as descriptor:
                write_all(descriptor, f"{key}\n".encode())
                os.fsync(descriptor)
            os.link(draft, path)  # unlike a rename, this replaces no key that somebody made meanwhile
        except FileExistsError:
            return signer_key(path, environment)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise _unusable(path, error) from error
    return key


def read_key(path: Path) -> SignerKey | None:
    """The key in the file at `path`, or None when there is no file. Raises as `signer_key` does."""
    try:
        with opened(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK) as descriptor:
            data = os.read(descriptor, _LONGEST_KEY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        return SignerKey.parse(data.decode())
    except UnicodeDecodeError as error:
        raise InvalidCheckpoint(f"`{path}` holds no signer key; restore it from a backup") from error


def sign_checkpoint(store: StorePort, key: SignerKey, clock: Clock) -> CheckpointRow:
    """Verify the whole chain against every checkpoint before, then sign and keep its head.

    Raises `ChainBroken`: a log must not sign what contradicts what it signed before.
    """
    with store.read() as tx:
        found = verify(tx.audit.iterate(), known_heads(tx))
    if isinstance(found, Broken):
        raise ChainBroken(f"the audit chain is broken: {found.words}; nothing is signed, see docs/audit.md")
    head = TreeHead(found.records, found.root)
    row = CheckpointRow(size=head.size, root=head.root, note=signed_checkpoint(head, key), at_ns=clock())
    with store.begin() as tx:
        tx.audit.add_checkpoint(row)
    return row


def known_heads(tx: Transaction) -> list[TreeHead]:
    """The heads of the checkpoints that are kept in the store itself."""
    return [TreeHead(row.size, row.root) for row in tx.audit.checkpoints()]


def _unusable(path: Path, error: OSError) -> StoreError:
    said = (error.strerror or "failed").lower()
    return StoreError(f"the checkpoint key `{path}` cannot be used: {said}; make it private to this user")
