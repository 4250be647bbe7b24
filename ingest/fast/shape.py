"""The shapes that are proven in bulk, as RE2 patterns over whole lines of bytes (newline included).

A line that fits is valid beyond doubt; one that does not is for the reference to judge.
"""

_TIME = (
    r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
# Kubernetes' CRI, whole lines only.
_CRI = rf"{_TIME} std(?:out|err) F "
# Printable ASCII that stands for itself in JSON, without `{`: the last `{` of a line is the record's.
_TEXT = r'"[ !#-\[\]-z|}~]+"'
# At most 15 digits: the quotient of two exact doubles is the double nearest to the literal.
_LATENCY = r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?"
_MEMBERS = (
    r'"version": ?"v1"',
    rf'"executorVersion": ?{_TEXT}',
    rf'"jobId": ?{_TEXT}',
    r'"path": ?"(?:stub|openai)"',
    r'"status": ?"(?:STUB|COMPLETED|FAILED)"',
    rf'"latencyMs": ?{_LATENCY}(?:, ?"errorCode": ?(?:null|{_TEXT}))?',
)
_RECORD = r"\{" + ", ?".join(_MEMBERS) + r"\}\r?\n"

RECORD_LINE = rf"\A(?:{_TIME} (?:std(?:out|err) F )?)?{_RECORD}\z"
"""One record and nothing else: alone, behind CRI's header, or behind a time (`kubectl logs --timestamps`)."""

GLUED_LINE = rf"\A(?:{_CRI}[^\x1b]*|[^0-9\[<|\xef\x1b][^|\x1b]*){_RECORD}\z"
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

HINT = r'"(?:executorVersion|jobId|path|status|latencyMs|errorCode)\\*"|\\u00'
"""Text without this holds nothing that looks like telemetry."""
