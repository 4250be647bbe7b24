"""The key that signs session cookies: 32 random bytes in the home, made at the first start."""

import os
import secrets
from pathlib import Path

from gates.controls.durable import make_folder, opened, write_all

_SIZE = 32


def signing_key(path: Path) -> bytes:
    """The key in `path`, made where it is missing or is none.

    Where it can be neither read nor written, a key that ends with the process: sessions then do too.
    """
    try:
        key = path.read_bytes()
        if len(key) == _SIZE:
            return key
        path.unlink()
    except FileNotFoundError:
        pass
    except OSError:
        return secrets.token_bytes(_SIZE)
    key = secrets.token_bytes(_SIZE)
    try:
        make_folder(path.parent)
        with opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW) as descriptor:
            write_all(descriptor, key)
            os.fsync(descriptor)
    except OSError:
        return key
    return key
