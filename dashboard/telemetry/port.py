"""The port to a home's telemetry.

One process owns the telemetry file. Two adapters answer alike: `opened` owns the file for the length
of a call, `served` asks the server that owns it; `at_home` takes whichever can answer. All raise the
errors of ingest, and `QueryTimeout`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from dashboard.telemetry.retaining import Retained, RetainRequest
from gates.spending.used import DayUsage
from gates.verdict.evidence import Evidence, KillFacts
from gates.verdict.question import Question
from ingest.archive.adopting import Adopted
from ingest.archive.looking import Archive, Depth
from ingest.gate_audit import Filter, Findings, Line
from ingest.loading.summary import LoadSummary
from ingest.progress import Tell
from ingest.quarantine import Quarantine, QuarantineQuestion, Replayed, ReplayRequest
from ingest.recent_jobs import SeenJobs
from ingest.report.report import Selection
from ingest.retention.standing import Standing
from ingest.store.gaps import Gap
from ingest.upkeep.compacting import Compacted

if TYPE_CHECKING:  # what gathers evidence takes most of a second to import, and a report needs none
    from ingest.evidence import StepWindow

STDIN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRequest:
    """What to load: files and folders by their paths, and `-`: standard input, or the file `stdin`.

    `controls` is the path of a control history, null for the home's own. `zero_admits` says what
    percent 0 means in a history that names no steps.
    """

    paths: tuple[str, ...]
    controls: str | None = None
    zero_admits: Literal["nobody", "everyone"] = "nobody"
    stdin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a load did; `history` names the control history it followed, null where there is none."""

    summary: LoadSummary
    history: str | None
    revisions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KillQuestion:
    """The newest kill, as of `now_ns`; lines within `skew_ns` of it may be of a clock that is off."""

    now_ns: int
    skew_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesQuestion:
    """The lines behind gate-audit findings, newest first; those in grace only `with_excused`."""

    chosen: Filter
    limit: int
    offset: int = 0
    with_excused: bool = False


class Telemetry(Protocol):
    """A home's telemetry."""

    def telling(self, tell: Tell) -> "Telemetry":
        """The same, which tells `tell` how far its long work is, and raises what that raises."""

    def report(self, selection: Selection) -> dict[str, Any]:
        """The document of `slotgate report --json`, of what was loaded."""

    def recent_jobs(self, now_ns: int) -> SeenJobs:
        """The distinct jobs of the last 24 h of telemetry."""

    def load(self, request: LoadRequest) -> Loaded:
        """Bring sources in, exactly once."""

    def evidence(self, question: Question) -> Evidence:
        """The evidence for a review, with everything that lies in the spool."""

    def kill_facts(self, question: KillQuestion) -> KillFacts | None:
        """What telemetry shows of the newest kill, with everything that lies in the spool."""

    def gate_findings(self, chosen: Filter) -> Findings:
        """What the gate audit found, with everything that lies in the spool."""

    def gate_lines(self, question: LinesQuestion) -> tuple[Line, ...]:
        """The lines that it found it in."""

    def step_windows(self) -> "tuple[StepWindow, ...]":
        """Every stay on a step in the home's history, in time order, with what it showed."""

    def bucket_counts(self) -> tuple[int, ...]:
        """Distinct jobs of each of the 100 buckets, of everything that was loaded."""

    def day_usage(self, day_no: int) -> DayUsage:
        """What the home used on a UTC day, in days since 1970, of what was loaded."""

    def gaps(self) -> tuple[Gap, ...]:
        """What of logs went before it was read and no copy has given since, the oldest first."""

    def quarantine(self, question: QuarantineQuestion) -> Quarantine:
        """What is in quarantine, by cause, and the records asked for."""

    def replay(self, request: ReplayRequest) -> tuple[Replayed, ...]:
        """Read quarantined records again; take in, exactly once, what is valid now."""

    def copy_to(self, target: str) -> int:
        """Copy all of it, as of one moment, into the new file at the path `target`; the layout of the copy.

        Loads and questions go on meanwhile. Raises `StoreError` where something is there.
        """

    def archive(self, depth: Depth) -> Archive:
        """The files that hold what left the telemetry file, and what is wrong with them."""

    def adopt_archive(self) -> tuple[Adopted, ...]:
        """Put files of the archive on record that are not, where none of their rows is stored or archived."""

    def retention(self) -> Standing:
        """Since when lines are kept, and what went."""

    def retain(self, request: RetainRequest) -> Retained:
        """Delete the rows that may go, and keep what they counted; files that were read go with them."""

    def rebuild_rollups(self) -> int:
        """Count every stored record into the rollups anew; how many there are."""

    def compact(self) -> Compacted | None:
        """Rewrite the file without what is free in it; null where there is none."""
