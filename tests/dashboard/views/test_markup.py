"""HTML from parts: rows that become cards where a table is too wide."""

import pytest

from dashboard.views.controls.states import jumps, section
from dashboard.views.markup import card_row, tag


def test_each_cell_of_a_card_says_its_column() -> None:
    made = card_row(("step", "runs"), tag("th", "canary-1", scope="row"), tag("td", "7", cls="sg-number"))
    assert made == ('<tr><th scope="row">canary-1</th><td data-label="runs" class="sg-number">7</td></tr>')


def test_a_name_of_a_column_is_inert() -> None:
    assert 'data-label="&quot;&gt;&lt;b&gt;"' in card_row(('"><b>',), tag("td", "<td>"))


def test_a_row_with_a_cell_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        card_row(("step", "runs"), tag("td", "canary-1"))


def test_what_a_jump_names_is_there() -> None:
    assert 'href="#to-propose"' in jumps(**{"to-propose": "Propose"})
    assert 'id="to-propose"' in section("Propose", "opens a request", "to-propose")
