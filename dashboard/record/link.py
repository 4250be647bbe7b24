"""Addresses that people typed: a link only where a browser does nothing but go there. Pure."""

from urllib.parse import urlsplit


def safe_link(typed: str) -> str | None:
    """`typed` where it is an http or https address with a host and nothing odd in it, else null."""
    if not typed.isprintable() or any(sign in typed for sign in ' "<>\\^`{|}'):
        return None
    try:
        parts = urlsplit(typed)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    # What stands before an @ is there to be taken for the host.
    named = host is not None and "@" not in parts.netloc
    return typed if parts.scheme in ("http", "https") and named else None
