"""The shapes that are proven in bulk, as RE2 patterns over whole lines of bytes (newline included).

A line that fits is valid beyond doubt; one that does not is for the reference to judge.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gates.decision import Gate
from ingest.fast.ragged import Mask

_TIME = (
    r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
# Kubernetes' CRI, whole lines only.
_CRI = rf"{_TIME} std(?:out|err) F "
# Printable ASCII that stands for itself in JSON, without `{`: the last `{` of a line, or of v2 the one before
# that of its usage, is the record's.
_TEXT = r'"[ !#-\[\]-z|}~]+"'
# At most 15 digits: the quotient of two exact doubles is the double nearest to the literal.
_LATENCY = r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?"
LATENCY = rf"\A{_LATENCY}\z"
"""A latency that is proven in bulk, alone."""
_SHARED = (
    rf'"executorVersion": ?{_TEXT}',
    rf'"jobId": ?{_TEXT}',
    r'"path": ?"(?:stub|openai)"',
    r'"status": ?"(?:STUB|COMPLETED|FAILED)"',
    rf'"latencyMs": ?{_LATENCY}(?:, ?"errorCode": ?(?:null|{_TEXT}))?',
)
# At most 15 digits, which is less than any bound of `schemas.telemetry_v2` where it has one that large.
_REVISION = r"(?:0|[1-9][0-9]{0,14})"
_ATTEMPT = r"(?:0|[1-9][0-9]{0,5})"
_TOKENS = r"(?:0|[1-9][0-9]{0,11})"
_USAGE = rf'\{{"inputTokens": ?{_TOKENS}, ?"outputTokens": ?{_TOKENS}, ?"totalTokens": ?{_TOKENS}\}}'
_CLAIMED = (
    rf'"emittedAt": ?"{_TIME}"',
    rf'"controlsRevision": ?(?:null|{_REVISION})',
    rf'"gate": ?(?:null|"(?:{"|".join(Gate)})")',
    rf'"ruleId": ?(?:null|{_TEXT})',
    r'"bucket": ?[1-9]?[0-9]',
    rf'"attempt": ?{_ATTEMPT}',
    rf'"model": ?(?:null|{_TEXT})',
    rf'"usage": ?(?:null|{_USAGE})',
    rf'"requestId": ?(?:null|{_TEXT})',
)
_V1 = r"\{" + ", ?".join(('"version": ?"v1"', *_SHARED)) + r"\}\r?\n"
_V2 = r"\{" + ", ?".join(('"version": ?"v2"', *_SHARED, *_CLAIMED)) + r"\}\r?\n"

_HEADER = rf"{_TIME} (?:std(?:out|err) F )?"
HEADER = rf"\A{_HEADER}\z"
"""What may stand before a record in a `RECORD_LINE`, alone."""
_ALONE = rf"\A(?:{_HEADER})?"
RECORD_LINE = rf"{_ALONE}{_V1}\z"
RECORD_LINE_V2 = rf"{_ALONE}{_V2}\z"
"""One record and nothing else: alone, behind CRI's header, or behind a time (`kubectl logs --timestamps`)."""

_GLUED = r"[^\x1b]*|[^0-9\[<|\xef\x1b][^|\x1b]*)"
GLUED_LINE = rf"\A(?:{_CRI}{_GLUED}{_V1}\z"
GLUED_LINE_V2 = rf"\A(?:{_CRI}{_GLUED}{_V2}\z"
"""A record at the end of other text. Without a header, that text looks like no transport's."""

OPEN_ENDED = (
    r'(?s)\x1b| std(?:out|err) P|\A\xef|\A\{.*"(?:log|message|msg|MESSAGE)"[ \t]*:'
    r'|\A\{[ \t]*"(?:resourceLogs|messageType|owner|logGroup|logStream|subscriptionFilters|logEvents'
    r'|policyLevel)"[ \t]*:'
)
"""What may be a piece of a longer line, or is not what it looks like: order matters for such a line.

Pieces are CRI lines tagged P, and JSON envelopes, which have one of these keys. OTLP and CloudWatch
have their own, and a line of theirs may hold several messages.
"""

SAYS_V2 = '"v2"'
"""Text without this fits no pattern of v2."""

HINT = r'"(?:executorVersion|jobId|path|status|latencyMs|errorCode)\\*"|\\u00'
"""Text without this holds nothing that looks like telemetry."""

NOT_NOISE = rf"{OPEN_ENDED}|{HINT}"
"""A line without this is noise: asked first, since most lines that are no records are."""


def fitting(texts: pa.Array, pattern: str) -> Mask:
    """Which of the texts, binary, have a match of `pattern`."""
    if not len(texts):  # each call compiles the pattern
        return np.zeros(0, dtype=np.bool_)
    fits: Mask = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return fits
