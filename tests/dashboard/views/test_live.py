"""The head that every page shares, and who looks at it."""

from pathlib import Path

from tests.dashboard.views.pages import page, said, seated_town


def test_the_head_says_what_is_in_force(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, _):
        words = said(page("overview", people, "bob").run())
        assert "LIVE" in words
        assert "NO VERDICT YET" in words
