"""Read what was kept of a quarantined record with today's parser. Pure.

Only what was kept whole can be read again: of a long text there is its beginning, and what looked like
a key is masked for good.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from ingest.contract.masking import MASK
from ingest.contract.outcomes import RAW_LIMIT, Accepted, Cause, Quarantined
from ingest.quarantine.asking import Held
from ingest.reference.logical_lines import outcomes_of
from ingest.transports.message import Message

# What these causes say is of the text around the record, and that was not kept.
_OF_THE_SURROUNDINGS = {
    Cause.INSIDE_OTHER_JSON: "it stood inside another JSON object; what it was part of is not kept",
    Cause.LINE_TOO_LONG: "only the beginning of so long a text is kept",
}
_CUT = f"only the first {RAW_LIMIT:,} bytes are kept"
_MASKED = "parts of it looked like keys and are masked: what it said is not kept"


@dataclass(frozen=True, slots=True)
class Reading:
    """It is a valid record today."""

    record: Accepted


@dataclass(frozen=True, slots=True)
class Refusal:
    """It cannot be taken in: `why`, in words.

    `cause` is what today's parser says is wrong; null where not enough was kept to tell.
    """

    why: str
    cause: Cause | None


def reread(held: Held) -> Reading | Refusal:
    """What today's parser makes of what was kept of a record. Never raises."""
    surroundings = _OF_THE_SURROUNDINGS.get(held.cause)
    if surroundings is not None:
        return Refusal(surroundings, None)
    raw, place = held.kept, held.place
    if MASK in raw:
        return Refusal(_MASKED, None)
    if len(raw) >= RAW_LIMIT:
        return Refusal(_CUT, None)
    message = Message(text=raw, time_ns=held.line_time_ns, native_id=held.native_id)
    found = outcomes_of(message, place.line_offset)
    if len(found) != 1:
        return Refusal(f"today's parser finds {len(found)} records in it, not one", None)
    match found[0]:
        case Accepted() as record:
            return Reading(replace(record, index=place.record_index))
        case Quarantined(cause=cause, detail=detail):
            return Refusal(detail, cause)
        case _:
            return Refusal("today's parser finds no telemetry in it", None)
