"""`slot-generation.v1`: what an executor is asked to do."""

from typing import Annotated, Any, Literal

from pydantic import Field

from schemas.base import Document, OptionalText


class AppliesTo(Document):
    """The part of the curriculum that the jobs belong to."""

    subject: str
    level: str
    board: str
    spec_version: str
    topic: OptionalText = None


class OutputTarget(Document):
    """Where the caller puts the generated content, and of which type it is."""

    field: str
    type: str


class SlotJob(Document):
    """One slot to fill."""

    job_id: str
    slot_id: str
    kind: Literal["statutory", "assessment", "explanatory"]
    mode: Literal["verbatim", "generate"]
    input: dict[str, Any]
    output: OutputTarget
    sources: tuple[str, ...]
    required: bool


class JobMetadata(Document):
    """Whether a person must review the content, and whether the caller opted in to AI (absent: no)."""

    requires_review: bool
    allow_ai: bool = Field(default=False, alias="allowAI")


class JobSpec(Document):
    """The input document of one run; `run_job_id` is the identity of the run."""

    version: str
    job_id: OptionalText = None
    applies_to: AppliesTo
    jobs: Annotated[tuple[SlotJob, ...], Field(min_length=1)]
    metadata: JobMetadata

    @property
    def run_job_id(self) -> str:
        """`jobId` of the document if it has one, else that of its first job."""
        return self.jobs[0].job_id if self.job_id is None else self.job_id
