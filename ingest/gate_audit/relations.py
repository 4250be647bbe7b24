"""What the gate audit is asked over: the tables, or the tables with what the archive holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relations:
    """SQL, each to stand behind FROM.

    `lines` has the columns of `telemetry` and `history_id`, `quarantine` those of its table and `history_id`,
    `findings` those of `gate_finding`.
    """

    lines: str
    quarantine: str
    findings: str


TABLES = Relations(
    lines="(SELECT t.*, s.history_id FROM telemetry t JOIN source s USING (source_id))",
    quarantine="(SELECT q.*, s.history_id FROM quarantine q JOIN source s USING (source_id))",
    findings="gate_finding",
)
