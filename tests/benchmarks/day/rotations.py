"""Logs that are written and rotated, each in another way that is found in the field."""

import gzip
import itertools
import os
import shutil
from abc import ABC, abstractmethod
from collections import deque
from pathlib import Path

KEPT, RUNS_KEPT = 20, 400
"""So many old files stay, some 80 s: on a busy machine a follower may be late."""


class Log(ABC):
    """A log below a folder of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.file = folder / "app.log"
        self._old: deque[Path] = deque()
        self._numbers = itertools.count(1)

    @property
    def followed(self) -> Path:
        """The path to follow."""
        return self.folder

    def write(self, text: str) -> None:
        """Append whole lines."""
        with self.file.open("a") as file:
            file.write(text)

    @abstractmethod
    def rotate(self) -> None:
        """Put what was written aside, and begin anew."""

    def _next(self) -> Path:
        return self.file.with_name(f"{self.file.name}.{next(self._numbers)}")

    def _keep(self, old: Path) -> None:
        self._old.append(old)
        while len(self._old) > KEPT:
            self._old.popleft().unlink()


class Renamed(Log):
    """logrotate's default: renamed, and the one before that compressed (`delaycompress`)."""

    def rotate(self) -> None:
        old = self._next()
        self.file.rename(old)
        if self._old:
            self._old[-1] = packed(self._old[-1])
        self._keep(old)


class PackedAtOnce(Log):
    """Renamed and compressed in one go."""

    def rotate(self) -> None:
        old = self._next()
        self.file.rename(old)
        self._keep(packed(old))


class CopyTruncated(Log):
    """Copied, then cut to nothing, while nobody writes: what is written in between is lost in the field."""

    def rotate(self) -> None:
        old = self._next()
        shutil.copyfile(self.file, old)
        os.truncate(self.file, 0)
        self._keep(old)


class Swapped(Log):
    """A link that points at another pod's file each time, as the kubelet does."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._pods = folder.parent / "pods"
        self._pod = self._new_pod()
        self.file.symlink_to(self._pod)

    @property
    def followed(self) -> Path:
        """The link itself."""
        return self.file

    def rotate(self) -> None:
        self._keep(self._pod)
        self._pod = self._new_pod()
        fresh = self.folder / "fresh"
        fresh.symlink_to(self._pod)
        fresh.rename(self.file)

    def _new_pod(self) -> Path:
        pod = self._pods / str(next(self._numbers)) / "0.log"
        pod.parent.mkdir(parents=True)
        pod.touch()
        return pod


class Small(Log):
    """A file for each write: one run, one line, as `exec` leaves them."""

    def write(self, text: str) -> None:
        for line in text.splitlines(keepends=True):
            file = self.folder / f"run-{next(self._numbers)}.log"
            file.write_text(line)
            self._old.append(file)

    def rotate(self) -> None:
        """Runs of some time ago are cleared away."""
        while len(self._old) > RUNS_KEPT:
            self._old.popleft().unlink()


def packed(file: Path) -> Path:
    """The file compressed, as gzip does it: both are there until it is whole."""
    target = file.with_name(f"{file.name}.gz")
    with file.open("rb") as plain, gzip.open(target, "wb", 1) as packing:
        shutil.copyfileobj(plain, packing)
    file.unlink()
    return target
