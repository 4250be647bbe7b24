"""Numbers, shares, spans and moments as the sentences of a verdict say them."""

from collections.abc import Sequence

SECOND_NS = 1_000_000_000
# A unit's seconds, from how many on it is used, and its name.
_UNITS = ((86_400, 129_600, "day", "days"), (3600, 3600, "h", "h"), (60, 90, "min", "min"))


def percent(share: float, beside: float | None = None) -> str:
    """`5.2 %`: one decimal below ten, none above.

    More where it would read like `beside`, 0 or 100 % and is not.
    """
    others = [other for other in (0.0, 1.0, beside) if other is not None and other != share]
    for digits in range(0 if share >= 0.0995 else 1, 7):
        words = _percent(share, digits)
        if all(words != _percent(other, digits) for other in others):
            return words
    return words


def limit(share: float) -> str:
    """A limit as it was set: `5 %`, `2.5 %`."""
    return f"{share * 100:.6g} %"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 job`, `2 jobs`, `1,200 jobs`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def span(seconds: float) -> str:
    """`1.2 s`, `61 s`, `5 min`, `3.5 h`, `2 days`: two digits are enough, and 61 s is not 1 min."""
    for unit, begins, one, many in _UNITS:
        if seconds >= begins:
            figure = _two_digits(seconds / unit)
            return f"{figure} {one if figure == '1' else many}"
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"


def milliseconds(value: float) -> str:
    """`850 ms`, `5 s`, `12.5 s`."""
    return f"{value:.3g} ms" if value < 1000 else f"{value / 1000:.3g} s"


def rate(per_hour: float) -> str:
    """`0.5`, `12.3`, `3,990`: three digits, and thousands as they are."""
    return f"{per_hour:.3g}" if per_hour < 999.5 else f"{per_hour:,.0f}"


def clock(at_ns: int) -> str:
    """`03:34:02Z`: the time of day, UTC."""
    seconds = at_ns // SECOND_NS % 86_400
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"


def ordered(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _two_digits(amount: float) -> str:
    return f"{amount:.0f}" if amount >= 9.95 else f"{amount:.1f}".removesuffix(".0")


def _percent(share: float, digits: int) -> str:
    figure = f"{share * 100:.{digits}f}"
    return f"{figure.rstrip('0').rstrip('.') if '.' in figure else figure} %"
