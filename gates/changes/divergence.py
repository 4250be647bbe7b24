"""What shadow would have blocked and what enforce blocked: two counts, never one."""

import json
from dataclasses import dataclass

from gates.changes.acceptance import Tally, tally
from gates.policy.intent import Mode
from gates.policy.outcome import Outcome
from gates.store.port import Transaction


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


def divergence(tx: Transaction) -> Divergence:
    """What each mode said so far, from the audit chain."""
    said: dict[str, list[tuple[str, tuple[str, ...]]]] = {mode.value: [] for mode in Mode}
    for record in tx.audit.iterate():
        fields = json.loads(record.body)
        if fields["outcome"] is not None and fields["mode"] in said and not fields["late"]:
            said[fields["mode"]].append((fields["outcome"], tuple(fields["reason_codes"])))
    return Divergence(
        shadow=tally(iter(said["shadow"]), Outcome.WOULD_BLOCK),
        enforce=tally(iter(said["enforce"]), Outcome.BLOCKED),
    )
