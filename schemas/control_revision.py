"""`control-revision.v1`: one line of the control history, written before and after each change."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import WHOLE, Document, Timestamp
from schemas.controls import Controls


class ControlRevision(Document):
    """What happened to the control file, and when.

    `publishing` stands before the file is replaced and `effective` after it; between the two a
    reader may see either revision. `removed` says that the file was renamed away, which denies
    everything. `late` marks a line that was written after the fact with the time it happened.
    """

    version: Literal["control-revision.v1"]
    event: Literal["publishing", "effective", "removed"]
    at: Timestamp
    revision: Annotated[int, Field(ge=0), WHOLE]
    late: bool
    controls: Controls | None
