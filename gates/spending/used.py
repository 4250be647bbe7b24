"""What was used, counted by day and model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What lines of one UTC `day` ("2026-11-21", null: lines without any time) used of one `model`.

    `model` is null where lines name none: v1. `calls` were made in `lines`; of `untold` lines with calls the
    tokens are not known, and the tokens are those of the others.
    """

    day: str | None
    model: str | None
    lines: int
    calls: int
    untold: int
    input_tokens: int
    output_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUsage:
    """What a home used on one UTC day. `hidden_calls` are quarantined records that claim path openai:
    calls of which nothing else is known. `untimed` are lines that reached the model without any time,
    in files that were written to on that day.
    """

    used: tuple[Used, ...]
    hidden_calls: int = 0
    untimed: int = 0
