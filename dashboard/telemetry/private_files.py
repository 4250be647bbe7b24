"""Files for the owner alone: also what DuckDB writes beside its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_PRIVATE = 0o077


@contextmanager
def private_files() -> Iterator[None]:
    """Whatever the process makes meanwhile, nobody else can read it."""
    before = os.umask(_PRIVATE)
    try:
        yield
    finally:
        os.umask(before)
