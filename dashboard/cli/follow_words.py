"""What following files found, as it goes on and at its end."""

from collections.abc import Callable, Sequence
from typing import Any

from dashboard.cli.load_words import STATES, kept_out, named
from dashboard.cli.output import complain
from dashboard.cli.words import counted
from ingest.follow.follower import Followed
from ingest.loading.summary import SourceSummary

_WORTH_A_LINE = ("new", "copy", "restarted")


class Teller:
    """Tells passes to `say`, or as documents to `say_json`; failures and gaps, once each, to stderr, too."""

    def __init__(self, say: Callable[[str], None], say_json: Callable[[Any], None] | None) -> None:
        self._say = say
        self._say_json = say_json
        self._failures: frozenset[str] = frozenset()
        self._accepted = self._lines = self._quarantined = self._missing = self._gone = self._unread = 0

    def begun(self, paths: Sequence[str]) -> None:
        """Before the first pass."""
        if self._say_json is None:
            self._say(f"following {', '.join(f'`{path}`' for path in paths)}; stop with Ctrl-C")

    def passed(self, followed: Followed) -> None:
        """After each pass; one in which nothing happened is not told."""
        summary = followed.summary
        for source in summary.sources:
            self._lines += source.counts.lines - source.held.lines
            self._accepted += source.counts.accepted - source.held.accepted
            self._quarantined += source.counts.quarantined - source.held.quarantined
        self._gone += summary.taken_for_gone
        self._missing += sum(gap.bytes for gap in summary.gaps)
        self._unread += len(followed.unread)
        failures = frozenset(followed.failures)
        gone = (*(gap.said for gap in summary.gaps), *followed.unread)
        for words in [*sorted(failures - self._failures), *gone]:
            complain(words)
        if self._say_json is None:
            for source in summary.sources:
                if source.state in _WORTH_A_LINE:
                    self._say(_source(source))
        elif failures != self._failures or gone or any(_is_told(one) for one in summary.sources):
            said = {"failures": list(followed.failures), "unread": list(followed.unread)}
            self._say_json({**summary.as_record(), **said})
        self._failures = failures

    def ended(self) -> None:
        """At the end, in words; nothing with documents."""
        if self._say_json is not None:
            return
        missing = f"; {self._missing:,} bytes went before they were read" if self._missing else ""
        unread = f"; {counted(self._unread, 'file')} went before any of it was read" if self._unread else ""
        self._say(
            f"{counted(self._lines, 'line')} read, {self._accepted:,} accepted, "
            f"{self._quarantined:,} quarantined{missing}{unread}"
        )
        if self._gone:
            self._say(f"KEPT OUT {kept_out(self._gone)}")


def _is_told(source: SourceSummary) -> bool:
    return source.state in _WORTH_A_LINE or source.counts != source.held


def _source(one: SourceSummary) -> str:
    added = one.counts.lines - one.held.lines
    return f"{named(one)}: {STATES[one.state]}; {counted(added, 'line')}, {one.accepted:,} accepted"
