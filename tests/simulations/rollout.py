"""A rollout without waiting: real runs at moments that are set, their lines in a spool, loaded and judged.

Everything between the controls and the verdict is the product: the decision, the run, its telemetry
line, the control history on disk, the load into DuckDB, the gate audit, the evidence, the judgement.
Only the clock, the model and the dice are ours, and they are seeded.
"""

import random
import shutil
from collections.abc import Iterable, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from dashboard.demo.jobs import Jobs
from dashboard.demo.ladder import WIDEST, allowlist
from dashboard.demo.worker_log import timestamp
from gates.controls.history import History
from gates.verdict.defaults import DEFAULT
from gates.verdict.evidence import Evidence, FindingCount, IngestState
from gates.verdict.judge import judge
from gates.verdict.question import Question
from gates.verdict.verdict import Check, CheckName, HoldCode, Verdict
from gates.verdict.words import VerdictWord
from ingest.evidence import evidence
from ingest.history.controls import ControlHistory, read_home_history
from ingest.instants import rfc3339
from ingest.loading.load import Surroundings, load
from schemas.stages import STAGE_OF, Step
from tests.ingest.store_from_template import open_store
from tests.simulations.executors import Executor, Timeline

SECOND = 10**9
START = 1_795_000_000 * SECOND
JOBS_AN_HOUR = 120.0
BUDGET_P50_MS, BUDGET_P95_MS = 3_000.0, 4_500.0


def controls(revision: int, step: Step, percent: int, **changes: Any) -> dict[str, Any]:
    """A control document; whatever is not said is open to all that the widest scope of the demo permits."""
    stage = STAGE_OF[step]
    assert stage is not None
    return {
        "version": "controls.v1",
        "environment": "simulated",
        "revision": revision,
        "effectiveAt": rfc3339(START),
        "kill": False,
        "feature": True,
        "percent": percent,
        "rolloutZero": "nobody",
        "stage": int(stage),
        "step": step.value,
        "allowlist": allowlist(WIDEST),
        "breakGlassUntil": None,
        "validUntil": None,
    } | changes


@dataclass(frozen=True)
class Review:
    """What a review of the newest revision says."""

    evidence: Evidence
    verdict: Verdict

    @property
    def word(self) -> VerdictWord:
        return self.verdict.word

    @property
    def holds(self) -> tuple[HoldCode, ...]:
        return tuple(hold.code for hold in self.verdict.holds)

    @property
    def findings(self) -> tuple[FindingCount, ...]:
        """Of every severity, without those in grace."""
        return tuple(one for one in self.evidence.findings if one.lines)

    @property
    def codes(self) -> set[str]:
        return {one.code for one in self.findings}

    @property
    def raised(self) -> tuple[object, ...]:
        """Everything that a clean rollout must not have."""
        return (*self.verdict.stops, *self.verdict.holds, *self.findings, *self.evidence.clocks)

    @property
    def why(self) -> str:
        return "\n".join((self.verdict.sentence, *self.verdict.why))

    def check(self, name: CheckName, version: str | None = None) -> Check:
        return next(one for one in self.verdict.checks if (one.name, one.version) == (name, version))


class Rollout:
    """A home in `folder` whose time goes on as jobs run."""

    def __init__(self, folder: Path, seed: object) -> None:
        (folder / "spool").mkdir(parents=True)
        (folder / "specs").mkdir()
        self.folder = folder
        self.now_ns = START
        self.revision = 0
        self.step = Step.BASELINE
        self.jobs = 0
        self._jobs = Jobs(f"{seed}/jobs")
        self._dice = random.Random(f"{seed}/pace")
        self._history = History(folder / "history.jsonl")
        self.timeline = Timeline()
        self.store = open_store(folder / "telemetry.duckdb")
        self._pending: dict[str, list[tuple[int, bytes]]] = {}
        self._facts: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.store.close()

    def copied_to(self, folder: Path) -> "Rollout":
        """Another that goes on from where this one stands, which is closed and was loaded."""
        shutil.copytree(self.folder, folder)
        other = copy(self)
        other.folder = folder
        other._jobs, other._dice, other.timeline = deepcopy((self._jobs, self._dice, self.timeline))
        other._history = History(folder / "history.jsonl")
        other.store = open_store(folder / "telemetry.duckdb")
        other._pending, other._facts = {}, []
        return other

    def publish(self, step: Step, percent: int, **changes: Any) -> None:
        """The next revision, in force from now on."""
        self.revision += 1
        self.step = step
        document = controls(self.revision, step, percent, **changes)
        self._history.append("effective", self.now_ns, self.revision, document)
        self.timeline.put(self.now_ns, document)

    def begin(
        self, executors: Executor | Sequence[Executor], step: Step = Step.EXPAND_50, percent: int = 50
    ) -> None:
        """Half an hour under the kill, so that it is confirmed; then `step`."""
        self.publish(Step.BASELINE, 0, kill=True, feature=False)
        self.run(executors, 60)
        self.pass_s(60)
        self.publish(step, percent)

    def remove(self) -> None:
        """The control file is taken away."""
        self._history.append("removed", self.now_ns, self.revision, None)
        self.timeline.put(self.now_ns, {})

    def pass_s(self, seconds: float) -> None:
        """Nothing runs meanwhile."""
        self.now_ns += round(seconds * SECOND)

    def run(self, executors: Executor | Sequence[Executor], jobs: int, an_hour: float = JOBS_AN_HOUR) -> None:
        """So many jobs come, by chance so many an hour, and are shared out by turns."""
        turns = [executors] if isinstance(executors, Executor) else executors
        for _ in range(jobs):
            self.now_ns += round(self._dice.expovariate(an_hour / 3600) * SECOND)
            executor = turns[self.jobs % len(turns)]
            self.jobs += 1
            spec = self._jobs.spec(self.now_ns)
            spec["jobs"] = spec["jobs"][:1]  # one call a run, so that latencies are as they are set
            said = executor.run(spec, self.now_ns, self.timeline)
            self.put(executor.name, said.time_ns, said.line)
            self._facts.append(said.facts)

    def put(self, name: str, time_ns: int, line: bytes) -> None:
        """A line of stderr, written at `time_ns` by the clock of whoever wrote it."""
        if line:
            self._pending.setdefault(name, []).append((time_ns, line))

    def load(self) -> None:
        """Bring everything that was written so far into the store, by the clock of the home."""
        for name, lines in self._pending.items():
            lines.sort(key=lambda one: one[0])
            with (self.folder / "spool" / f"{name}.log").open("ab") as file:
                file.writelines(b"%s stderr F %s" % (timestamp(at), line) for at, line in lines)
        self._pending.clear()
        with (self.folder / "specs" / "all.jsonl").open("ab") as specs:
            specs.writelines(self._facts)
        self._facts.clear()
        load(self.store, [self.folder / "spool"], self.history(), surroundings=self._around())

    def bring_in(self, name: str, lines: Iterable[tuple[int, bytes]]) -> None:
        """Load a file that is none of the spool."""
        path = self.folder / name
        path.write_bytes(b"".join(b"%s stderr F %s" % (timestamp(at), line) for at, line in lines))
        load(self.store, [path], self.history(), surroundings=self._around())

    def _around(self) -> Surroundings:
        return Surroundings(None, lambda: self.now_ns, self.folder / "spool", self.folder / "specs")

    def history(self) -> ControlHistory | None:
        return read_home_history(self.folder / "history.jsonl")

    def review(self, **asked: Any) -> Review:
        """Load, and judge the newest revision now, a few seconds after the last job."""
        self.pass_s(10)
        self.load()
        question = Question(
            revision=self.revision,
            step=self.step,
            now_ns=self.now_ns,
            until_ns=None,
            thresholds=DEFAULT,
            budget_p50_ms=BUDGET_P50_MS,
            budget_p95_ms=BUDGET_P95_MS,
            reference=None,
            latched=None,
            bad_outputs=(),
        )
        question = replace(question, **asked)
        state = IngestState(last_pass_ns=self.now_ns, behind_bytes=0, unaudited=0, failure=None)
        with self.store.cursor() as cursor:
            found = evidence(cursor, question, state)
        return Review(found, judge(question, found))
