"""Quarantined records: what they are, and the second reading that may take one in.

`asking` lists and shows them, `rereading` reads one with today's parser, `replaying` takes in what is
valid now, exactly once.
"""

from ingest.quarantine.asking import Held, OfCause, Quarantine, QuarantineQuestion, quarantine
from ingest.quarantine.place import RecordPlace
from ingest.quarantine.replaying import Became, Replayed, ReplayRequest, replay
from ingest.quarantine.rereading import Reading, Refusal, reread

__all__ = [
    "Became",
    "Held",
    "OfCause",
    "Quarantine",
    "QuarantineQuestion",
    "Reading",
    "RecordPlace",
    "Refusal",
    "ReplayRequest",
    "Replayed",
    "quarantine",
    "replay",
    "reread",
]
