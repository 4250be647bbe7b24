"""docs/verdict.md shows real output and exact figures; docs/reason-codes.md knows every hold."""

import re
from pathlib import Path

import pytest

from gates.verdict.defaults import DEFAULT
from gates.verdict.judge import judge
from gates.verdict.verdict import HoldCode
from gates.verdict.words import VerdictWord
from tests.gates.verdict.borders import (
    clopper_pearson_failing,
    clopper_pearson_passing,
    failing,
    passing,
    wald_failing,
    wald_passing,
)
from tests.gates.verdict.looks import at_least, at_most, chance_of_ever
from tests.gates.verdict.test_bounds import VECTORS
from tests.gates.verdict.test_sentences import TABLE

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "verdict.md").read_text(encoding="utf-8")
EXAMPLES = [
    line for block in re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
]
FIGURES = {
    (kind, limit): figures
    for kind, part in zip(
        ("PASS", "FAIL"), re.split(r"\| false FAIL", PAGE.split("| false PASS")[1]), strict=True
    )
    for limit, *figures in re.findall(
        r"^\| (\d+) % \| ([\d.]+) % \| ([\d.]+) % \| ([\d.]+) % \|$", part, re.MULTILINE
    )
}
BORDERS = {
    "PASS": (passing, clopper_pearson_passing, wald_passing),
    "FAIL": (failing, clopper_pearson_failing, wald_failing),
}


def test_the_examples_are_real() -> None:
    real = {judge(*case).sentence for case, _, _ in TABLE.values()}
    assert EXAMPLES
    assert set(EXAMPLES) <= real


@pytest.mark.parametrize("word", VerdictWord)
def test_every_word_is_explained_and_shown(word: VerdictWord) -> None:
    name = word.replace("_", " ")
    assert f"| `{name}` |" in PAGE
    assert any(example.startswith(f"{name}: ") for example in EXAMPLES)


@pytest.mark.parametrize(("kind", "limit"), FIGURES, ids="-".join)
def test_the_figures_are_exact(kind: str, limit: str) -> None:
    alpha = DEFAULT.pass_alpha if kind == "PASS" else DEFAULT.fail_alpha
    ours, exact, normal = BORDERS[kind]
    found = []
    for border, error in ((ours, alpha), (exact, 0.05), (normal, 0.05)):
        at = border(int(limit) / 100, error, 2000).__getitem__
        found.append(chance_of_ever(at_most(at) if kind == "PASS" else at_least(at), int(limit) / 100, 2000))
    assert [f"{chance * 100:.2f}" for chance in found] == FIGURES[kind, limit]


def test_there_are_figures() -> None:
    assert len(FIGURES) == 6


def test_every_vector_is_named() -> None:
    assert all(f"`{name}`" in PAGE for name in VECTORS if name != "source")


def test_every_hold_is_listed_once() -> None:
    text = (DOCS / "reason-codes.md").read_text(encoding="utf-8").split("## Why a verdict holds")[1]
    assert re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE) == [code.value for code in HoldCode]
