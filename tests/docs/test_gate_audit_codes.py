"""docs/gate-audit.md knows every code, and its table says what the truth table says."""

import re
from itertools import chain
from pathlib import Path

from gates.verdict.gate_audit import CELLS, GateCode
from gates.verdict.situations import Observed, Situation

TEXT = (Path(__file__).parents[2] / "docs" / "gate-audit.md").read_text(encoding="utf-8")
ROWS = {
    "openai, any": Observed.OPENAI,
    "`KILL_SWITCH`": Observed.KILL_SWITCH,
    "stub, null": Observed.NO_CODE,
    "`NOT_ALLOWLISTED`": Observed.NOT_ALLOWLISTED,
    "`ROLLOUT_EXCLUDED`": Observed.ROLLOUT_EXCLUDED,
    "stub, any other code": Observed.OTHER_CODE,
    "what cannot be true": Observed.IMPOSSIBLE,
}
COLUMNS = (
    (Situation.KILLED,),
    (Situation.FEATURE_OFF,),
    (Situation.NOT_OPTED_IN,),
    (Situation.ALLOWLIST_OFF, Situation.NOT_PERMITTED),
    (Situation.OUTSIDE, Situation.OUTSIDE_IN_SCOPE),
    (Situation.INSIDE, Situation.INSIDE_IN_SCOPE),
)


def said(said: Observed, column: tuple[Situation, ...]) -> str:
    """A cell as the page words it: what only a known spec shows has a star."""
    first, *known = (CELLS[said][where] for where in column)
    plain = "right" if first is None else f"`{first.code}` {first.severity}"
    more = {f"`{one.code}` {one.severity} *" for one in known if one is not None and one != first}
    return "; ".join(chain([plain], sorted(more)))


def test_every_code_has_its_paragraph() -> None:
    assert set(re.findall(r"^### ([A-Z_]+)$", TEXT, re.MULTILINE)) == {code.value for code in GateCode}
    for paragraph in TEXT.split("\n### ")[1:]:
        assert "**Do:**" in paragraph


def test_the_table_is_the_truth_table() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in TEXT.splitlines()
        if line.startswith("| ") and line.split("|")[1].strip() in ROWS
    ]
    assert len(rows) == len(ROWS)
    for name, *cells in rows:
        row = ROWS[name]
        if cells[0].endswith(", always"):
            assert {said(row, column) for column in COLUMNS} == {cells[0].removesuffix(", always")}
            continue
        assert cells == [said(row, column) for column in COLUMNS]
