"""Lines that begin with a time: Kubernetes CRI log files, and `--timestamps` of kubectl logs.

    CRI      TS (stdout|stderr) TAGS MSG      TAGS split on ":", the first is P (more follows) or F
    kubectl  TS MSG

https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md. containerd
writes times with Z, CRI-O with an offset.
"""

import re

from ingest.timestamps import SHAPE, from_text
from ingest.transports.message import Message

_LINE = re.compile(
    rb"(" + SHAPE + rb")(?: (stdout|stderr) ([PF])(?::[^ ]*+)?(?: |\Z)|[ \t]|\Z)", re.DOTALL | re.ASCII
)


def parse(line: bytes, container: str | None = None) -> Message | None:
    """The message after the time; `container` is what stood before it."""
    match = _LINE.match(line)
    if match is None:
        return None
    time, stream, tag = match.groups()
    return Message(
        line[match.end() :],
        from_text(time),
        None if stream is None else stream.decode("ascii"),
        container,
        partial=None if tag is None else tag == b"P",
    )
