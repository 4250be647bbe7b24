"""What was read of a source and waits to be stored, in parts that each end where no line was open."""

from dataclasses import dataclass

from ingest.loading.reader import Taken
from ingest.sources.counts import Counts
from ingest.sources.identity import Mark
from ingest.store.gathered import ROW_GROUP


@dataclass(frozen=True, slots=True)
class Part:
    """Rows to store, and the place and the lines read when the last of them was taken."""

    rows: Taken
    mark: Mark
    lines: Counts


@dataclass(frozen=True, slots=True)
class Portion:
    """What one transaction stores: parts, then rows of the part after them, which may change again."""

    closed: Part | None
    still_open: Taken


def merged(parts: list[Part]) -> Part | None:
    """All parts as one, in order."""
    if not parts:
        return None
    rows = Taken()
    for part in parts:
        rows.add(part.rows)
    return Part(rows, parts[-1].mark, parts[-1].lines)


def whole_groups(parts: list[Part]) -> tuple[Portion, list[Part]]:
    """As much of `parts` as fills whole row groups of telemetry, and what is kept for later."""
    surplus = sum(part.rows.record_count for part in parts) % ROW_GROUP
    taken, kept = list(parts), list[Part]()
    while taken and taken[-1].rows.record_count <= surplus:
        surplus -= taken[-1].rows.record_count
        kept.insert(0, taken.pop())
    if surplus == 0:
        return Portion(merged(taken), Taken()), kept
    last = taken.pop()
    head, tail = last.rows.split(last.rows.record_count - surplus)
    return Portion(merged(taken), head), [Part(tail, last.mark, last.lines), *kept]
