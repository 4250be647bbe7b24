"""Where things lie in a home (DESIGN section 3). Paths only: nothing here touches the disk."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = ".slotgate"


@dataclass(frozen=True, slots=True)
class Home:
    """The layout below `root`."""

    root: Path

    @property
    def control_file(self) -> Path:
        """What every executor reads on every decision."""
        return self.root / "controls" / "control.json"

    @property
    def history(self) -> Path:
        """Every revision of the controls with the moment it took effect."""
        return self.root / "controls" / "history.jsonl"

    @property
    def telemetry(self) -> Path:
        """The DuckDB file; one process owns it."""
        return self.root / "telemetry.duckdb"

    @property
    def archive(self) -> Path:
        """Rows that left the telemetry file, in Parquet files of a month each."""
        return self.root / "archive"

    @property
    def store(self) -> Path:
        """The SQLite file of revisions, requests, operators and the audit chain."""
        return self.root / "gate.db"

    @property
    def store_owner(self) -> Path:
        """Which store is this home's, where it lies elsewhere."""
        return self.root / "store-owner"

    @property
    def late(self) -> Path:
        """What happened while the store could not record it, one file an event, to be merged."""
        return self.root / "late"

    @property
    def audit_key(self) -> Path:
        """The private key that signs checkpoints of the audit chain."""
        return self.root / "audit.key"

    @property
    def drilling(self) -> Path:
        """There while a drill holds the kill: a real kill then makes a revision of its own."""
        return self.root / ".drilling"

    @property
    def spool(self) -> Path:
        """Append-only telemetry files, one per executor process."""
        return self.root / "spool"

    @property
    def serving(self) -> Path:
        """Where the process that owns the telemetry file answers, while it runs."""
        return self.root / "serving.json"

    @property
    def specs(self) -> Path:
        """What runs told of their job specs, append-only, one file a day."""
        return self.root / "specs"

    @property
    def exec(self) -> Path:
        """What `slotgate exec` gives to executors: allowlists as files, and what it read last."""
        return self.root / "exec"

    @property
    def runs(self) -> Path:
        """How runs under `slotgate exec` ended, append-only, one file a day."""
        return self.root / "runs"

    @property
    def executor_config(self) -> Path:
        """The executor config document, if this home has one of its own."""
        return self.root / "executor.json"

    @property
    def task_mutations(self) -> Path:
        """Which routes may change tasks, if not every enumerated one."""
        return self.root / "mutations.json"

    @property
    def ci_hook_secret(self) -> Path:
        """What builds sign their statements with, if this home takes any."""
        return self.root / "ci-hook.secret"

    @property
    def log(self) -> Path:
        """Private logs: request ids, statuses, causes. Never telemetry."""
        return self.root / "log"
