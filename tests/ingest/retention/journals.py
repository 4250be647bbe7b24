"""Exports of journald, an entry a line, as `journalctl -o json` writes them."""

import json

from tests.ingest.stored import record


def journal(number: int, at_ns: int, name: str = "a1", unit: str = "executor.service") -> bytes:
    """An entry of journald with the record of `job-NUMBER`, in the journal `name`."""
    entry = {
        "__CURSOR": f"s={name};i={number:x}",
        "__REALTIME_TIMESTAMP": str(at_ns // 1_000),
        "_SYSTEMD_UNIT": unit,
        "MESSAGE": record(number),
    }
    return json.dumps(entry).encode() + b"\n"
