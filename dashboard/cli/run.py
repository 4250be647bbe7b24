"""Run one job spec: the executor.

Reads a slot-generation.v1 document on stdin and decides it by the controls of the home, the control
file or the environment. Writes the result alone on stdout, and one telemetry line on stderr for
every decision. OPENAI_API_KEY and OPENAI_BASE_URL are read only when every gate passed.
SLOTGEN_TELEMETRY=v2 asks for the longer line; anything else is v1.

exit codes: 0 a result (STUB or COMPLETED) was written; 1 the run FAILED, or its result or its
telemetry line could not be written; 2 wrong usage; 3 the job spec or the executor config is invalid;
4 the executor config cannot be read; 128 + n ended by signal n.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gates.controls.source import FileMode, Mode, locate, open_source
from gates.errors import HomeError
from gates.executor.interrupts import Interrupted, Interrupts
from gates.executor.run import RunOutcome, run_job
from gates.executor.settings import Settings, read_settings, telemetry_version
from gates.executor.streams import STDERR, STDOUT, claim_descriptors, read_spec_bytes, write_all

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from gates.decision import Job
    from gates.executor.generate import Record
    from gates.executor.model import Failed, ModelClient

CONFIG_VARIABLE = "SLOTGATE_EXECUTOR_CONFIG"
TELEMETRY_VARIABLE = "SLOTGEN_TELEMETRY"
_OPTIONS = ("--home", "--controls", "--config")
_STDERR_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one call."""

    home: Path | None = None
    controls: Path | None = None
    config: Path | None = None


def plain_arguments(words: Sequence[str]) -> Options | None:
    """The options, when every word is a whole option or its value; else argparse has to look."""
    found: dict[str, Path] = {}
    for option, value in zip(words[::2], words[1::2], strict=False):
        if option not in _OPTIONS or option[2:] in found or not value or value.startswith("-"):
            return None
        found[option[2:]] = Path(value)
    return None if len(words) % 2 else Options(**found)


def configure(parser: "ArgumentParser") -> None:
    """The options of `slotgate run`."""
    parser.add_argument("--home", type=Path, help="the home whose controls decide (default: SLOTGATE_HOME)")
    parser.add_argument("--controls", type=Path, help="the control file (default: that of the home)")
    parser.add_argument(
        "--config",
        type=Path,
        help=f"executor config (default: {CONFIG_VARIABLE}, then the home's executor.json)",
    )


def execute(arguments: "Namespace | Options") -> int:
    """Run the job spec on stdin."""
    started_ns = time.monotonic_ns()
    closed = claim_descriptors()
    interrupts = Interrupts()
    interrupts.install()
    try:
        with interrupts.raising():
            spec_bytes = read_spec_bytes()
        return _Process(arguments, os.environ, interrupts, closed).run(spec_bytes, started_ns)
    except Interrupted:
        return interrupts.exit_code or 1


class _Process:
    """The composition root of one run: everything that is read from the environment is read here."""

    def __init__(
        self,
        arguments: "Namespace | Options",
        environ: Mapping[str, str],
        interrupts: Interrupts,
        closed: frozenset[int],
    ) -> None:
        mode = locate(environ, _working_directory(), home=arguments.home, controls=arguments.controls)
        self._environ = environ
        self._mode = mode
        self._interrupts = interrupts
        self._closed = closed
        self._source = open_source(mode, environ)
        self._settings = _settings(arguments, environ, mode)
        self._record = _record(mode)
        self._note_job = _note_job(mode)

    def run(self, spec_bytes: bytes, started_ns: int) -> int:
        outcome = run_job(
            spec_bytes,
            source=self._source,
            open_model=self._open_model,
            settings=self._settings,
            telemetry=telemetry_version(self._environ.get(TELEMETRY_VARIABLE)),
            record=self._record,
            note_job=self._note_job,
            started_ns=started_ns,
            interruptible=self._interrupts.raising,
        )
        # The line first: a reader of stdout that does not read must not hold back the telemetry.
        told = self._write(STDERR, outcome.line, _STDERR_PATIENCE_S)
        if not told:
            self._record({"event": "telemetry not written", "line": outcome.line.decode("ascii")})
            self._note_silence(outcome)
        written = self._deliver(outcome)
        if self._interrupts.exit_code is not None:
            return self._interrupts.exit_code
        return outcome.exit_code if told and written else 1

    def _note_silence(self, outcome: RunOutcome) -> None:
        """A decision that nobody hears of is a finding of the gate audit."""
        if isinstance(self._mode, FileMode) and self._mode.home is not None:
            from gates.executor.exec.run_record import append, silent_run

            revision, job_id = outcome.decision.revision, outcome.job_id
            append(str(self._mode.home.runs), silent_run(job_id, revision, outcome.exit_code))

    def _open_model(self) -> "ModelClient | Failed":
        from gates.executor.open_model import open_model

        key, base_url = self._environ.get("OPENAI_API_KEY"), self._environ.get("OPENAI_BASE_URL")
        return open_model(key, base_url, self._settings)

    def _deliver(self, outcome: RunOutcome) -> bool:
        """Write the result. False when that failed; without a result there is nothing to fail."""
        if outcome.broken_by is not None and not isinstance(outcome.broken_by, Interrupted):
            self._say(f"the run broke: {_where(outcome.broken_by)}; report it with this line")
        if outcome.result is None:
            return True
        with self._interrupts.raising():
            written = self._write(STDOUT, outcome.result, None)
        if not written:
            self._say("the result could not be written to stdout; run the job again with a reader")
        return written

    def _write(self, descriptor: int, data: bytes, patience_s: float | None) -> bool:
        if descriptor in self._closed:
            return False
        try:
            write_all(descriptor, data, patience_s)
        except OSError:
            return False
        return True

    def _say(self, message: str) -> None:
        self._record({"event": "trouble", "reason": message})
        self._write(STDERR, f"slotgate: {message}\n".encode(), _STDERR_PATIENCE_S)


def _working_directory() -> Path:
    """Where the search for a home begins. Without it nobody can tell whose controls decide."""
    try:
        return Path.cwd()
    except OSError:
        raise HomeError("the working directory is gone; start from a folder that exists") from None


def _settings(arguments: "Namespace | Options", environ: Mapping[str, str], mode: Mode) -> Settings:
    """A file that is named must be there; the home's own may be missing."""
    named = arguments.config or environ.get(CONFIG_VARIABLE)
    if named:
        return read_settings(Path(named))
    if isinstance(mode, FileMode) and mode.home is not None and os.path.lexists(mode.home.executor_config):
        return read_settings(mode.home.executor_config)
    return Settings()


def _record(mode: Mode) -> "Record":
    if isinstance(mode, FileMode) and mode.home is not None:
        from gates.executor.clock import SystemClock
        from gates.executor.private_log import PrivateLog

        return PrivateLog(mode.home.log, SystemClock()).record
    return _drop


def _note_job(mode: Mode) -> "Callable[[Job], None] | None":
    if not isinstance(mode, FileMode) or mode.home is None:
        return None
    from gates.executor.clock import SystemClock
    from gates.executor.job_facts import JobFacts

    return JobFacts(mode.home.specs, SystemClock()).note


def _drop(_entry: Mapping[str, object]) -> None:
    """Environment mode has no home, and so no private log."""


def _where(error: BaseException) -> str:
    """The type of an exception and the line it came from; its text could hold what must not be shown."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}"
