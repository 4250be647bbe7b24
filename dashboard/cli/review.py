"""The verdict on the rollout: one word, one sentence, what to do next, and every check behind it.

Judges the step in force, or with --step the newest stay on a step, or with --revision any revision. Only
EXPAND lets a rollout go on; no data is never a pass. A ROLL BACK of the step in force stays until it
is acknowledged (`slotgate ack`). --freeze keeps a copy and prints its digest; --show prints such a copy
byte for byte. While `slotgate serve` or `demo` runs on the home, that process answers.

exit codes: 0 EXPAND (or a copy was shown) · 10 HOLD · 11 ROLL BACK · 12 NOT ENOUGH DATA · 13 KILLED ·
1 freezing was refused, or there is no such revision or copy · 2 wrong usage · 4 home unusable
"""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from dashboard.cli.guarded import (
    Guarded,
    add_home,
    add_token,
    looked_into,
    os_actor,
    put,
    put_right,
    say,
    write,
)
from dashboard.documents.verdicts import review, unseen
from dashboard.review.meant import revision_meant
from dashboard.review.of_home import HomeEvidence
from gates.controls.reader import ControlFile
from gates.errors import GateError
from gates.policy.evidence import ReviewEvidence
from gates.store.review_rows import ReviewRow
from gates.verdict.evidence import Evidence
from gates.verdict.question import Question
from gates.verdict.words import VerdictWord
from schemas.stages import Step

if TYPE_CHECKING:
    from dashboard.review.missed import Missed
    from dashboard.review.provider import Reviewed

PERCENTS = (1, 5, 10, 25, 50, 100)
_NEXT_UNSEEN = "next: expand nothing; make the telemetry readable, `slotgate doctor` helps, and review again"
EXIT_CODES = {
    VerdictWord.EXPAND: 0,
    VerdictWord.HOLD: 10,
    VerdictWord.ROLL_BACK: 11,
    VerdictWord.NOT_ENOUGH_DATA: 12,
    VerdictWord.KILLED: 13,
}


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--step", choices=[step.value for step in Step], help="the newest stay on this step")
    parser.add_argument("--revision", type=int, metavar="N", help="this revision, also a past one")
    parser.add_argument("--freeze", action="store_true", help="keep a copy of the review, under its digest")
    parser.add_argument("--show", metavar="DIGEST", help="print a copy that was kept, and nothing else")
    add_token(parser)
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Judge, write down a ROLL BACK, say it."""
    with looked_into(arguments) as guarded:
        if arguments.show is not None:
            return _show(guarded, arguments.show)
        put_right(guarded)
        question = guarded.service.question(
            revision_meant(guarded.service, arguments.step, arguments.revision)
        )
        reviewed, kept = _reviewed(guarded, question)
        if question.until_ns is None:
            _note(guarded, kept)
        frozen = guarded.service.freeze_review(_actor(guarded, arguments), kept) if arguments.freeze else None
        reviews = guarded.service.reviews(step=question.step.value)
        if arguments.json:
            unread = None if reviewed is None else _missed(guarded, reviewed.evidence)
            put(review(question, reviewed, kept, reviews, frozen, unread))
        else:
            _print(guarded, question, reviewed, kept, reviews)
            if frozen is not None:
                write(f"frozen as {frozen}; `slotgate review --show {frozen}` prints it")
    return EXIT_CODES[kept.verdict]


def _reviewed(guarded: Guarded, question: Question) -> tuple["Reviewed | None", ReviewEvidence]:
    """The whole review, null where the telemetry cannot be read; and what the change service keeps."""
    asked = HomeEvidence(guarded.home, guarded.store)
    try:
        provider = asked.provider()
    except ModuleNotFoundError:
        return None, asked.evidence(question)
    from dashboard.review.provider import unreadable

    try:
        reviewed = provider.reviewed(question)
    except Exception as error:  # noqa: BLE001  whatever it was, it is no evidence, and it is said
        return None, unreadable(question, error)
    return reviewed, reviewed.kept


def _note(guarded: Guarded, kept: ReviewEvidence) -> None:
    """A review is answered also where nothing can be written."""
    try:
        guarded.service.note_verdict(os_actor().actor_id, kept)
    except GateError as error:
        say(f"the verdict could not be written down: {error}")


def _actor(guarded: Guarded, arguments: Namespace) -> Any:
    return guarded.actor(arguments) if guarded.has_token(arguments) else os_actor()


def _print(
    guarded: Guarded,
    question: Question,
    reviewed: "Reviewed | None",
    kept: ReviewEvidence,
    reviews: tuple[ReviewRow, ...],
) -> None:
    if reviewed is None:
        write(unseen(kept))
        controls = ControlFile(guarded.home.control_file).current()
        closed = controls.unknown or controls.killed
        now = "jobs may reach the model now" if closed is None else f"every job gets a stub: {closed}"
        write(f"controls: {question.step}, revision {question.revision}; {now}")
        write(_NEXT_UNSEEN)
        return
    from dashboard.cli.output import say as print_safely
    from dashboard.cli.review_words import in_words, unread

    lines = in_words(question, reviewed.evidence, reviewed.verdict, reviews)
    print_safely("\n".join((*lines, *unread(_missed(guarded, reviewed.evidence)), *_buckets(guarded))))


def _missed(guarded: Guarded, evidence: Evidence) -> "Missed":
    """What of logs went unread in the window or after it: no check can know of it."""
    from dashboard.review.missed import missed
    from dashboard.telemetry.at_home import HomeTelemetry

    return missed(HomeTelemetry(guarded.home), evidence.from_ns)


def _buckets(guarded: Guarded) -> tuple[str, ...]:
    """Where percent is not the share of the jobs that were seen, that is said."""
    from dashboard.telemetry.at_home import HomeTelemetry
    from gates.verdict.bucket_health import bucket_health

    try:
        health = bucket_health(HomeTelemetry(guarded.home).bucket_counts(), PERCENTS)
    except Exception as error:  # noqa: BLE001  the verdict stands without it
        return (f"buckets: not looked at: {error}",)
    return () if health.uneven is None else (f"buckets: {health.words}",)


def _show(guarded: Guarded, digest: str) -> int:
    data = guarded.service.frozen_review(digest)
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    return 0
