"""The gate audit as its definition says it: line by line, every interval, in plain Python."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gates.decision import bucket
from gates.verdict.gate_audit import CELLS, INCONSISTENT, Wrong
from gates.verdict.situations import Controls, Observed, observed, situation
from ingest.history.controls import Interval
from schemas.codes import contradiction
from schemas.instant import SECOND

SKEW_NS = SECOND
_FOREVER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Spec:
    """What is known of a job: whether it opted in, its subject, and when that was first recorded."""

    opted_in: bool
    subject: str
    first_ns: int


@dataclass(frozen=True, slots=True)
class Line:
    """One telemetry line at `time_ns`, that took `latency_ms`."""

    time_ns: int
    job_id: str
    path: str
    status: str
    code: str | None
    latency_ms: int

    @property
    def decided_ns(self) -> int:
        return self.time_ns - self.latency_ms * 1_000_000


Found = tuple[str, int, str, int | None, bool]
"""The jobId and time of a line, the code of its finding, its revision, and whether it is in grace."""


def audit(
    lines: Iterable[Line],
    intervals: Sequence[Interval],
    subjects: Mapping[str | None, frozenset[str]],
    specs: Mapping[str, Spec],
    skew_ns: int = SKEW_NS,
) -> list[Found]:
    """`subjects` has what the allowlist of each digest permits."""
    found: list[Found] = []
    admitted: dict[tuple[int, str], set[str]] = defaultdict(set)
    judged: list[tuple[Line, int]] = []
    for line in lines:
        impossible = contradiction(line.path, line.status, line.code) is not None
        said = observed(line.path, line.code, is_impossible=impossible)
        under = _at(line.decided_ns, intervals)
        wrong = _wrong(line, said, under, line.decided_ns, subjects, specs, skew_ns)
        if under is None:
            if len(set(CELLS[said].values())) == 1 and wrong is None:
                wrong = next(iter(CELLS[said].values()))
            if wrong is not None:
                found.append((line.job_id, line.time_ns, wrong.code.value, None, False))
            continue
        is_excused = False
        if wrong is not None:
            is_excused = _is_legal(line, said, intervals, subjects, specs, skew_ns)
            found.append((line.job_id, line.time_ns, wrong.code.value, under.revision, is_excused))
        if not is_excused and said in (Observed.OPENAI, Observed.ROLLOUT_EXCLUDED):
            admitted[under.revision, line.job_id].add(line.path)
            judged.append((line, under.revision))
    found += [
        (line.job_id, line.time_ns, INCONSISTENT.code.value, revision, False)
        for line, revision in judged
        if len(admitted[revision, line.job_id]) == 2
    ]
    return sorted(found, key=str)


def _at(moment: int, intervals: Sequence[Interval]) -> Interval | None:
    return next(
        (one for one in intervals if one.from_ns <= moment and (one.to_ns is None or moment < one.to_ns)),
        None,
    )


def _wrong(
    line: Line,
    said: Observed,
    under: Interval | None,
    moment: int,
    subjects: Mapping[str | None, frozenset[str]],
    specs: Mapping[str, Spec],
    skew_ns: int,
) -> Wrong | None:
    if under is None:
        return None
    spec = specs.get(line.job_id)
    known = spec if spec is not None and line.time_ns >= spec.first_ns - skew_ns else None
    ran_out = under.denies_from_ns is not None and moment >= under.denies_from_ns
    controls = Controls(
        denies=under.kill or under.removed or ran_out,
        feature=under.feature,
        allowlist=under.allowlist,
        admits_below=100 if under.percent == 0 and under.zero_admits == "everyone" else under.percent,
    )
    listed = subjects.get(under.allowlist_digest)
    where = situation(
        controls,
        bucket(line.job_id),
        opted_in=False if line.job_id.startswith("probe:") else known.opted_in if known else None,
        permitted=known.subject in listed if known and listed is not None else None,
    )
    return CELLS[said][where]


def _is_legal(
    line: Line,
    said: Observed,
    intervals: Sequence[Interval],
    subjects: Mapping[str | None, frozenset[str]],
    specs: Mapping[str, Spec],
    skew_ns: int,
) -> bool:
    """Whether it is legal at any moment that its decision may have had, under whatever was seen then."""
    first, last = line.decided_ns - skew_ns, line.time_ns + skew_ns
    for one in intervals:
        seen_from = one.from_ns if one.publishing_ns is None else min(one.from_ns, one.publishing_ns)
        ends = _FOREVER if one.to_ns is None else one.to_ns
        begins = max(seen_from, first)
        if not (seen_from <= last and ends > first):
            continue
        # Within the interval the answer changes only where it runs out.
        moments = [begins] if one.denies_from_ns is None else [begins, max(begins, one.denies_from_ns)]
        if any(
            moment <= last
            and moment < ends
            and _wrong(line, said, one, moment, subjects, specs, skew_ns) is None
            for moment in moments
        ):
            return True
    return False
