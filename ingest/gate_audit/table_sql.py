"""The truth table as SQL, generated: `gates.verdict.gate_audit.CELLS` is its one copy."""

from collections.abc import Callable

from gates.verdict.gate_audit import CELLS, Answer, Wrong
from gates.verdict.situations import CODES, Observed, Situation


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def observed(line: str) -> str:
    """What the row `line` of telemetry says, an `Observed`."""
    codes = " ".join(f"WHEN {_text(code)} THEN {_text(said)}" for code, said in CODES.items())
    return (
        f"CASE WHEN {line}.contradiction IS NOT NULL THEN {_text(Observed.IMPOSSIBLE)}"
        f" WHEN {line}.path = 'openai' THEN {_text(Observed.OPENAI)}"
        f" WHEN {line}.error_code IS NULL THEN {_text(Observed.NO_CODE)}"
        f" ELSE CASE {line}.error_code {codes} ELSE {_text(Observed.OTHER_CODE)} END END"
    )


def situation(part: str, bucket: str, opted_in: str, permits: str) -> str:
    """What the row `part` of gate_part demands, a `Situation`; null where there is no such row.

    `gates.verdict.situations.situation` says the same of one job; a test holds that.
    """
    scoped = f"{opted_in} AND {permits}"
    return (
        f"CASE WHEN {part}.part_no IS NULL THEN NULL"
        f" WHEN {part}.denies THEN {_text(Situation.KILLED)}"
        f" WHEN NOT {part}.feature THEN {_text(Situation.FEATURE_OFF)}"
        f" WHEN NOT {opted_in} THEN {_text(Situation.NOT_OPTED_IN)}"
        f" WHEN NOT {part}.allowlist THEN {_text(Situation.ALLOWLIST_OFF)}"
        f" WHEN NOT {permits} THEN {_text(Situation.NOT_PERMITTED)}"
        f" WHEN {bucket} < {part}.admits_below THEN"
        f" CASE WHEN {scoped} THEN {_text(Situation.INSIDE_IN_SCOPE)} ELSE {_text(Situation.INSIDE)} END"
        f" WHEN {scoped} THEN {_text(Situation.OUTSIDE_IN_SCOPE)} ELSE {_text(Situation.OUTSIDE)} END"
    )


def code() -> str:
    """The code of columns `observed` and `situation`; null where the line is right or cannot be judged."""
    return _lookup(lambda wrong: wrong.code)


def severity() -> str:
    """The severity, likewise."""
    return _lookup(lambda wrong: wrong.severity)


def needs_no_controls() -> str:
    """Whether `observed` is wrong under all controls alike."""
    alike = (said for said, cells in CELLS.items() if len(set(cells.values())) == 1)
    return f"observed IN ({', '.join(map(_text, alike))})"


def _lookup(word: Callable[[Wrong], str]) -> str:
    return "CASE observed " + " ".join(_row(said, cells, word) for said, cells in CELLS.items()) + " END"


def _row(said: Observed, cells: dict[Situation, Answer], word: Callable[[Wrong], str]) -> str:
    answers = set(cells.values())
    if len(answers) == 1 and (only := answers.pop()) is not None:
        return f"WHEN {_text(said)} THEN {_text(word(only))}"
    whens = " ".join(
        f"WHEN {_text(where)} THEN {_text(word(wrong))}" for where, wrong in cells.items() if wrong
    )
    return f"WHEN {_text(said)} THEN CASE situation {whens} END"
