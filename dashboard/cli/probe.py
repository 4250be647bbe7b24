"""Run harmless jobs through the executor, to verify the controls on a quiet system or confirm a kill.

A probe has the jobId `probe:…` and does not opt in to AI, so it can never reach the model. It obeys the
control file of the home alone, not the variables of this shell. The lines go into the spool and are
loaded; they count in no rate, share or percentile. Without --count as many run as a verification asks
for.

exit codes: 0 the telemetry verifies the controls in force · 2 wrong usage · 4 home unusable ·
10 the telemetry contradicts the controls · 12 not verified yet, or the telemetry cannot be read
"""

import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter

from dashboard.cli.guarded import add_home, home_of, looked_into, put, put_right, say, write
from dashboard.cli.words import counted
from dashboard.documents import probes as documents
from dashboard.review.of_home import HomeEvidence
from dashboard.review.probes import Probed
from dashboard.review.probing import MOST, run_probes
from gates.errors import GateError, HomeError
from gates.home import Home
from gates.policy.evidence import ReviewEvidence, Verification
from gates.verdict.defaults import DEFAULT
from gates.verdict.question import Question

EXIT_CODES = {Verification.PASSED: 0, Verification.FAILED: 10, Verification.NOT_ENOUGH: 12}


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--count", type=_count, metavar="N", help=f"how many, at most {MOST:,}")
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Run the probes, load their lines, say what they show."""
    home = home_of(arguments)
    if not home.root.is_dir():
        raise HomeError(f"there is no home `{home.root}`; make one with `slotgate init`")
    question = _question(arguments)
    wanted = (DEFAULT if question is None else question.thresholds).verification_lines
    count = wanted if arguments.count is None else arguments.count
    probes = run_probes(home, count, time.time_ns)
    # Asked again: what was decided after the first question is not in its answer.
    question = _question(arguments)
    kept, said = _verified(home, question)
    if arguments.json:
        put(documents.probed(probes, kept, said))
    else:
        _print(probes, said)
    return EXIT_CODES[Verification.NOT_ENOUGH if kept is None else kept.verification]


def _question(arguments: Namespace) -> Question | None:
    """What to ask about the revision in force; null where the store cannot say which that is."""
    try:
        with looked_into(arguments) as guarded:
            put_right(guarded)
            return guarded.service.question()
    except GateError as error:
        say(f"the store cannot be asked for the revision in force: {error}")
        return None


def _verified(home: Home, question: Question | None) -> tuple[ReviewEvidence | None, list[str]]:
    """What telemetry says of the controls, and the sentences to print."""
    try:
        provider = HomeEvidence(home).provider()
    except ModuleNotFoundError as error:
        return None, [f"not verified here: {error}; the lines wait in the spool"]
    from dashboard.review.provider import unreadable
    from dashboard.telemetry.at_home import HomeTelemetry
    from dashboard.telemetry.port import KillQuestion, LoadRequest
    from gates.verdict.kill_confirmation import confirm

    telemetry = HomeTelemetry(home)
    try:
        telemetry.load(LoadRequest(paths=(str(home.spool),)))
        if question is not None:
            reviewed = provider.reviewed(question)
            return reviewed.kept, documents.said_of(reviewed.verdict)
        now_ns = time.time_ns()
        skew_ns = int(DEFAULT.clock_skew_s * 1e9)
        facts = telemetry.kill_facts(KillQuestion(now_ns=now_ns, skew_ns=skew_ns))
        kill = [] if facts is None else [f"kill: {confirm(facts, now_ns, DEFAULT).sentence}"]
        return None, ["readiness: unknown, the store cannot say what is in force", *kill]
    except Exception as error:  # noqa: BLE001  whatever it was, nothing is verified, and it is said
        words = f"the lines wait in the spool; the telemetry could not be read: {error}"
        return None if question is None else unreadable(question, error), [words]


def _print(probes: tuple[Probed, ...], said: list[str]) -> None:
    write(f"{counted(len(probes), 'probe')} ran: {_tally(probes)}")
    for words in said:
        write(words)


def _tally(probes: tuple[Probed, ...]) -> str:
    ends = Counter(
        (one.outcome.decision.revision, one.outcome.status.value, one.outcome.error_code) for one in probes
    )
    return "; ".join(
        f"{number:,} {status} {code.value if code else 'without errorCode'} under revision {revision}"
        for (revision, status, code), number in ends.items()
    )


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= MOST:
        raise ArgumentTypeError(f"`{text}` is no number from 1 to {MOST:,}")
    return number
