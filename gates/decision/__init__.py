"""The decision: call the model, or return the stub. Pure: values in, a value out.

Start at `checks.CHECKS`, the ordered gates, and `decide.decide`, which asks them.
"""

from gates.decision.allowlist import AllowlistIndex, compile_allowlist, refuse_all
from gates.decision.bucket import BUCKETS, bucket
from gates.decision.compiled import (
    CompiledControls,
    Narrowing,
    compile_controls,
    effective_at,
    narrowed,
    unknown_controls,
)
from gates.decision.decide import GateAnswer, decide, explain
from gates.decision.job import Job, Slot, job_from_spec
from gates.decision.outcome import Admitted, Decision, Denied, Gate, as_record

__all__ = [
    "BUCKETS",
    "Admitted",
    "AllowlistIndex",
    "CompiledControls",
    "Decision",
    "Denied",
    "Gate",
    "GateAnswer",
    "Job",
    "Narrowing",
    "Slot",
    "as_record",
    "bucket",
    "compile_allowlist",
    "compile_controls",
    "decide",
    "effective_at",
    "explain",
    "job_from_spec",
    "narrowed",
    "refuse_all",
    "unknown_controls",
]
