"""`serving.json`: where the process that owns the telemetry file answers, and what it is asked with.

The process makes a new secret each time and keeps it from everybody but its user. What a killed
process left behind names nobody who could prove that they know the secret.
"""

import json
import os
import secrets
import socket
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from gates.controls.durable import discard_drafts, replace
from gates.home import Home

SECRET_BYTES = 32
_MAX_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Place:
    """A loopback address and the secret that both sides know."""

    host: str
    port: int
    secret: bytes = field(repr=False)
    tls: bool = False


def new_secret() -> bytes:
    """256 random bits."""
    return secrets.token_bytes(SECRET_BYTES)


def announce(home: Home, url: str, secret: bytes) -> None:
    """Say where this process answers. Raises `OSError`."""
    discard_drafts(home.serving)
    document = {"pid": os.getpid(), "url": url, "secret": secret.hex()}
    replace(home.serving, json.dumps(document).encode() + b"\n", lambda: None)


def withdraw(home: Home, secret: bytes) -> None:
    """Take back what `announce` said, unless somebody else has said it since."""
    place = announced(home)
    if place is not None and secrets.compare_digest(place.secret, secret):
        with suppress(OSError):
            home.serving.unlink()


def announced(home: Home) -> Place | None:
    """Where a process said that it answers; null where none did, or where that is not to be trusted."""
    try:
        document = json.loads(_content(home))
        parts = urlsplit(document["url"])
        secret = bytes.fromhex(document["secret"])
        host, port = parts.hostname, parts.port
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not host or not port or len(secret) != SECRET_BYTES or not _is_of_this_machine(host):
        return None
    return Place(host, port, secret, parts.scheme == "https")


def _content(home: Home) -> bytes:
    descriptor = os.open(home.serving, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid not in (os.geteuid(), 0):
            raise OSError("not a file of this user")
        return file.read(_MAX_BYTES)


def _is_of_this_machine(host: str) -> bool:
    try:
        if ip_address(host).is_loopback:
            return True
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.bind((host, 0))
    except (ValueError, OSError):
        return False
    return True
