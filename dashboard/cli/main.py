"""Dispatch `slotgate COMMAND …` to the module of that command.

A command module offers `configure(parser)` and `execute(arguments) -> exit code`. It is imported
only when called, because `slotgate run` starts once per job and must stay cheap.
"""

import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

COMMANDS = {
    "init": "make a home: everything closed, mode shadow, one operator",
    "kill": "stop every AI call, now",
    "unkill": "ask for the release of the kill, or break the glass",
    "controls": "the controls as they stand and as they came to be",
    "propose": "ask for a change; what only narrows takes effect at once",
    "preview": "which recently seen jobs a change would admit or expel",
    "approve": "sign a change request",
    "reject": "close a change request",
    "apply": "put an approved change in force",
    "record": "the decision record of a request, as a document that stands alone",
    "revert": "undo the last change",
    "ack": "acknowledge a ROLL BACK",
    "report-bad": "report a bad output: the rollout holds",
    "thresholds": "what verdicts are judged by",
    "budget": "what may be spent a day before everything stops",
    "prices": "what tokens cost, for estimates and a limit of money",
    "drill": "test the rollback: stop, have it confirmed, come back",
    "retention": "how long raw lines are kept",
    "mode": "how far the rules are enforced",
    "run": "executor: job spec on stdin, result on stdout, one telemetry line on stderr",
    "exec": "any command under the controls, unmodified",
    "worker": "take tasks from a server, run each under the controls",
    "decide": "job specs on stdin, decisions on stdout, one JSON object a line",
    "ingest": "load executor stderr into the telemetry store",
    "report": "stub/openai split, errorCodes and latency per stage and step",
    "review": "the verdict on the rollout, and every check behind it",
    "probe": "harmless jobs, to verify the controls or confirm a kill",
    "gate-audit": "lines that the controls of their time do not explain",
    "beta": "the plans' lists as a checklist: computed, or signed",
    "serve": "the dashboard and ingest, in one process",
    "audit": "read, verify, export and sign the audit chain",
    "operators": "the people of a home and their roles",
    "tokens": "personal tokens",
    "sessions": "who is signed in to the dashboard",
    "notify": "who is told what happens here",
    "doctor": "what is wrong with a home, and what to do",
    "backup": "a consistent copy of a home while it is used, and whether one is whole",
    "restore": "make a home of a backup; it begins stopped",
    "demo": "a live, realistic rollout with the dashboard",
}
OURS = ("dashboard", "ingest", "gates", "schemas")
FAILED = 1
USAGE_ERROR = 2
INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is documented in docs/command-line.md."""
    words = sys.argv[1:] if argv is None else argv
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())  # noqa: T201  what was asked for; loads nothing else
        return 0 if words else USAGE_ERROR
    if words[0] in ("-V", "--version"):
        from importlib.metadata import version

        print(f"slotgate {version('slotgate')}")  # noqa: T201  likewise
        return 0
    name = words[0]
    if name not in COMMANDS:
        return _complain(f"no command `{name}`; `slotgate --help` lists them", USAGE_ERROR)
    return _execute(name, words[1:])


def module_of(name: str) -> str:
    """The module of a command: `gate-audit` is `dashboard.cli.gate_audit`."""
    return f"dashboard.cli.{name.replace('-', '_')}"


def _execute(name: str, words: list[str]) -> int:
    try:
        module = _imported(module_of(name))
        return int(module.execute(_arguments(module, name, words)))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read stdout has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] in OURS:
            raise
        return _complain(f"`{error.name}` is not installed on this host; install slotgate[dashboard]", FAILED)
    except Exception as error:
        # Every error of ours carries its exit code (see the error tree of its package).
        code = getattr(error, "exit_code", None)
        if not isinstance(code, int):
            raise
        return _complain(str(error), code)


def _imported(name: str) -> ModuleType:
    """The module, imported without the collector: nothing that an import makes is garbage."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.enable()


def _arguments(module: ModuleType, name: str, words: list[str]) -> Any:
    """The parsed words. A command that starts once per job may offer `plain_arguments(words)`, which
    answers None for what only argparse understands: argparse is a tenth of such a process.
    """
    if hasattr(module, "plain_arguments"):
        arguments = module.plain_arguments(words)
        if arguments is not None:
            return arguments
    from argparse import ArgumentParser, RawDescriptionHelpFormatter

    parser = ArgumentParser(
        prog=f"slotgate {name}", description=module.__doc__, formatter_class=RawDescriptionHelpFormatter
    )
    module.configure(parser)
    return parser.parse_args(words)


def _complain(message: str, code: int) -> int:
    # With stderr closed Python has none, and `print` would take stdout instead.
    if sys.stderr is not None:
        from dashboard.cli.output import harmless  # it may quote names of files

        with suppress(OSError):
            print(f"slotgate: {harmless(message)}", file=sys.stderr, flush=True)  # noqa: T201  likewise
    return code


def _overview() -> str:
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items())
    return f"usage: slotgate COMMAND …\n\n{rows}\n\n`slotgate COMMAND --help` explains one."
