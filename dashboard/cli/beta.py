"""The plans' lists as a checklist: computed from evidence where that can be, else signed. See docs/beta.md.

  list             every item with its state and why; what requires rollback comes first
  sign ITEM        state that an item holds, with a link that shows it; statements run out
  withdraw ITEM    take a statement back

Without a word: list. An item counts when it is MET or SIGNED; OPEN, EXPIRED and CONTRADICTED do not.
What is computed cannot be signed, and a signature is worth nothing while fresh data speak against it.

exit codes: 0 every item shown is met, or done · 1 one is not, or refused · 2 wrong usage ·
3 the statement cannot be signed · 4 home unusable
"""

import time
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass

from dashboard.beta.of_home import HomeBeta
from dashboard.beta.words import as_record, in_words
from dashboard.cli.guarded import Guarded, add_home, add_token, looked_into, opened, put
from dashboard.cli.output import say, say_json
from dashboard.review.of_home import HomeEvidence, said_of
from gates.beta.checklist import Checklist
from gates.beta.items import BetaList
from gates.errors import InvalidChange
from schemas.instant import SECOND

_DAY_NS = 24 * 3600 * SECOND
_NOT_MET = 1


@dataclass(frozen=True, slots=True)
class _Word:
    """The options that a word needs; it takes no other of them."""

    needs: frozenset[str]
    may: frozenset[str] = frozenset()

    def require(self, arguments: Namespace) -> None:
        """End with code 2 where one is missing or means nothing here."""
        given = {name for name in _OPTIONS if getattr(arguments, name) is not None}
        for missing in sorted(self.needs - given):
            arguments.wrong(f"`{arguments.word}` needs {_OPTIONS[missing]}")
        for strange in sorted(given - self.needs - self.may):
            arguments.wrong(f"`{arguments.word}` takes no {_OPTIONS[strange]}")


_OPTIONS = {
    "item": "ITEM",
    "of": "--list",
    "link": "--link",
    "text": "--text",
    "days": "--days",
    "reason": "--reason",
}
_WORDS = {
    "list": _Word(frozenset(), frozenset({"of"})),
    "sign": _Word(frozenset({"item", "link", "text"}), frozenset({"days"})),
    "withdraw": _Word(frozenset({"item", "reason"})),
}


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    parser.add_argument("word", nargs="?", choices=_WORDS, default="list", metavar="WORD")
    parser.add_argument("item", nargs="?", metavar="ITEM", help="its id, as the list shows it")
    parser.add_argument("--list", type=BetaList, choices=list(BetaList), dest="of", help="only this list")
    parser.add_argument("--link", help="sign: what shows it, a URL or the id of a record")
    parser.add_argument("--text", help="sign: what you looked at")
    parser.add_argument("--days", type=float, help="sign: how long it stands; at most the item's own time")
    parser.add_argument("--reason", help="withdraw: why")
    add_token(parser)
    add_home(parser)
    parser.set_defaults(wrong=parser.error)


def execute(arguments: Namespace) -> int:
    """Show, sign or withdraw."""
    _WORDS[arguments.word].require(arguments)
    match arguments.word:
        case "sign":
            return _sign(arguments)
        case "withdraw":
            return _withdraw(arguments)
        case _:
            return _list(arguments)


def _list(arguments: Namespace) -> int:
    with looked_into(arguments) as guarded:
        found = _checklist(guarded)
    if arguments.json:
        say_json(as_record(found, arguments.of))
    else:
        say("\n".join(in_words(found, arguments.of)))
    shown = found.results if arguments.of is None else found.of(arguments.of)
    return 0 if all(result.is_met for result in shown) else _NOT_MET


def _checklist(guarded: Guarded) -> Checklist:
    question, beta = guarded.service.question(), HomeBeta(guarded.home, guarded.store)
    try:
        reviewed = HomeEvidence(guarded.home).provider().reviewed(question)
    except ModuleNotFoundError as error:
        return beta.unseen(question, f"this host has no {said_of(error)}; look where telemetry is ingested")
    except Exception as error:  # noqa: BLE001  whatever it was, nothing is shown by it, and it is said
        return beta.unseen(question, str(error) or type(error).__name__)
    return beta.seen(question, reviewed.evidence, reviewed.verdict)


def _sign(arguments: Namespace) -> int:
    until_ns = None
    if arguments.days is not None:
        if not 0 < arguments.days <= 3650:
            raise InvalidChange("`--days` is a number of days from now, above 0 and at most 3650")
        until_ns = time.time_ns() + int(arguments.days * _DAY_NS)
    with opened(arguments) as guarded:
        actor = guarded.actor(arguments)
        number = guarded.service.sign_statement(
            actor, arguments.item, arguments.link, arguments.text, expires_ns=until_ns
        )
    if arguments.json:
        put({"statement": number, "item": arguments.item, "author": actor.actor_id})
    else:
        say(f"statement {number}: {actor.actor_id} signed `{arguments.item}`")
    return 0


def _withdraw(arguments: Namespace) -> int:
    with opened(arguments) as guarded:
        actor = guarded.actor(arguments)
        count = guarded.service.withdraw_statement(actor, arguments.item, arguments.reason)
    if arguments.json:
        put({"item": arguments.item, "withdrawn": count})
    else:
        say(f"{count} withdrawn: `{arguments.item}` is open again")
    return 0
