"""Sentences of ours as markup: commands are code, people are called by their names, markup is inert."""

import pytest

from dashboard.views.prose import prose


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("use `slotgate kill`", "use <code>slotgate kill</code>"),
        ("local|alice asked", "alice asked"),
        ("`local|alice` may not sign", "alice may not sign"),
        ("`slotgate operators show local|alice`", "<code>slotgate operators show local|alice</code>"),
        ("oidc|alice and notlocal|alice", "oidc|alice and notlocal|alice"),
        ("local| stands alone", "local| stands alone"),
        ("<b>`<i>`", "&lt;b&gt;<code>&lt;i&gt;</code>"),
    ],
)
def test_prose(said: str, shown: str) -> None:
    assert prose(said) == shown
