"""What telemetry shows of a step: numbers for the verdict, from the rows of the store."""

from ingest.evidence.assemble import evidence
from ingest.evidence.buckets import bucket_counts
from ingest.evidence.kills import kill_facts
from ingest.evidence.steps import Stay, StepWindow, stays, step_windows

__all__ = ["Stay", "StepWindow", "bucket_counts", "evidence", "kill_facts", "stays", "step_windows"]
