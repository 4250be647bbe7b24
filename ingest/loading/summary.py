"""What a load did, in numbers that balance (DESIGN section 12)."""

from dataclasses import dataclass
from typing import Any, Literal

from ingest.sources.counts import Counts
from ingest.store.gaps import Gap

State = Literal["new", "grew", "unchanged", "copy", "restarted", "waiting", "failed"]
"""`copy`: the content is held already, from another file. `restarted`: the file began anew. `waiting`: too
little was written yet to tell whether it is a copy."""


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """One file as it is now: `counts` describes all of it, `held` what was stored of it before this load.

    `reattributed` records, stored earlier, were joined with other controls. `error` says why a file
    could not be read to its end; then `counts` covers what is stored of it. `taken_for_gone` of the
    duplicates are older than what retention keeps, and are known only by where and when they are from.
    """

    name: str
    state: State
    source_id: int | None
    generation: int
    counts: Counts
    held: Counts
    history_id: str | None
    reattributed: int = 0
    is_stored: bool = True
    error: str | None = None
    taken_for_gone: int = 0

    @property
    def accepted(self) -> int:
        """Records that this load added."""
        return self.counts.accepted - self._accepted_before

    @property
    def duplicate(self) -> int:
        """Valid records that were held already."""
        return self._accepted_before + self.counts.held_elsewhere

    @property
    def _accepted_before(self) -> int:
        return min(self.held.accepted, self.counts.accepted)

    @property
    def is_balanced(self) -> bool:
        """Every line is accounted for, and the store holds what the counts say.

        The counts of a source that broke off may end within a line.
        """
        return self.is_stored and (self.counts.balanced or self.state == "failed")

    def as_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "name": self.name,
            "state": self.state,
            "source": self.source_id,
            "generation": self.generation,
            **_numbers(self.counts, self.accepted, self.duplicate),
            "added": _added(self.counts, self.held),
            "history": self.history_id,
            "reattributed": self.reattributed,
            "taken_for_gone": self.taken_for_gone,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """All files of a load. `reattributed` records changed because the history they belong to did.

    `gaps`: what it found missing.
    """

    sources: tuple[SourceSummary, ...]
    reattributed: int = 0
    gaps: tuple[Gap, ...] = ()

    @property
    def counts(self) -> Counts:
        """All files taken together, each as it is now."""
        return sum((one.counts for one in self.sources), Counts())

    @property
    def accepted(self) -> int:
        """Records that this load added."""
        return sum(one.accepted for one in self.sources)

    @property
    def duplicate(self) -> int:
        """Valid records that were held already."""
        return sum(one.duplicate for one in self.sources)

    @property
    def taken_for_gone(self) -> int:
        """How many of the duplicates are known only by where and when they are from."""
        return sum(one.taken_for_gone for one in self.sources)

    @property
    def failed(self) -> tuple[SourceSummary, ...]:
        """The files that could not be read to their end."""
        return tuple(one for one in self.sources if one.state == "failed")

    @property
    def is_balanced(self) -> bool:
        """Read = accepted + duplicate + quarantined + noise, and the store agrees."""
        return all(one.is_balanced for one in self.sources)

    def as_record(self) -> dict[str, Any]:
        """The document of `ingest load --json`."""
        held = sum((one.held for one in self.sources), Counts())
        return {
            **_numbers(self.counts, self.accepted, self.duplicate),
            "added": _added(self.counts, held),
            "balanced": self.is_balanced,
            "reattributed": self.reattributed + sum(one.reattributed for one in self.sources),
            "taken_for_gone": self.taken_for_gone,
            "gaps": [gap.as_record() for gap in self.gaps],
            "sources": [one.as_record() for one in self.sources],
        }


def _numbers(counts: Counts, accepted: int, duplicate: int) -> dict[str, Any]:
    return {
        "lines": counts.lines,
        "record_lines": counts.record_lines,
        "noise_lines": counts.noise_lines,
        "joined_pieces": counts.joined_pieces,
        "records": {"accepted": accepted, "duplicate": duplicate, "quarantined": counts.quarantined},
    }


def _added(counts: Counts, held: Counts) -> dict[str, int]:
    return {
        name: max(0, getattr(counts, name) - getattr(held, name))
        for name in ("lines", "accepted", "quarantined", "noise_lines")
    }
