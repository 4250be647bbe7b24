"""What stands around telemetry in a worker's stderr: progress, error bodies, HTML, broken lines."""

import json
import random

from dashboard.demo.story import Trouble

_GATEWAY = (
    b"<!DOCTYPE html>\n<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n"
    b"<center><h1>502 Bad Gateway</h1></center>\n<hr><center>nginx/1.24.0</center>\n</body>\n</html>\n"
)
_ERROR_BODY = (
    b'{\n  "error": {\n    "message": "The server is overloaded, please retry.",\n'
    b'    "type": "server_error",\n    "code": null\n  }\n}\n'
)
# A stack of frames long enough that a container runtime cuts it into pieces.
_LONG_DUMP = b"validator: " + b"; ".join(b"slot %d: expected text, got null" % n for n in range(640)) + b"\n"


class Chatter:
    """Decides what a worker prints besides its telemetry lines."""

    def __init__(self, seed: str) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a script, not a secret

    def before(self, job_id: str) -> bytes:
        """Now and then a worker says what it does."""
        if self._dice.random() < 0.06:
            return f"slotgen-worker: picked {job_id} from queue slotgen-default\n".encode()
        return b""

    def after_failure(self, trouble: Trouble) -> bytes:
        """A failing call often leaves its error body behind."""
        if self._dice.random() < 0.35:
            return b""
        if trouble is Trouble.GATEWAY_HTML:
            return _GATEWAY
        return _LONG_DUMP if self._dice.random() < 0.08 else _ERROR_BODY

    def mangled(self, line: bytes) -> bytes:
        """What is left of a telemetry line when a worker dies or an old build writes it."""
        match self._dice.randrange(4):
            case 0:  # killed in the middle of the line
                return line[: self._dice.randint(len(line) // 2, len(line) - 12)].rstrip() + b"\n"
            case 1:  # an old build wrote the latency as text
                record = json.loads(line)
                return json.dumps({**record, "latencyMs": str(record["latencyMs"])}).encode() + b"\n"
            case 2:  # a debug build with one key too many
                return json.dumps({**json.loads(line), "retries": 0}).encode() + b"\n"
            case _:  # says COMPLETED and names an error: valid, and impossible
                record = json.loads(line)
                impossible = {"path": "openai", "status": "COMPLETED", "errorCode": "OPENAI_HTTP_ERROR"}
                return json.dumps({**record, **impossible}).encode() + b"\n"
