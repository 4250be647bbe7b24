"""The truth table as SQL, generated: `gates.verdict.gate_audit.CELLS` is its one copy."""

from gates.verdict.gate_audit import CELLS
from gates.verdict.situations import CODES, Observed, Situation


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _number(value: Observed | Situation) -> str:
    """Numbers compare faster than words."""
    return str(list(type(value)).index(value))


def observed(line: str) -> str:
    """What the row `line` of telemetry says, the number of an `Observed`."""
    codes = " ".join(f"WHEN {_text(code)} THEN {_number(said)}" for code, said in CODES.items())
    return (
        f"CASE WHEN {line}.contradiction IS NOT NULL THEN {_number(Observed.IMPOSSIBLE)}"
        f" WHEN {line}.path = 'openai' THEN {_number(Observed.OPENAI)}"
        f" WHEN {line}.error_code IS NULL THEN {_number(Observed.NO_CODE)}"
        f" ELSE CASE {line}.error_code {codes} ELSE {_number(Observed.OTHER_CODE)} END END"
    )


def situation(part: str, bucket: str, opted_in: str, permits: str) -> str:
    """What the row `part` of gate_part demands, the number of a `Situation`; null where there is no such row.

    `gates.verdict.situations.situation` says the same of one job; a test holds that.
    """
    scoped = f"{opted_in} AND {permits}"
    return (
        f"CASE WHEN {part}.part_no IS NULL THEN NULL"
        f" WHEN {part}.denies THEN {_number(Situation.KILLED)}"
        f" WHEN NOT {part}.feature THEN {_number(Situation.FEATURE_OFF)}"
        f" WHEN NOT {opted_in} THEN {_number(Situation.NOT_OPTED_IN)}"
        f" WHEN NOT {part}.allowlist THEN {_number(Situation.ALLOWLIST_OFF)}"
        f" WHEN NOT {permits} THEN {_number(Situation.NOT_PERMITTED)}"
        f" WHEN {bucket} < {part}.admits_below THEN"
        f" CASE WHEN {scoped} THEN {_number(Situation.INSIDE_IN_SCOPE)} ELSE {_number(Situation.INSIDE)} END"
        f" WHEN {scoped} THEN {_number(Situation.OUTSIDE_IN_SCOPE)} ELSE {_number(Situation.OUTSIDE)} END"
    )


def cell(observed: str, situation: str) -> str:
    """The number of a cell; `situation` may be null, where no controls are known."""
    return f"({observed}) * {_WIDTH} + coalesce({situation}, {len(Situation)})"


def place_of(number: int) -> tuple[Observed, Situation | None]:
    """What the number of a cell stands for; null where no controls are known."""
    line, column = divmod(number, _WIDTH)
    return list(Observed)[line], list(Situation)[column] if column < len(Situation) else None


def wrong_cells() -> str:
    """Rows of number, code, severity, and whether it is the same under all controls: all that is a finding.

    Where no controls are known, only what all of them say.
    """
    rows = []
    for line, said in enumerate(Observed):
        cells = [CELLS[said][where] for where in Situation]
        is_alike = len(set(cells)) == 1
        for column, wrong in enumerate((*cells, cells[0] if is_alike else None)):
            if wrong is not None:
                words = f"{_text(wrong.code)}, {_text(wrong.severity)}, {is_alike}"
                rows.append(f"({line * _WIDTH + column}, {words})")
    return f"(VALUES {', '.join(rows)}) wrong(cell, code, severity, needs_no_controls)"


_WIDTH = len(Situation) + 1
