"""The plans' lists for one home: what is known is gathered here, and judged in `gates.beta`."""

import time
from collections.abc import Callable, Iterator

from gates.beta.checklist import Checklist, checklist
from gates.beta.facts import Allowlist, BetaFacts, Chain, RestoredDrill, Statement
from gates.controls.publish import Publisher
from gates.controls.reader import ControlFile
from gates.home import Home
from gates.store.audit.keeper import known_heads
from gates.store.audit.verify import Broken, Verification, verify
from gates.store.port import StorePort, Transaction
from gates.store.review_rows import DrillState
from gates.verdict.evidence import Evidence, KillState
from gates.verdict.kill_confirmation import confirm
from gates.verdict.question import Question
from gates.verdict.verdict import Verdict
from schemas.stages import Step

_BEFORE_STEADY = (Step.EXPAND_100, Step.STEADY)


class HomeBeta:
    """The lists of `home`, whose store is `store`."""

    def __init__(self, home: Home, store: StorePort) -> None:
        self._home = home
        self._store = store

    def seen(
        self, question: Question, evidence: Evidence, verdict: Verdict, chain: Chain | None = None
    ) -> Checklist:
        """All lists, with what telemetry shows of the revision in force.

        `chain` is what somebody found of the audit chain just now; without, all of it is verified here.
        """
        return self._judged(question, evidence, verdict, unseen="", chain=_known(chain))

    def unseen(self, question: Question, why: str, chain: Chain | None = None) -> Checklist:
        """All lists where the telemetry could not be read, and why."""
        return self._judged(question, None, None, unseen=why, chain=_known(chain))

    def permits_steady(self, question: Question, evidence: Evidence, verdict: Verdict) -> bool:
        """Whether the beta criteria are met and signed. Looked at only where `steady` can follow."""
        if question.step not in _BEFORE_STEADY:
            return False
        return self._judged(question, evidence, verdict, unseen="", chain=_nobody_looks).permits_steady

    def _judged(
        self,
        question: Question,
        evidence: Evidence | None,
        verdict: Verdict | None,
        *,
        unseen: str,
        chain: Callable[[Transaction], Chain | None],
    ) -> Checklist:
        with self._store.read() as tx:
            facts = BetaFacts(
                now_ns=question.now_ns,
                evidence=evidence,
                verdict=verdict,
                unseen=unseen,
                min_jobs=question.thresholds.steps[question.step].min_jobs,
                kill_confirmed_ns=_kill_confirmed_ns(question, evidence, verdict),
                allowlist=_allowlist(self._home),
                chain=chain(tx),
                drills=tuple(_drills(tx)),
            )
            return checklist(facts, _statements(tx))


def _kill_confirmed_ns(question: Question, evidence: Evidence | None, verdict: Verdict | None) -> int | None:
    """When the newest kill was engaged, where telemetry confirms it."""
    if evidence is None or verdict is None or evidence.kill is None:
        return None
    said = verdict.kill or confirm(evidence.kill, question.now_ns, question.thresholds)
    return evidence.kill.engaged_ns if said.state is KillState.CONFIRMED else None


def _allowlist(home: Home) -> Allowlist:
    why = ControlFile(home.control_file).current().unknown
    document = Publisher(home, time.time_ns).in_force().document
    if why is not None or document is None:
        return Allowlist(enabled=False, rules=0, why=why or "the control file changes just now")
    lists = document["allowlist"]
    return Allowlist(enabled=lists["enabled"], rules=sum(1 for rule in lists["rules"] if rule["enabled"]))


def _known(chain: Chain | None) -> Callable[[Transaction], Chain | None]:
    return _chain if chain is None else lambda _tx: chain


def _nobody_looks(_tx: Transaction) -> None:
    return None


def _chain(tx: Transaction) -> Chain:
    return chain_of(verify(tx.audit.iterate(), known_heads(tx)))


def chain_of(found: Verification) -> Chain:
    """What a verification of the audit chain means for the lists."""
    if isinstance(found, Broken):
        return Chain(records=found.seq - 1, broken=f"{found.fault}: {found.words}")
    return Chain(records=found.records)


def _drills(tx: Transaction) -> Iterator[RestoredDrill]:
    for row in tx.drills.all():
        confirmed_ns, ended_ns = row.confirmed_at_ns, row.ended_at_ns
        if row.state is DrillState.RESTORED and confirmed_ns is not None and ended_ns is not None:
            yield RestoredDrill(confirmed_ns=confirmed_ns, restored_ns=ended_ns)


def _statements(tx: Transaction) -> Iterator[Statement]:
    for row in tx.statements.all():
        if row.withdrawn_at_ns is None:
            yield Statement(
                item_id=row.item,
                text=row.text,
                link=row.link,
                author=row.author,
                at_ns=row.at_ns,
                expires_ns=row.expires_ns,
            )
