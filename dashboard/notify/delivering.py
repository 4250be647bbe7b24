"""Delivering to one receiver: look at the chain, send what is due, keep what is left to do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from dashboard.notify.backlog import (
    Backlog,
    begun_anew,
    delivered,
    disabled,
    due,
    given_up,
    noticed,
    postponed,
)
from dashboard.notify.backlog_file import BacklogFile
from dashboard.notify.chain import Chain, Link
from dashboard.notify.events import EventType
from dashboard.notify.receivers import Receiver
from dashboard.notify.sending import Sender
from dashboard.notify.telling import Gone, Later, Never, Told, tell
from gates.errors import StoreError

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Means:
    """What delivering needs of the world. `chance` gives numbers in [0, 1); `say` writes to a log."""

    chain: Chain
    sender: Sender
    clock: Callable[[], int]
    chance: Callable[[], float]
    say: Callable[[str], None]
    public_url: str | None


class Delivering:
    """All that one receiver is told. One thread calls `step`, over and over."""

    def __init__(self, receiver: Receiver, file: BacklogFile, means: Means) -> None:
        self._receiver = receiver
        self._file = file
        self._means = means
        self._backlog: Backlog | None = None
        self._trouble: str | None = None

    def step(self) -> bool:
        """Look, and make at most one delivery; whether there is more to do at once. Keeps its failures."""
        try:
            more = self._step()
            self._trouble = None
        except (StoreError, OSError) as error:
            self._say(f"notifications of `{self._receiver.name}` wait: {error}")
            return False
        return more

    def _step(self) -> bool:
        backlog = self._begun()
        if backlog.disabled is not None:
            return False
        backlog, looked_at = self._look(backlog)
        one = due(backlog, self._means.clock())
        if one is None:
            return looked_at >= _AT_ONCE
        found = self._means.chain.since(one.seq, 1)
        if not found or found[0].seq != one.seq:
            backlog = given_up(backlog, one.seq, self._means.clock(), "the record cannot be read any more")
        else:
            backlog = self._told(backlog, found[0])
        self._keep(backlog)
        return True

    def _begun(self) -> Backlog:
        """What was kept, or everything since the receiver was added."""
        if self._backlog is None:
            after = self._receiver.after
            kept = self._file.read()
            fits = kept is not None and kept.after == after
            self._backlog = kept if kept is not None and fits else Backlog(after=after, cursor=after)
        return self._backlog

    def _look(self, backlog: Backlog) -> tuple[Backlog, int]:
        """Note what is new in the chain; how many records that were."""
        links = self._means.chain.since(backlog.cursor, _AT_ONCE)
        read_before = (backlog.cursor, backlog.leaf)
        if backlog.leaf is not None and (not links or (links[0].seq, links[0].leaf) != read_before):
            return self._another_chain(backlog), 0
        new = tuple(link for link in links if link.seq > backlog.cursor)
        if not new:
            return backlog, 0
        events = tuple(link.event for link in new if self._selects(link))
        last = new[-1]
        found = noticed(backlog, events, last.seq, last.leaf, self._means.clock())
        self._backlog = found
        if events or len(new) == _AT_ONCE:  # else a restart looks at these few again
            self._keep(found)
        return found, len(links)

    def _selects(self, link: Link) -> bool:
        chosen = self._receiver.events
        return EventType.AUDIT_RECORDED in chosen or link.event.type in chosen

    def _another_chain(self, backlog: Backlog) -> Backlog:
        """A store that was put back from a copy, or lost: begin at its end."""
        self._say(f"notifications of `{self._receiver.name}` begin anew: the audit chain is another one now")
        tail = self._means.chain.tail()
        seq, leaf = (0, None) if tail is None else (tail.seq, tail.leaf)
        found = begun_anew(backlog, seq, leaf, self._means.clock())
        self._keep(found)
        return found

    def _told(self, backlog: Backlog, link: Link) -> Backlog:
        """Send the event, and note what came of it."""
        means = self._means
        result = tell(means.sender, self._receiver, link.event, means.public_url, means.clock())
        now_ns = means.clock()
        match result:
            case Told():
                return delivered(backlog, link.seq, now_ns)
            case Later(why, at_least_s):
                return postponed(backlog, link.seq, now_ns, why, means.chance(), at_least_s)
            case Never(why):
                self._say(f"`{self._receiver.name}` does not take record {link.seq}: {why}")
                return given_up(backlog, link.seq, now_ns, why)
            case Gone(why):
                self._say(f"`{self._receiver.name}` is told nothing any more: {why}")
                return disabled(backlog, why)
            case _:
                assert_never(result)

    def _keep(self, backlog: Backlog) -> None:
        """In memory first: a disk that is full must not make us send the same again and again."""
        self._backlog = backlog
        self._file.write(backlog)

    def _say(self, words: str) -> None:
        """Once for each trouble."""
        if words != self._trouble:
            self._means.say(words)
        self._trouble = words
