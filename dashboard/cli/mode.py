"""The enforcement mode of the home: off, shadow or enforce.

  show            the mode, what shadow would have blocked and what enforce blocked, the acceptance checks
  promote         to the next stricter mode; to enforce only when every acceptance check passes
  set MODE        to a named mode
  rollback        back to the mode before
  auto-narrow     what a ROLL BACK does by itself while `slotgate serve` runs; with WHAT, set it (admin):
                  off, kill, last-approved (the newest controls that people expanded from on EXPAND, else
                  kill) or critical-kill (on critical gate-audit findings alone). It only ever narrows

Less enforcement takes two people where it is enforced: the first call opens a request, and after its
approval the same call carries it out. Only `enforce` protects; kill and narrowing never read the mode.

exit codes: 0 done or requested · 1 refused · 2 wrong usage · 3 auto-narrow without a reason ·
4 home unusable · 5 conflict
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.guarded import (
    add_home,
    add_terms,
    add_token,
    looked_into,
    opened,
    put,
    report,
    terms_of,
    write,
)
from dashboard.documents import modes as documents
from gates.changes.acceptance import Acceptance
from gates.changes.automatic import AutoNarrow
from gates.changes.divergence import Divergence
from gates.policy.intent import Mode

_BY_ITSELF = {
    AutoNarrow.OFF: "a ROLL BACK waits for a person",
    AutoNarrow.KILL: "a ROLL BACK stops everything while `slotgate serve` runs",
    AutoNarrow.LAST_APPROVED: "a ROLL BACK returns to the last approved controls, or stops everything, "
    "while `slotgate serve` runs",
    AutoNarrow.CRITICAL_KILL: "critical gate-audit findings stop everything while `slotgate serve` runs; "
    "any other ROLL BACK waits for a person",
}


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    add_home(words.add_parser("show"))
    for name in ("promote", "rollback", "set"):
        word = words.add_parser(name)
        if name == "set":
            word.add_argument("mode", type=Mode, choices=list(Mode))
        add_terms(word)
        add_token(word)
        add_home(word)
    word = words.add_parser("auto-narrow")
    word.add_argument("what", type=AutoNarrow, choices=list(AutoNarrow), nargs="?", metavar="WHAT")
    word.add_argument("--reason", default="", help="why; to set it")
    add_token(word)
    add_home(word)


def execute(arguments: Namespace) -> int:
    """Show or change it."""
    if arguments.word == "show":
        with looked_into(arguments) as guarded:
            service = guarded.service
            mode, said, checks = service.mode(), service.divergence(), service.acceptance()
        if arguments.json:
            put(documents.mode(mode, said, checks))
        else:
            _print(mode, said, checks)
        return 0
    if arguments.word == "auto-narrow":
        return _auto_narrow(arguments)
    with opened(arguments) as guarded:
        service, actor, terms = guarded.service, guarded.actor(arguments), terms_of(arguments)
        if arguments.word == "rollback":
            return report(service.rollback_mode(actor, terms), arguments)
        promoting = arguments.word == "promote"
        wanted = documents.stricter(service.mode()) if promoting else arguments.mode
        if wanted is Mode.ENFORCE and not arguments.json:
            _print(service.mode(), service.divergence(), service.acceptance())
        return report(service.change_mode(actor, wanted, terms), arguments)


def _auto_narrow(arguments: Namespace) -> int:
    """Show it or set it."""
    wanted: AutoNarrow | None = arguments.what
    if wanted is None:
        with looked_into(arguments) as guarded:
            setting = before = guarded.service.auto_narrow()
    else:
        with opened(arguments) as guarded:
            before = guarded.service.set_auto_narrow(guarded.actor(arguments), wanted, arguments.reason)
        setting = wanted
    if arguments.json:
        put({"autoNarrow": setting.value, "before": before.value})
    else:
        was = "" if setting is before else f", was {before}"
        write(f"auto-narrow {setting}{was}: {_BY_ITSELF[setting]}")
    return 0


def _print(mode: Mode, said: Divergence, checks: Acceptance) -> None:
    write(f"mode {mode}" + ("" if mode is Mode.ENFORCE else ": it does not protect"))
    write(f"shadow {said.sentence}")
    write(f"enforce blocked {said.enforce.stopped} of {said.enforce.judged}")
    for check in checks.checks:
        write(f"  {'passed' if check.passed else 'FAILED'}: {check.name} ({check.seen})")
