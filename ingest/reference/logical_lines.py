"""A logical line: what a program wrote up to a newline, in one message or several pieces."""

from functools import lru_cache
from typing import assert_never

from ingest.contract.masking import masked
from ingest.contract.outcomes import RAW_LIMIT, SAMPLE_LIMIT, Accepted, Cause, Noise, Outcome, Quarantined
from ingest.contract.valid_lines import claims_of
from ingest.contract.validate import Invalid, ValidLine, ValidV2, valid_or_none, validate, validate_closely
from ingest.reference.physical_lines import PhysicalLine
from ingest.reference.records import Candidate, Finder, Kind, whole_object, worth_a_look
from ingest.transports.detect import plain
from ingest.transports.message import Message
from schemas.codes import contradiction

# Error codes come from a small set, but text of any length may stand in their place.
_contradiction = lru_cache(maxsize=64)(contradiction)
_CODE_LENGTH = 64
_HEAD = SAMPLE_LIMIT + 1024


def outcomes_of(message: Message, offset: int = 0, index: int = 0) -> list[Outcome]:
    """What one complete message holds: its records in order, or one `Noise`. Pure.

    `offset` is the byte offset of the message's physical line, and `index` how many records that line has
    before it. For messages that are pieces (`message.partial`) use `SourceParser`, which joins them.
    """
    text = message.text
    valid = valid_or_none(text)
    if valid is not None:
        return [accepted(valid, message, offset, index)]
    if b"\x1b" not in text:
        if not worth_a_look(text):
            return [Noise(offset, masked(text, SAMPLE_LIMIT))]
        valid = None if message.damaged else _glued_at_the_end(text)
        if valid is not None:
            return [accepted(valid, message, offset, index)]
        whole = None if message.damaged else whole_object(text)
        if whole is not None:
            return [_outcome(whole, validate_closely(whole.raw), message, offset, index)]
    origin = PhysicalLine(offset, index)
    line = LogicalLine(origin, message)
    return line.add(text) + line.finish() or [origin.noise()]


def _glued_at_the_end(text: bytes) -> ValidLine | None:
    """The record with which `text` ends, if nothing before it is worth a look: what failing executors leave.

    The shortcut of the search for this one case. No object that begins earlier can be complete: around the
    record it would need one more brace, and a string before it ends at the record's first quote.
    """
    brace = text.rfind(b"{")
    valid = valid_or_none(text[brace:]) if brace > 0 else None
    return valid if valid is not None and not worth_a_look(text[:brace]) else None


def accepted(valid: ValidLine, message: Message, offset: int, index: int, nth: int = 0) -> Accepted:
    """The outcome of a valid record, the `nth` of its message and at `index` in its line."""
    code = valid.error_code
    explain = _contradiction if code is None or len(code) <= _CODE_LENGTH else contradiction
    return Accepted(
        offset,
        index,
        message.time_ns,
        _native_id(message, nth),
        message.stream,
        message.container,
        valid.executor_version,
        valid.job_id,
        valid.path,
        valid.status,
        code,
        abs(valid.latency_ms),  # -0.0 is 0
        explain(valid.path, valid.status, code),
        claims_of(valid) if type(valid) is ValidV2 else None,
    )


def _native_id(message: Message, nth: int) -> str | None:
    """The transport's identity of the `nth` record of a message: further ones have their number behind it."""
    return message.native_id if nth == 0 or message.native_id is None else f"{message.native_id}#{nth}"


class LogicalLine:
    """A line that is being put together. `message` is its first piece: time, stream and identity are its.

    `origin` is the physical line in which it began.
    """

    def __init__(self, origin: PhysicalLine, message: Message) -> None:
        self.origin = origin
        self.message = message
        self.place = (origin.offset, origin.begin())
        self._found = 0  # records so far, valid or not
        self._head = b""
        self._finder = Finder(envelope=message.damaged)

    @property
    def held(self) -> int:
        """How many bytes of it are kept in memory."""
        return self._finder.held

    def add(self, text: bytes) -> list[Outcome]:
        """Take more text; the outcomes of what need not be kept any longer."""
        if len(self._head) < _HEAD:
            self._head += text[:_HEAD]
        return [self._outcome(candidate) for candidate in self._finder.add(text)]

    def finish(self) -> list[Outcome]:
        """The line has ended: the outcomes of what was left, none where it had no records."""
        outcomes = [self._outcome(candidate) for candidate in self._finder.finish()]
        # Only a line without records is shown.
        self.origin.close(b"" if self.origin.found else masked(plain(self._head), SAMPLE_LIMIT))
        return outcomes

    def _outcome(self, candidate: Candidate) -> Outcome:
        nth, index = self._found, self.origin.found
        self._found += 1
        self.origin.found += 1
        return _outcome(candidate, _judge(candidate), self.message, self.origin.offset, index, nth)


def _outcome(
    candidate: Candidate,
    judged: ValidLine | Invalid,
    message: Message,
    offset: int,
    index: int,
    nth: int = 0,
) -> Outcome:
    """What becomes of the `nth` candidate of its message."""
    if not isinstance(judged, Invalid):
        return accepted(judged, message, offset, index, nth)
    return Quarantined(
        offset,
        index,
        message.time_ns,
        _native_id(message, nth),
        judged.cause,
        judged.detail,
        masked(candidate.raw, RAW_LIMIT),
        candidate.claims_openai,
    )


def _judge(candidate: Candidate) -> ValidLine | Invalid:
    match candidate.kind:
        case Kind.RECORD | Kind.BROKEN:
            return validate(candidate.raw)
        case Kind.INSIDE:
            return Invalid(Cause.INSIDE_OTHER_JSON, "stands inside another JSON object: ship the line itself")
        case Kind.CUT:
            return Invalid(Cause.TRUNCATED, "`executorVersion` and `jobId` stand in text that is cut")
        case Kind.TOO_LONG:
            return Invalid(
                Cause.LINE_TOO_LONG, "the text names `executorVersion` and `jobId`, but is too long"
            )
        case _:
            assert_never(candidate.kind)
