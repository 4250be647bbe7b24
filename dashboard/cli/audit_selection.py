"""What `slotgate audit verify --selection` says of records that were picked out of a chain."""

import json

from dashboard.cli.output import put
from gates.store.audit.selection import Sound
from gates.store.audit.verify import Broken

_BROKEN = 1


def tell_selection(found: Sound | Broken, *, as_json: bool) -> int:
    """Say it; the exit code."""
    match found:
        case Sound(records, gaps):
            record: dict[str, object] = {
                "sound": True,
                "records": records,
                "gaps": gaps,
                "badLine": None,
                "words": None,
            }
            words = (
                f"sound: {records} records, each with the hash it was given; {gaps} gaps in between\n"
                "a selection shows neither what was left out nor that it is of this chain: verify that"
            )
        case Broken(line, _, said):
            record = {"sound": False, "records": None, "gaps": None, "badLine": line, "words": said}
            words = f"BROKEN: {said}; docs/audit.md says what to do"
    put(json.dumps(record, ensure_ascii=False) if as_json else words)
    return 0 if isinstance(found, Sound) else _BROKEN
