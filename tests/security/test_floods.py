"""Strangers who try very often: nobody is kept waiting, and the record does not grow without end."""

from pathlib import Path

from dashboard.auth.notes import REFUSALS
from tests.dashboard.auth.town import OURS, Town, town


def _tried(here: Town, number: int) -> int:
    body = {"token": f"slotgate_{number:032x}_{'0' * 43}"} if number % 2 else {"code": f"code-{number}"}
    return here.client().post("/api/v1/sign-in", headers=OURS, json=body).status_code


def test_wrong_tokens_and_links_by_the_hundred(tmp_path: Path) -> None:
    here = town(tmp_path)
    carol = here.signed_in("carol")
    assert {_tried(here, number) for number in range(REFUSALS + 20)} == {401}
    assert carol.post("/api/v1/kill", headers=OURS).status_code == 200
    refused = [one for one in here.actions() if one[1] == "sign in refused"]
    assert 0 < len(refused) <= REFUSALS
    assert len(list((here.home.root / "sessions").glob("*.json"))) == 1


def test_a_link_is_good_once_and_a_token_no_longer_than_it_stands(tmp_path: Path) -> None:
    here = town(tmp_path)
    code = here.access.codes.issue("local|alice", lambda _name: None)
    answers = [
        here.client().post("/api/v1/sign-in", headers=OURS, json={"code": code}).status_code for _ in range(3)
    ]
    assert answers == [200, 401, 401]
    stolen = here.signed_in("alice")
    cookie = stolen.cookies.get(here.access.door.cookie)
    assert stolen.get("/").status_code == 200
    stolen.post("/api/v1/sign-out", headers=OURS)
    again = here.client()
    again.cookies.set(here.access.door.cookie, str(cookie))
    assert again.get("/").status_code == 401
    assert again.post("/api/v1/kill", headers=OURS).status_code == 401
