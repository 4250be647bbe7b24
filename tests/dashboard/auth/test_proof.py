from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.auth.proof import Proof, sealed, unsealed

KEY, OTHER = b"k" * 32, b"o" * 32
PROOF = Proof("an-id", "local|alice", True, 5)


@given(st.text(), st.text(), st.booleans(), st.integers(0, 2**63))
def test_what_was_sealed_is_what_is_read(session_id: str, operator: str, may_stop: bool, end: int) -> None:
    proof = Proof(session_id, operator, may_stop, end)
    text = sealed(proof, KEY)
    assert unsealed(text, OTHER) is None
    assert unsealed(text, KEY) == (proof if len(text) <= 2_000 else None)


@given(st.data())
def test_no_character_can_be_changed(data: st.DataObject) -> None:
    text = sealed(PROOF, KEY)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="ascii", exclude_characters=text[at]))
    changed = text[:at] + other + text[at + 1 :]
    # The last character of base64 carries bits that no byte needs: those may differ.
    assert unsealed(changed, KEY) in (None, PROOF)
    if at < len(text) - 3:
        assert unsealed(changed, KEY) is None


@pytest.mark.parametrize(
    "text", ["", "v1", "v1..", "v1.e30.e30", "v2.a.b", "é.é.é", "v1." + "a" * 3_000 + ".b"]
)
def test_nonsense_says_nothing(text: str) -> None:
    assert unsealed(text, KEY) is None


def test_the_name_does_not_give_the_id_away() -> None:
    assert PROOF.session_id not in PROOF.name
    assert replace(PROOF, session_id="other").name != PROOF.name
