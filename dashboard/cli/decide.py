"""Decide job specs without running them.

Reads one slot-generation.v1 document a line on stdin and writes one decision a line on stdout, each
as soon as it is taken. A line that is no job spec gets an object with path "stub", gate "job_spec"
and its `error`. The controls are looked at again for every line. docs/decision.md explains the fields.

exit codes: 0 every line was decided · 1 stdin or stdout failed · 2 wrong usage
            3 some line was no job spec · 4 the working directory is gone
"""

import json
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from dashboard.documents.decisions import LONGEST_LINE, decided, explained, job_of, no_job
from gates.controls.checked import in_words
from gates.controls.durable import write_all
from gates.controls.source import EnvironmentMode, FileMode, Mode, locate, open_source
from gates.errors import GateError, HomeError
from gates.executor.streams import STDIN, STDOUT
from schemas.errors import ContractError

INVALID_INPUT = 3


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--controls",
        metavar="FILE|env",
        help="a control file, or `env` for the environment alone (./env is a file); default: as for `run`",
    )
    parser.add_argument("--explain", action="store_true", help="add what every gate says on its own")
    parser.add_argument(
        "--json", action="store_true", help="accepted for uniformity: the output is always JSON"
    )


def execute(arguments: Namespace) -> int:
    """Decide every line of stdin."""
    source = open_source(_mode(arguments.controls), os.environ)
    answer = explained if arguments.explain else decided
    failed = False
    try:
        with open(STDIN, "rb", closefd=False) as specs:
            for line in _lines(specs):
                try:
                    record = answer(source, job_of(line))
                except ContractError as error:
                    failed, record = True, no_job(str(error))
                write_all(STDOUT, json.dumps(record, ensure_ascii=False).encode() + b"\n")
    except BrokenPipeError:  # the reader left: nothing to say to anyone
        return GateError.exit_code
    except OSError as error:
        raise GateError(f"cannot read the job specs or write the decisions: {in_words(error)}") from error
    return INVALID_INPUT if failed else 0


def _mode(controls: str | None) -> Mode:
    if controls == "env":
        return EnvironmentMode()
    if controls is not None:
        return FileMode(Path(controls), None)
    try:
        return locate(os.environ, Path.cwd())
    except OSError as error:
        raise HomeError("the working directory is gone; change to one that exists") from error


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines as they come; None for one longer than `LONGEST_LINE`, which is read past and never held."""
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) <= LONGEST_LINE:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)
        yield None
