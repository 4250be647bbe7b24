"""What a check says in one sentence (DESIGN section 7): counts, the bound that decides, what is needed."""

from typing import assert_never

from gates.verdict.verdict import Check, CheckName, CheckState
from gates.verdict.wording import count, limit, milliseconds, percent, span

_DAY_S = 86_400


def check_words(check: Check, slow_ms: float | None) -> str:
    """`5 of 15 failed; at least 5.2 %, limit 5 %`. `slow_ms` is the limit of a latency check."""
    return f"{_whose(check)}{_what(check, slow_ms)}"


def _what(check: Check, slow_ms: float | None) -> str:
    if check.of == 0:
        return f"{_nothing(check)}; {needed(check, slow_ms)}"
    seen = f"{check.bad:,} of {check.of:,} {_bad(slow_ms)}"
    match check.state:
        case CheckState.FAIL:
            return f"{seen}; at least {percent(check.lower, check.stop)}, limit {limit(check.stop)}"
        case CheckState.PASS:
            return f"{seen}, at most {percent(check.upper, check.expand)}, limit {limit(check.expand)}"
        case CheckState.OPEN:
            what = "rate" if slow_ms is None else "share"
            could = f"the true {what} could be up to {percent(check.upper, check.expand)}"
            return f"{seen}, {could}; {needed(check, slow_ms)}"
        case _:
            assert_never(check.state)


def needed(check: Check, slow_ms: float | None = None) -> str:
    """`8 more clean jobs, about 2 days`."""
    kind = "clean job" if slow_ms is None else "quick job"
    words = count(check.needs or 0, f"more {kind}" if check.of else kind)
    if check.needs_days is None:
        return f"{words} needed"
    return f"{words}, about {span(check.needs_days * _DAY_S)}"


def _bad(slow_ms: float | None) -> str:
    return "failed" if slow_ms is None else f"slower than {milliseconds(slow_ms)}"


def _nothing(check: Check) -> str:
    match check.name:
        case CheckName.FAILURES:
            return "no job has reached the model"
        case CheckName.SLICE_FAILURES:
            return "no job has reached the model"
        case CheckName.LATENCY_P50 | CheckName.LATENCY_P95:
            return "no call has completed"
        case _:
            assert_never(check.name)


def _whose(check: Check) -> str:
    if check.name is CheckName.SLICE_FAILURES:
        return "new slice: "
    return "" if check.version is None else f"{check.version}: "
