"""Tokens: what opens what, and that nothing of a secret is kept."""

from dataclasses import replace

import pytest

from gates.policy.intent import Role
from gates.store.rows import OperatorRow, TokenRow, TokenScope
from gates.store.tokens import TokenAccepted, TokenRefused, check_token, new_token, token_id_of
from tests.gates.store.builders import ALICE, BOB, NOW

OPERATOR = OperatorRow(
    operator_id=ALICE,
    roles=frozenset({Role.ONCALL}),
    added_by=None,
    added_at_ns=NOW,
    granted_by=None,
    granted_at_ns=NOW,
    disabled_at_ns=None,
)
TOKEN = new_token(ALICE, TokenScope.ALL, by=None, now_ns=NOW, expires_at_ns=NOW + 100)
KILL_TOKEN = new_token(ALICE, TokenScope.KILL, by=None, now_ns=NOW, expires_at_ns=None)


def test_a_token_has_256_random_bits_and_only_their_hash_is_kept() -> None:
    prefix, token_id, secret = TOKEN.text.split("_")
    assert (prefix, token_id) == ("slotgate", TOKEN.row.token_id)
    assert len(bytes.fromhex(secret)) == 32
    assert secret not in repr(TOKEN.row)
    assert new_token(ALICE, TokenScope.ALL, by=None, now_ns=NOW, expires_at_ns=None).text != TOKEN.text


@pytest.mark.parametrize("needs", TokenScope)
def test_a_good_token_opens_what_its_operator_may(needs: TokenScope) -> None:
    assert check_token(TOKEN.text, TOKEN.row, OPERATOR, needs=needs, now_ns=NOW) == TokenAccepted(
        TOKEN.row, OPERATOR
    )
    assert isinstance(
        check_token(f" {TOKEN.text}\n", TOKEN.row, OPERATOR, needs=needs, now_ns=NOW + 99), TokenAccepted
    )


@pytest.mark.parametrize("needs", TokenScope)
@pytest.mark.parametrize("scope", sorted(set(TokenScope) - {TokenScope.ALL}))
def test_a_token_of_one_scope_opens_that_alone(scope: TokenScope, needs: TokenScope) -> None:
    token = new_token(ALICE, scope, by=None, now_ns=NOW, expires_at_ns=None)
    answer = check_token(token.text, token.row, OPERATOR, needs=needs, now_ns=NOW)
    if needs is scope:
        assert answer == TokenAccepted(token.row, OPERATOR)
    else:
        assert isinstance(answer, TokenRefused)
        assert f"of scope `{scope}` alone" in answer.reason


@pytest.mark.parametrize(
    ("text", "row", "operator", "now_ns", "reason"),
    [
        ("", TOKEN.row, OPERATOR, NOW, "no such token"),
        (TOKEN.text, None, None, NOW, "no such token"),
        (
            TOKEN.text[:-1] + ("0" if TOKEN.text[-1] != "0" else "1"),
            TOKEN.row,
            OPERATOR,
            NOW,
            "no such token",
        ),
        (KILL_TOKEN.text, TOKEN.row, OPERATOR, NOW, "no such token"),
        ("slotgate_x_caf\udce9", TOKEN.row, OPERATOR, NOW, "no such token"),
        (TOKEN.text, replace(TOKEN.row, revoked_at_ns=NOW), OPERATOR, NOW, "revoked"),
        (TOKEN.text, TOKEN.row, OPERATOR, NOW + 100, "expired"),
        (TOKEN.text, TOKEN.row, OPERATOR, NOW - 1, "before the making"),
        (TOKEN.text, TOKEN.row, None, NOW, "unknown"),
        (TOKEN.text, TOKEN.row, replace(OPERATOR, operator_id=BOB), NOW, "unknown"),
        (TOKEN.text, TOKEN.row, replace(OPERATOR, disabled_at_ns=NOW), NOW, "disabled"),
    ],
    ids=range(11),
)
def test_what_is_not_good_is_refused(
    text: str, row: TokenRow | None, operator: OperatorRow | None, now_ns: int, reason: str
) -> None:
    answer = check_token(text, row, operator, needs=TokenScope.ALL, now_ns=now_ns)
    assert isinstance(answer, TokenRefused)
    assert reason in answer.reason


@pytest.mark.parametrize("text", ["", "x", "slotgate__abc", "slotgate_abc", "other_abc_def", "a_b_c_d"])
def test_what_is_no_token_has_no_id(text: str) -> None:
    assert token_id_of(text) is None


def test_the_id_stands_in_the_text() -> None:
    assert token_id_of(f"{TOKEN.text}\n") == TOKEN.row.token_id
