"""A disk that is full, one that may not be written, and a home that belongs to somebody else.

`MOUNTED` is the real thing: a small tmpfs in a mount namespace of its own, filled to the last byte or
remounted read-only. That takes the right to mount, or a kernel that gives user namespaces. `LIMITED` is
what every kernel does to everybody: no file may grow (RLIMIT_FSIZE), or all rights to write are taken
away and the work is done as a user whom rights bind. Both must end the same way; where nothing can be
mounted, `LIMITED` alone proves the direction, and the skipped half says why.

`FOREIGN` is a home of root, worked on as nobody; who is not root takes the right to look from themselves.

Everything happens in forked children: a namespace, a limit and a user are not given back.
"""

import ctypes
import errno
import gc
import os
import pickle
import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
NOBODY = 65534
SIZE = 2 * 1024 * 1024
"""Bytes of the small disk: room for a home, and little more."""

_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000
_READ_ONLY, _REMOUNT, _RECURSIVE, _PRIVATE = 1, 32, 16384, 1 << 18


class Way(StrEnum):
    """How the trouble is made."""

    MOUNTED = "mounted"
    LIMITED = "limited"


class Trouble(StrEnum):
    """What is wrong with the disk."""

    FULL = "full"
    READ_ONLY = "read-only"
    FOREIGN = "foreign"


WAYS = [
    (Way.MOUNTED, Trouble.FULL),
    (Way.LIMITED, Trouble.FULL),
    (Way.MOUNTED, Trouble.READ_ONLY),
    (Way.LIMITED, Trouble.READ_ONLY),
    (Way.LIMITED, Trouble.FOREIGN),
]


@dataclass
class Disk:
    """A folder to put a home in, and its trouble. `run` does a piece of work as whoever owns it."""

    folder: Path
    way: Way
    trouble: Trouble
    troubled: bool = False

    def begin(self) -> None:
        """From now on the disk is as it should not be."""
        self.troubled = True
        match self.way, self.trouble:
            case Way.MOUNTED, Trouble.FULL:
                _fill(self.folder / "filler")
            case Way.MOUNTED, Trouble.READ_ONLY:
                _mount(self.folder, _REMOUNT | _READ_ONLY)
            case Way.LIMITED, Trouble.FULL:
                _let_files_grow_to(0)
            case Way.LIMITED, Trouble.READ_ONLY:
                for path in self._everything():
                    path.chmod(0o500 if path.is_dir() else 0o400)
            case Way.LIMITED, Trouble.FOREIGN if os.geteuid() != 0:
                self.folder.chmod(0)

    def end(self) -> None:
        """As it should be."""
        self.troubled = False
        match self.way, self.trouble:
            case Way.MOUNTED, Trouble.FULL:
                (self.folder / "filler").unlink()
            case Way.MOUNTED, Trouble.READ_ONLY:
                _mount(self.folder, _REMOUNT)
            case Way.LIMITED, Trouble.FULL:
                _let_files_grow_to(resource.getrlimit(resource.RLIMIT_FSIZE)[1])
            case Way.LIMITED, Trouble.READ_ONLY:
                for path in self._everything():
                    path.chmod(0o700 if path.is_dir() else 0o600)
            case Way.LIMITED, Trouble.FOREIGN:
                self.folder.chmod(0o700)

    def run(self, work: Callable[[], T]) -> T:
        """Do `work` in a child that the disk's trouble binds, and give what it returned."""

        def bound() -> T:
            self._bind()
            return work()

        return in_child(bound)

    def own(self) -> None:
        """Everything on the disk is nobody's from now on."""
        for path in self._everything():
            os.chown(path, NOBODY, NOBODY)

    def as_nobody(self, work: Callable[[], T]) -> T:
        """Do `work` in a child as nobody, and give what it returned."""

        def bound() -> T:
            _become_nobody()
            return work()

        return in_child(bound)

    def _bind(self) -> None:
        if self.way is Way.MOUNTED:
            return
        if self.trouble is Trouble.READ_ONLY and os.geteuid() == 0:
            self.own()
            _become_nobody()
        elif self.trouble is Trouble.FOREIGN and self.troubled and os.geteuid() == 0:
            _become_nobody()

    def _everything(self) -> tuple[Path, ...]:
        return (self.folder, *self.folder.rglob("*"))


def on_disk(way: Way, trouble: Trouble, work: Callable[[Disk], T]) -> T:
    """Do `work` with a small disk; what it returned. Skips, and says why, where nothing can be mounted."""
    if way is Way.MOUNTED and (why := why_not_mounted()) is not None:
        pytest.skip(f"{why}; the same cases hold by limits, see `limited`")
    with TemporaryDirectory() as name:
        outer = Path(name)
        outer.chmod(0o755)  # for nobody

        def child() -> T:
            disk = Disk(outer / "disk", way, trouble)
            disk.folder.mkdir()
            if way is Way.MOUNTED:
                _enter_namespace()
                _mount(disk.folder, 0)
            return work(disk)

        return in_child(child)


def in_child(work: Callable[[], T]) -> T:
    """The value of `work`, done in a forked child; raises with what went wrong there."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        gc.freeze()  # a collection would copy all the memory that the tests have
        os.close(reading)
        code = 1
        try:
            answer: Any = (True, work())
        except BaseException as error:  # noqa: BLE001  told to the parent, who raises
            answer = (False, f"{type(error).__name__}: {error}")
        try:
            with os.fdopen(writing, "wb") as out:
                pickle.dump(answer, out)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as source:
        data = source.read()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status == 0, f"the child ended with {status}"
    done, value = pickle.loads(data)
    assert done, value
    result: T = value
    return result


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


def slotgate(*words: str, stdin: bytes = b"", environ: Mapping[str, str] | None = None) -> Said:
    """Run a command in this process's child, with its own descriptors, as `slotgate WORDS`."""
    pipes = [os.pipe() for _ in range(3)]
    os.write(pipes[0][1], stdin)
    os.close(pipes[0][1])
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            for number, descriptor in enumerate((pipes[0][0], pipes[1][1], pipes[2][1])):
                os.dup2(descriptor, number)
            sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
            code = _main(words, environ or {})
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    for descriptor in (pipes[0][0], pipes[1][1], pipes[2][1]):
        os.close(descriptor)
    texts = []
    for reading, _ in pipes[1:]:  # what a command says fits a pipe, so no order can block
        with os.fdopen(reading, "rb") as source:
            texts.append(source.read().decode())
    return Said(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), *texts)


def _main(words: tuple[str, ...], environ: Mapping[str, str]) -> int:
    import traceback

    from dashboard.cli.main import main

    ours = ("SLOTGATE", "SLOTGEN", "FEATURE_SLOTGEN", "ENFORCEMENT_MODE", "OPENAI")
    for name in [name for name in os.environ if name.startswith(ours)]:
        del os.environ[name]
    os.environ.update(environ)
    try:
        return main(list(words))
    except BaseException:  # noqa: BLE001  as the interpreter would end
        traceback.print_exc()
        return 70


@cache
def why_not_mounted() -> str | None:
    """Why no disk can be mounted here, or null where one can."""
    with TemporaryDirectory() as name:

        def attempt() -> str | None:
            try:
                _enter_namespace()
                _mount(Path(name), 0)
            except OSError as error:
                return f"the kernel lets nobody here mount a disk ({error.strerror})"
            return None

        return in_child(attempt)


def _let_files_grow_to(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def _become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def _enter_namespace() -> None:
    """Mounts of this process alone. Raises `OSError`."""
    user, group = os.geteuid(), os.getegid()
    try:
        _call("unshare", _NEW_MOUNTS)
    except OSError:
        _call("unshare", _NEW_USER | _NEW_MOUNTS)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _call("mount", b"none", b"/", None, ctypes.c_ulong(_RECURSIVE | _PRIVATE), None)


def _mount(folder: Path, flags: int) -> None:
    options = f"size={SIZE},mode=0700".encode()
    _call("mount", b"none", os.fsencode(folder), b"tmpfs", ctypes.c_ulong(flags), options)


def _call(name: str, *arguments: Any) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), name)


def _fill(path: Path) -> None:
    """Leave not one byte."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for size in (65_536, 4096, 1):
            while _written(descriptor, size):
                pass
    finally:
        os.close(descriptor)


def _written(descriptor: int, size: int) -> bool:
    try:
        return os.write(descriptor, bytes(size)) > 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
