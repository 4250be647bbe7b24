"""What the Controls page shows of one home, read from the change service at one moment. Frozen values."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gates.changes.automatic import AutoNarrow
from gates.changes.retelling import Standing, Told
from gates.changes.service import ChangeService
from gates.policy.intent import Mode
from gates.policy.values import ControlValues, control_values
from gates.store.rows import OwedRow, RequestRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlsNow:
    """The newest revision and what stands around it. `odd` says why the control file is not that revision."""

    told: Told
    standing: Standing
    mode: Mode
    open_requests: tuple[RequestRow, ...]
    owed: tuple[OwedRow, ...]
    auto_narrow: AutoNarrow
    thresholds_version: int
    odd: str | None

    @property
    def revision(self) -> int:
        """The number of the newest revision."""
        return self.told.revision.revision

    @property
    def document(self) -> dict[str, Any]:
        """The newest revision as `controls.v1`."""
        return dict(self.told.revision.after)

    @property
    def values(self) -> ControlValues:
        """The newest revision as the policy compares it."""
        return control_values(self.told.revision.after)


def controls_now(service: ChangeService) -> ControlsNow:
    """Read it. Raises a `StoreError`, `ModeUnknown`, and `UnknownEntry` before the first revision."""
    return ControlsNow(
        told=service.told(),
        standing=service.standing(),
        mode=service.mode(),
        open_requests=service.open_requests(),
        owed=service.owed(),
        auto_narrow=service.auto_narrow(),
        thresholds_version=service.thresholds().version_number,
        odd=service.unreviewed(),
    )


def written(store: Path | str) -> tuple[int, ...]:
    """Changes whenever somebody writes to the store; of a database elsewhere it says nothing."""
    if not isinstance(store, Path):
        return ()
    found: list[int] = []
    for path in (store, store.with_name(f"{store.name}-wal")):
        try:
            seen = path.stat()
        except OSError:
            continue
        found += (seen.st_mtime_ns, seen.st_size, seen.st_ino)
    return tuple(found)
