"""What shadow would have blocked and what enforce blocked: two counts, never one.

The audit chain only grows, so what was counted once is not read again by the same process.
"""

import json
from collections import Counter
from dataclasses import dataclass, field

from gates.changes.acceptance import Tally
from gates.policy.intent import Mode
from gates.policy.outcome import Outcome
from gates.store.port import Transaction
from gates.store.rows import AuditRecord

_UNJUDGED = b'"outcome":null,"prev":"'  # canonical JSON: how a record itself says it, and most do
Said = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """The two counts."""

    shadow: Tally
    enforce: Tally

    @property
    def sentence(self) -> str:
        """The shadow count in words."""
        reasons = ", ".join(f"{code} {count}" for code, count in self.shadow.by_reason)
        words = f"would have blocked {self.shadow.stopped} of {self.shadow.judged}"
        return f"{words}: {reasons}" if reasons else words


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each (mode, outcome, reason codes) was said up to the record `last`; null: none was read."""

    last: AuditRecord | None = None
    said: Counter[Said] = field(default_factory=Counter)

    def up_to_now(self, tx: Transaction) -> "Counted":
        """This, with what was said since; from the beginning where the chain is another one."""
        last = self.last
        if last is not None and tx.audit.get(last.seq) != last:
            return Counted().up_to_now(tx)
        said, begin = Counter(self.said), 1 if last is None else last.seq + 1
        for record in tx.audit.iterate(begin):
            last = record
            if _UNJUDGED not in record.body and (one := _said(record)) is not None:
                said[one] += 1
        return Counted(last, said)

    def divergence(self) -> Divergence:
        """The two counts."""
        return Divergence(
            shadow=self._tally(Mode.SHADOW, Outcome.WOULD_BLOCK),
            enforce=self._tally(Mode.ENFORCE, Outcome.BLOCKED),
        )

    def _tally(self, mode: Mode, stopping: Outcome) -> Tally:
        judged, stopped, reasons = 0, 0, Counter[str]()
        for (said_in, outcome, codes), count in self.said.items():
            if said_in != mode.value:
                continue
            judged += count
            if outcome == stopping.value:
                stopped += count
                reasons.update(dict.fromkeys(codes, count))
        return Tally(judged, stopped, tuple(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))))


def _said(record: AuditRecord) -> Said | None:
    fields = json.loads(record.body)
    if fields["outcome"] is None or fields["mode"] is None or fields["late"]:
        return None
    return fields["mode"], fields["outcome"], tuple(fields["reason_codes"])
