import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from dashboard.auth.attempts import PER_ADDRESS, PER_NAME, WINDOW_S, Attempts
from dashboard.auth.codes import Codes
from dashboard.auth.passwords import NOBODY, fits, hashed, unfit


class Watch:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_name_is_locked_after_ten_failures_for_a_quarter_of_an_hour() -> None:
    watch = Watch()
    attempts = Attempts(watch)
    said = []
    for n in range(PER_NAME):
        assert attempts.wait_s("alice", f"10.0.0.{n}") == 0
        said.append(attempts.failed("alice", f"10.0.0.{n}"))
    assert said == [False] * (PER_NAME - 1) + [True]
    assert attempts.wait_s("alice", "10.0.0.99") == WINDOW_S
    assert attempts.wait_s("bob", "10.0.0.99") == 0
    watch.now = WINDOW_S
    assert attempts.wait_s("alice", "10.0.0.99") == 0


def test_an_address_that_tries_many_names_is_locked_too() -> None:
    attempts = Attempts(Watch())
    for n in range(PER_ADDRESS):
        attempts.failed(f"name-{n}", "10.0.0.1")
    assert attempts.wait_s("alice", "10.0.0.1") > 0
    assert attempts.wait_s("alice", "10.0.0.2") == 0


def test_a_success_forgets_the_name() -> None:
    attempts = Attempts(Watch())
    for _ in range(PER_NAME - 1):
        attempts.failed("alice", "10.0.0.1")
    attempts.succeeded("alice")
    assert attempts.failed("alice", "10.0.0.2") is False


def test_strangers_cannot_fill_the_memory() -> None:
    watch = Watch()
    attempts = Attempts(watch)
    for n in range(30_000):
        watch.now += 1
        attempts.failed(f"name-{n}", f"address-{n}")
    assert len(attempts._failures) < 15_000


def test_passwords() -> None:
    stored = hashed("correct horse battery staple")
    assert stored.startswith("$argon2id$")
    assert fits("correct horse battery staple", stored)
    assert not fits("correct horse battery stapl", stored)
    assert not fits("nobody's password", None)
    assert not fits("correct horse battery staple", "no hash at all")
    assert unfit("correct horse battery staple") is None
    assert [unfit(bad) is None for bad in ("short", "a" * 20, "x" * 1_001)] == [False, False, False]


def test_a_code_opens_once() -> None:
    codes, used = Codes(), list[str]()
    code = codes.issue("local|alice", used.append)
    assert codes.take("no code") is None
    assert codes.take(code) == "local|alice"
    assert codes.take(code) is None
    assert used == ["local|alice"]


def test_nobody_takes_as_long_as_somebody() -> None:
    """The same work is done, and the hash is one that the library works through to its end."""
    assert extract_parameters(NOBODY) == extract_parameters(hashed("a few words together"))
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(NOBODY, "a few words together")
