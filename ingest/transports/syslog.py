"""Syslog, RFC 5424: `<PRI>1 TS HOST APP PROCID MSGID SD MSG`, optionally with an octet count before it.

The octet count (RFC 6587) is read over, not counted: a line ends where the file's line ends.
"""

import re

from ingest.timestamps import SHAPE, from_text
from ingest.transports.message import Message

_NAME = rb"[!-~]{1,255}"
_PARAMETER = rb' [^ =\]"]{1,32}="[^"\\]*+(?:\\.[^"\\]*+)*+"'
_STRUCTURED_DATA = rb'(?:-|(?:\[[^ =\]"]{1,32}(?:' + _PARAMETER + rb")*+\])++)"
_HEADER = re.compile(
    b"".join(
        (
            rb"(?:[1-9][0-9]{0,9} )?<[0-9]{1,3}>1 ",
            rb"(-|" + SHAPE + rb") ",
            _NAME + rb" (" + _NAME + rb") " + _NAME + rb" " + _NAME + rb" ",
            _STRUCTURED_DATA,
            rb"(?: (?:\xef\xbb\xbf)?|\Z)",
        )
    ),
    re.DOTALL | re.ASCII,
)


def parse(line: bytes) -> Message | None:
    """The message behind the header; the container is the application's name."""
    match = _HEADER.match(line)
    if match is None:
        return None
    time, application = match.groups()
    return Message(
        line[match.end() :],
        None if time == b"-" else from_text(time),
        container=None if application == b"-" else application.decode("ascii"),
    )
