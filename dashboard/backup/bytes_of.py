"""Copy bytes of one file into a new one, with their digest, private and on disk at the end."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from gates.controls.durable import opened

_STRIDE = 1 << 20
_LONGEST_LINE = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
More = Callable[[int], None]
"""Told how many bytes more were copied."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What was copied: how many bytes, and their SHA-256 in hexadecimal."""

    size: int
    sha256: str


def unheard(more: int) -> None:
    """Nobody counts."""
    del more


def copied(source: BinaryIO, target: Path | None, size: int | None = None, more: More = unheard) -> Copy:
    """Copy from where `source` stands into the new file `target`; null only reads.

    At most `size` bytes, and from there on to the end of that line, where it is there yet; null: to the end.
    Raises `OSError`, also where `target` exists.
    """
    if target is None:
        return _poured(source, None, size, more)
    with opened(target, _NEW) as descriptor, os.fdopen(os.dup(descriptor), "wb") as written:
        copy = _poured(source, written, size, more)
        written.flush()
        os.fsync(descriptor)
    return copy


def _poured(source: BinaryIO, written: BinaryIO | None, size: int | None, more: More) -> Copy:
    digest, done, last = sha256(), 0, b""
    while data := source.read(_STRIDE if size is None else min(_STRIDE, size - done)):
        _add(data, digest.update, written)
        done, last = done + len(data), data[-1:]
        more(len(data))
    if size is not None and done == size and last not in (b"", b"\n"):
        rest = source.readline(_LONGEST_LINE)
        _add(rest, digest.update, written)
        done += len(rest)
    return Copy(done, digest.hexdigest())


def _add(data: bytes, update: Callable[[bytes], None], written: BinaryIO | None) -> None:
    update(data)
    if written is not None:
        written.write(data)
