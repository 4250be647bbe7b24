"""How it stands with each receiver, from what is kept on disk: for `notify status` and doctor."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.notify.backlog import Backlog, Failed
from dashboard.notify.backlog_file import FOLDER, BacklogFile
from dashboard.notify.receivers import NAME, Receiver, read_receivers
from gates.controls.instant import timestamp


@dataclass(frozen=True, slots=True)
class Standing:
    """One receiver. `backlog` is null before anything was looked at."""

    name: str
    backlog: Backlog | None

    @property
    def failed(self) -> tuple[Failed, ...]:
        """What was given up, the newest of it."""
        return () if self.backlog is None else self.backlog.failed

    @property
    def is_well(self) -> bool:
        """Nothing was given up, it is not switched off, and nothing waits after a failure."""
        return self.backlog is None or not (
            self.backlog.disabled or self.backlog.failures or any(one.last for one in self.backlog.waiting)
        )

    @property
    def words(self) -> str:
        """One line."""
        if self.backlog is None:
            return f"{self.name}: nothing was sent yet"
        last = self.backlog.delivered_ns
        words = f"{self.name}: {self.backlog.delivered} delivered"
        words += "" if last is None else f", last {timestamp(last)}"
        words += f", {len(self.backlog.waiting)} waiting, {self.backlog.failures} given up"
        why = next((one.last for one in self.backlog.waiting if one.last), "")
        words += f"; last failure: {why}" if why else ""
        return f"{words}; told nothing any more: {self.backlog.disabled}" if self.backlog.disabled else words

    def as_record(self) -> dict[str, Any]:
        """For scripts; numbers are null before anything was looked at."""
        backlog = self.backlog
        if backlog is None:
            return {"name": self.name, "cursor": None, "waiting": [], "failed": [], "disabled": None}
        return {
            "name": self.name,
            "cursor": backlog.cursor,
            "delivered": backlog.delivered,
            "waiting": [
                {"record": one.seq, "attempts": one.attempts, "why": one.last or None}
                for one in backlog.waiting
            ],
            "failures": backlog.failures,
            "failed": [
                {"record": one.seq, "at": timestamp(one.at_ns), "why": one.why} for one in backlog.failed
            ],
            "disabled": backlog.disabled,
        }


def standing(root: Path) -> tuple[Standing, ...]:
    """Every receiver of the home at `root`. Raises `ReceiversMisconfigured` and `OSError`."""
    receivers = read_receivers(root / NAME).receivers
    return tuple(Standing(one.name, _kept(root, one)) for one in receivers)


def _kept(root: Path, receiver: Receiver) -> Backlog | None:
    found = BacklogFile(root / FOLDER, receiver.name).read()
    return found if found is not None and found.after == receiver.after else None
