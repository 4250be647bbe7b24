"""Lines that begin with the name of a container: `kubectl logs --prefix` and compose.

kubectl  [pod/NAME/CONTAINER] MSG, or with a time before MSG
compose  NAME  | MSG, the names padded to one width, or with a time before MSG
"""

import re

from ingest.transports import timestamped
from ingest.transports.message import Message

_POD = re.compile(rb"\[pod/([a-z0-9][a-z0-9.-]{0,252}+/[a-z0-9][a-z0-9.-]{0,62}+)\](?: |\Z)")
_COMPOSE = re.compile(rb"([A-Za-z0-9][A-Za-z0-9_.-]{0,254}+) {1,255}+\|(?: |\Z)")


def parse_pod(line: bytes) -> Message | None:
    """The message behind `[pod/NAME/CONTAINER] `; the container is `NAME/CONTAINER`."""
    return _behind(_POD.match(line), line)


def parse_compose(line: bytes) -> Message | None:
    """The message behind `NAME  | `."""
    return _behind(_COMPOSE.match(line), line)


def _behind(match: re.Match[bytes] | None, line: bytes) -> Message | None:
    if match is None:
        return None
    container = match[1].decode("ascii")
    rest = line[match.end() :]
    return timestamped.parse(rest, container) or Message(rest, container=container)
