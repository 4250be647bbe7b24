"""What `slotgate exec` itself has to say: a line on its stderr that nothing can take for telemetry."""

import os

from gates.executor.exec.streams import STDERR

_LONGEST = 600
_NO_JSON = {ord("{"): "(", ord("}"): ")", ord('"'): "'"}


def say(text: str, *, is_mid_line: bool = False) -> None:
    """One line, on a line of its own. Never in the spool; when stderr does not take it, nobody is told."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text.translate(_NO_JSON)[:_LONGEST])
    line = f"slotgate exec: {plain}\n".encode("utf-8", "backslashreplace")
    try:
        os.write(STDERR, b"\n" + line if is_mid_line else line)
    except OSError:
        return
