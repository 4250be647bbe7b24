"""How far long work is, in words for one line. Pure."""

from ingest.progress import HowFar, Unit

_MEGABYTE = 1_000_000
_MINUTE, _HOUR = 60, 3600


def in_words(began: HowFar, far: HowFar, seconds: float) -> str:
    """`far`, which is `seconds` after `began`: how much, how fast, how long yet, and what came of it."""
    return "; ".join(part for part in (pace(began, far, seconds), outcomes(far)) if part)


def outcomes(far: HowFar) -> str:
    """What became of things so far; empty where nothing is said of that."""
    return ", ".join(f"{count:,} {outcome}" for outcome, count in far.counts if count)


def pace(began: HowFar, far: HowFar, seconds: float) -> str:
    """How much of it is done, how fast, and how long it takes yet."""
    parts = [_how_much(far)]
    rate = (far.done - began.done) / seconds if seconds > 0 else 0.0
    if rate > 0:
        parts.append(f"{_amount(round(rate), far.unit)}/s")
        if far.total is not None and far.total > far.done:
            parts.append(f"{_duration((far.total - far.done) / rate)} left")
    return f"{far.at}: {', '.join(parts)}"


def share(far: HowFar) -> float | None:
    """From 0 to 1; null where it is not known how much there is. What grew meanwhile is no more than all."""
    if not far.total:
        return None
    return min(1.0, far.done / far.total)


def _how_much(far: HowFar) -> str:
    done = share(far)
    if far.total is None or done is None:
        return _amount(far.done, far.unit)
    of = _number(far.done, far.unit)
    return f"{of} of {_amount(max(far.total, far.done), far.unit)} ({done:.0%})"


def _amount(amount: int, unit: Unit) -> str:
    return f"{_number(amount, unit)} {'MB' if unit is Unit.BYTES else unit.value}"


def _number(amount: int, unit: Unit) -> str:
    return f"{amount / _MEGABYTE:,.1f}" if unit is Unit.BYTES else f"{amount:,}"


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
