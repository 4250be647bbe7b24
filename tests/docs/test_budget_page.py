"""docs/budget.md: examples keep their contracts, tables name every key, figures are those of the code."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard.server.budget import LASTING_LOOKS, PERIOD_SECONDS
from gates.changes.guarding import SYSTEM
from gates.spending.budget import WARN_AT, budget
from gates.spending.prices import price_table
from schemas import check

TEXT = (Path(__file__).parents[2] / "docs" / "budget.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^```json (\S+\.v1)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("name", ["prices.v1", "budget.v1"])
def test_examples_are_valid_and_every_key_is_in_a_table(name: str) -> None:
    document = check.parse(name, EXAMPLES[name])
    schema = json.loads((check.FOLDER / f"{name}.schema.json").read_bytes())
    keys = set(schema["properties"]).union(*(one["properties"] for one in schema.get("$defs", {}).values()))
    assert [key for key in keys if f"`{key}`" not in TEXT] == []
    assert (price_table if name == "prices.v1" else budget)(document)


def test_the_figures_are_those_of_the_code() -> None:
    assert Decimal(4) / 5 == WARN_AT
    assert (PERIOD_SECONDS, LASTING_LOOKS) == (2.0, 3)
    for words in ("four fifths", "every two seconds", "three looks", SYSTEM.replace("|", r"\|")):
        assert words in TEXT
