"""What was read last, kept in the home, so that most starts need neither JSON nor a schema.

It holds while the control file and the allowlist file are, by their status, the very files it was made
from (ADR 130), and only for controls without time limits that nothing narrows. Anything odd about it
means that the controls are read anew. Imports next to nothing: this is what a start costs.
"""

import os
import stat

from gates.controls.variables import ALL, ALLOWLIST, FEATURE, KILL, PERCENT

_NAME = "reading"
_HEAD = "slotgate exec reading 1"
_END = "end"
_MOST_BYTES = 16_384
_CODE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "setting.py")
_FLAGS = (FEATURE, KILL, PERCENT)


def recall(folder: str, control_file: str) -> "tuple[dict[str, str], int] | None":
    """The four variables and the revision, when they were made from these very files. Never raises."""
    try:
        lines = _own_file(os.path.join(folder, _NAME)).decode().split("\n")
        head, where, of_control, of_allowlist, code, revision, allowlist, *flags, end, last = lines
        if (head, where, end, last) != (_HEAD, control_file, _END, "") or len(flags) != len(_FLAGS):
            return None
        if of_control != _key(control_file) or of_allowlist != _key(allowlist) or code != _key(_CODE):
            return None
        return {**dict(zip(_FLAGS, flags, strict=True)), ALLOWLIST: allowlist}, int(revision)
    except (OSError, ValueError):
        return None


def keep(
    folder: str, control_file: str, key: "tuple[int, ...]", variables: "dict[str, str]", revision: int
) -> None:
    """Keep what was read of the control file while its status was `key` (`checked.key_of`).

    Whatever goes wrong with it is ignored: the next start reads the controls.
    """
    texts = [control_file, *(variables[name] for name in ALL)]
    if any("\n" in text for text in texts):
        return
    draft = os.path.join(folder, f".{_NAME}.{os.getpid()}.tmp")
    try:
        allowlist = variables[ALLOWLIST]
        of_control = " ".join(map(str, key))
        lines = [_HEAD, control_file, of_control, _key(allowlist), _key(_CODE), str(revision), allowlist]
        lines += [*(variables[name] for name in _FLAGS), _END, ""]
        made = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.write(made, "\n".join(lines).encode())
        finally:
            os.close(made)
        os.replace(draft, os.path.join(folder, _NAME))
    except (OSError, ValueError):
        return


def _own_file(path: str) -> bytes:
    """Its content, when it is a file that only we may write. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
            raise OSError("not a file of ours")
        return os.read(descriptor, _MOST_BYTES)
    finally:
        os.close(descriptor)


def _key(path: str) -> str:
    """What changes when the content may have changed (as `gates.controls.checked.key_of`)."""
    status = os.stat(path)
    return f"{status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino} {status.st_size} {status.st_dev}"
