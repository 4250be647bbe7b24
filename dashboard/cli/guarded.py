"""What the commands that change something share: find the home, know who asks, say what came of it.

This is a composition root: the environment, the clock and the files of the home are read here.
"""

import json
import os
import pwd
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.cli.output import complain, harmless
from dashboard.cli.places import place
from dashboard.cli.recent_jobs import TelemetryJobs
from dashboard.cli.store import store_of
from dashboard.review.of_home import HomeEvidence
from gates.changes.answers import Answer
from gates.changes.composing import change_service
from gates.changes.content import Terms
from gates.changes.modes import require_agreement
from gates.changes.service import ChangeService
from gates.controls.source import FileMode, locate
from gates.errors import GateError, HomeError, NotSignedIn, StoreError
from gates.home import Home
from gates.policy.intent import Actor, Role
from gates.store.port import StorePort, Transaction
from gates.store.rows import AuditEntry, TokenScope
from gates.store.tokens import TokenAccepted, check_token, token_id_of

TOKEN_VARIABLE = "SLOTGATE_TOKEN"  # noqa: S105  the variable's name, not its value


def add_home(parser: ArgumentParser) -> None:
    """The options of every command on a home."""
    parser.add_argument("--home", type=place, metavar="DIR", help="default: SLOTGATE_HOME, else ./.slotgate")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def add_token(parser: ArgumentParser) -> None:
    """How a person shows who they are."""
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help=f"your personal token; default: the variable {TOKEN_VARIABLE}",
    )


def add_terms(parser: ArgumentParser) -> None:
    """What a person says about a change."""
    parser.add_argument("--reason", default="", help="why")
    parser.add_argument("--decision-record", default="", metavar="LINK", help="link or id of the decision")


def terms_of(arguments: Namespace) -> Terms:
    """What was said."""
    return Terms(
        reason=arguments.reason,
        decision_record=arguments.decision_record,
        exception=getattr(arguments, "exception", None),
        broadening_not_needed=getattr(arguments, "broadening_not_needed", None),
    )


def home_of(arguments: Namespace) -> Home:
    """The home that is meant. Raises `HomeError` where none is."""
    try:
        mode = locate(os.environ, Path.cwd(), home=arguments.home)
    except OSError as error:
        raise HomeError("the working directory is gone; change to one that exists") from error
    if not isinstance(mode, FileMode) or mode.home is None:
        raise HomeError("there is no home here; make one with `slotgate init`, or name one with --home")
    return mode.home


def os_actor() -> Actor:
    """The user of this shell. Access to the home's files is what lets them narrow, and only that."""
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        name = str(os.geteuid())
    return Actor(f"os|{name}", frozenset({Role.ONCALL}))


@dataclass(frozen=True, slots=True)
class Guarded:
    """An opened home."""

    home: Home
    store: StorePort
    service: ChangeService

    def actor(self, arguments: Namespace) -> Actor:
        """Who asks, by personal token. Raises `NotSignedIn`; a refused token is on record."""
        text = _token_text(arguments)
        if text is None:
            raise NotSignedIn(f"say who you are: set {TOKEN_VARIABLE} or --token-file to your personal token")
        token_id = token_id_of(text)
        now_ns = time.time_ns()
        with self.store.begin() as tx:
            row = None if token_id is None else tx.tokens.get(token_id)
            operator = None if row is None else tx.operators.get(row.operator_id)
            answer = check_token(text, row, operator, needs=TokenScope.ALL, now_ns=now_ns)
            if isinstance(answer, TokenAccepted):
                tx.tokens.used(answer.token.token_id, at_ns=now_ns)
                return Actor(answer.operator.operator_id, answer.operator.roles)
            _note_refusal(tx, token_id, answer.reason, now_ns)
        raise NotSignedIn("the token was refused; ask an admin for a new one")

    def has_token(self, arguments: Namespace) -> bool:
        """Whether somebody shows who they are."""
        return _token_text(arguments) is not None


@contextmanager
def opened(arguments: Namespace) -> Iterator[Guarded]:
    """The home, mended, with its mode agreed. Raises what `ChangeService.reconcile` raises, `ModeUnknown`."""
    home = home_of(arguments)
    store = store_of(home)
    try:
        with store.read() as tx:
            require_agreement(tx, os.environ)
        guarded = Guarded(home, store, service_of(home, store))
        for finding in guarded.service.reconcile():
            say(f"{finding.code}: {finding.words}")
        yield guarded
    finally:
        store.close()


@contextmanager
def looked_into(arguments: Namespace) -> Iterator[Guarded]:
    """The home, only to look at. Raises a `StoreError`."""
    home = home_of(arguments)
    store = store_of(home)
    try:
        yield Guarded(home, store, service_of(home, store))
    finally:
        store.close()


def put_right(guarded: Guarded) -> None:
    """What a crash, a locked store or a foreign hand left is put right, before somebody judges it.

    Where that cannot be done it is said, and what is there is judged all the same.
    """
    try:
        if guarded.service.unreviewed() is None:
            return
        for finding in guarded.service.reconcile():
            say(f"{finding.code}: {finding.words}")
    except GateError as error:
        say(f"the controls are not those of the newest revision, and could not be put right: {error}")


def service_of(home: Home, store: StorePort) -> ChangeService:
    """The change service of a home, with this machine's clock. Evidence is gathered only when asked for."""
    return change_service(home, store, HomeEvidence(home, store), TelemetryJobs(home))


class UnusableStore:
    """Stands in for a store that cannot be opened, for what must work without one."""

    def __init__(self, error: StoreError) -> None:
        self._error = error

    def begin(self) -> AbstractContextManager[Transaction]:
        """Raises."""
        raise self._error

    def read(self) -> AbstractContextManager[Transaction]:
        """Raises."""
        raise self._error


def report(answer: Answer, arguments: Namespace) -> int:
    """Print an answer; the exit code it means."""
    if arguments.json:
        put(answer.as_record())
        return answer.exit_code
    mode = "" if answer.mode is None else f" ({answer.mode})"
    write(f"{answer.decision.outcome}{mode}: {answer.words}")
    for delta in answer.decision.deltas:
        write(f"  {delta.direction.lower()}: {delta.words}")
    for finding in answer.decision.findings:
        write(f"  {finding.code}: {finding.words} [{finding.source}]")
    if answer.secret is not None:
        write(f"token, shown this once: {answer.secret}")
    if answer.decision.findings or answer.request is not None:
        write(f"next legal step: {answer.decision.next_step}")
    if answer.late is not None:
        say(f"recorded late: {answer.late}")
    return answer.exit_code


def put(record: Any) -> None:
    """One JSON object on stdout."""
    text = json.dumps(record, ensure_ascii=False)
    write(text if text.isprintable() else json.dumps(record))


def write(line: str) -> None:
    """One line on stdout. It may quote what anybody wrote, so nothing in it moves a terminal."""
    # Not `put`: what was done is no failure because a stdout is closed.
    print(harmless(line), flush=True)  # noqa: T201  says what a change became, to whoever listens


def say(line: str) -> None:
    """One line on stderr."""
    complain(line)


def _token_text(arguments: Namespace) -> str | None:
    path: Path | None = arguments.token_file
    if path is None:
        return os.environ.get(TOKEN_VARIABLE) or None
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NotSignedIn(f"the token file `{path}` cannot be read; name the right one") from error


def _note_refusal(tx: Transaction, token_id: str | None, reason: str, now_ns: int) -> None:
    tx.audit.append(
        AuditEntry(
            time_ns=now_ns,
            actor=os_actor().actor_id,
            roles=(),
            action="sign in refused",
            target="token" if token_id is None else f"token {token_id}",
            reason=reason,
            mode=tx.settings.get("mode"),
            environment=tx.settings.get("environment"),
        )
    )
