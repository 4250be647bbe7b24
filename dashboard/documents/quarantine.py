"""What is in quarantine, and what became of records that were read again, as JSON."""

from typing import Any

from gates.policy.intent import Role
from ingest.quarantine import Held, Quarantine, Reading, Replayed, reread

RAW_ROLES = frozenset({Role.ONCALL, Role.ENGINEERING_OWNER, Role.APPROVER, Role.AUDITOR})
"""Who may see what an executor wrote, byte for byte (docs/adr/0120-raw-bytes-need-a-role.md)."""


def listed(found: Quarantine) -> dict[str, Any]:
    """How much there is by cause, and the records that were asked for, without what was kept of them."""
    return {
        "count": found.count,
        "by_cause": [
            {"cause": one.cause, "count": one.records, "claims_openai": one.claims_openai}
            for one in found.causes
        ],
        "records": [one.as_record() for one in found.records],
    }


def today(held: Held) -> dict[str, Any]:
    """One record, and what the parser of today says of it."""
    reading = reread(held)
    valid = isinstance(reading, Reading)
    return held.as_record() | {
        "valid_now": valid,
        "today": "valid" if isinstance(reading, Reading) else reading.why,
    }


def whole(held: Held) -> dict[str, Any]:
    """The same with what was kept of it, as text and as hexadecimal digits."""
    return today(held) | {"raw_hex": held.raw, "raw": held.kept.decode("utf-8", "backslashreplace")}


def replayed(answers: tuple[Replayed, ...]) -> dict[str, Any]:
    """What became of each record."""
    return {
        "records": [{"record": str(one.place), "became": one.became.value, "why": one.why} for one in answers]
    }
