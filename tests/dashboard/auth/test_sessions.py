import os
from pathlib import Path

import pytest

from dashboard.auth.key import signing_key
from dashboard.auth.sessions import IDLE_NS, KILL_GRACE_NS, LIFE_NS, Method, Opened, Sessions, Standing
from gates.policy.intent import Role
from tests.dashboard.auth.town import HOUR, SECOND, Clock

ROLES = frozenset({Role.ONCALL})


def opened(sessions: Sessions, name: str = "local|alice") -> Opened:
    return sessions.open(name, "alice", ROLES, Method.PASSWORD)


def standing(sessions: Sessions, one: Opened, clock: Clock) -> Standing | None:
    found = sessions.get(one.session.name)
    return None if found is None else found.standing(clock())


def test_a_session_survives_a_restart_and_its_file_does_not_hold_the_id(tmp_path: Path) -> None:
    clock = Clock()
    one = opened(Sessions(tmp_path / "sessions", clock))
    assert Sessions(tmp_path / "sessions", clock).get(one.session.name) == one.session
    (file,) = (tmp_path / "sessions").iterdir()
    assert one.session_id not in file.read_text() + file.name
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_it_ends_after_eight_hours_and_stops_for_seven_days_more(tmp_path: Path) -> None:
    clock, sessions = Clock(), Sessions(tmp_path)
    sessions = Sessions(tmp_path, clock)
    one = opened(sessions)
    for _ in range(8 * 2 - 1):
        clock.now += HOUR // 2
        found = sessions.get(one.session.name)
        assert found is not None
        assert found.standing(clock()) is Standing.LIVE
        sessions.touch(found)
    clock.now += HOUR // 2
    assert standing(sessions, one, clock) is Standing.KILL_ONLY
    clock.now = one.session.created_ns + LIFE_NS + KILL_GRACE_NS - 1
    assert standing(sessions, one, clock) is Standing.KILL_ONLY
    clock.now += 1
    assert standing(sessions, one, clock) is Standing.OVER
    sessions.prune()
    assert sessions.get(one.session.name) is None


def test_an_idle_one_is_good_for_a_kill_alone(tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(tmp_path, clock)
    one = opened(sessions)
    clock.now += IDLE_NS
    assert standing(sessions, one, clock) is Standing.KILL_ONLY


def test_a_clock_that_was_set_back_makes_nobody_younger(tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(tmp_path, clock)
    one = opened(sessions)
    clock.now -= 61 * SECOND
    assert standing(sessions, one, clock) is Standing.KILL_ONLY


def test_a_revoked_one_is_over_for_everybody_at_once(tmp_path: Path) -> None:
    clock = Clock()
    sessions, elsewhere = Sessions(tmp_path, clock), Sessions(tmp_path, clock)
    one, other = opened(sessions), opened(sessions)
    elsewhere.revoke(one.session.name)
    assert standing(sessions, one, clock) is Standing.OVER
    assert standing(sessions, other, clock) is Standing.LIVE
    assert [session.name for session in sessions.of("local|alice")] == [other.session.name]
    sessions.revoke("0" * 64)


def test_a_disk_that_takes_nothing_still_lets_somebody_in(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "sessions").write_text("a file where the folder should be")
    sessions = Sessions(tmp_path / "sessions", clock)
    one = opened(sessions)
    assert standing(sessions, one, clock) is Standing.LIVE
    sessions.revoke(one.session.name)
    assert standing(sessions, one, clock) is Standing.OVER


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"operator": 1}', b"\xff"])
def test_a_damaged_file_opens_nothing(tmp_path: Path, data: bytes) -> None:
    sessions = Sessions(tmp_path, Clock())
    one = opened(sessions)
    (tmp_path / f"{one.session.name}.json").write_bytes(data)
    assert sessions.get(one.session.name) is None


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "home" / "session.key")
    assert signing_key(tmp_path / "home" / "session.key") == key
    assert os.stat(tmp_path / "home" / "session.key").st_mode & 0o777 == 0o600
    (tmp_path / "home" / "session.key").write_bytes(b"short")
    assert signing_key(tmp_path / "home" / "session.key") != key
    (tmp_path / "file").touch()
    assert len(signing_key(tmp_path / "file" / "session.key")) == 32
