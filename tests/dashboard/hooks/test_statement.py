"""What a build may say, who may say it, and what becomes of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.hooks.signed import is_signed, read_secret, signature
from dashboard.hooks.statement import FRESH_NS, CiStatement, Unusable, parsed
from dashboard.hooks.taking import BUILD, Deliveries, take
from gates.controls.instant import timestamp
from gates.errors import InvalidChange
from tests.gates.changes.world import BOB, SECOND, START, World

SECRET = b"0123456789abcdef0123456789abcdef"
SAID: dict[str, Any] = {
    "version": "ci-statement.v1",
    "delivery": "run-0007-1",
    "item": "flight-ci-green",
    "passed": True,
    "link": "https://ci.example/7",
    "text": "run 7",
    "at": timestamp(START),
}


def body(**changes: Any) -> bytes:
    return json.dumps({**SAID, **changes}).encode()


class TestSignature:
    def test_the_example_of_github(self) -> None:
        """https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries."""
        assert signature(b"It's a Secret to Everybody", b"Hello, World!") == (
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        )

    @pytest.mark.parametrize(
        "header",
        [None, "", "sha256=", "sha1=" + "0" * 40, "sha256=" + "0" * 64, signature(SECRET, b"other"),
         signature(b"other" * 8, b"body"), signature(SECRET, b"body")[7:], signature(SECRET, b"body").upper(),
         signature(SECRET, b"body") + " ", "sha256=\u00e9"],
        ids=str,
    )  # fmt: skip
    def test_anything_else_is_none(self, header: str | None) -> None:
        assert is_signed(SECRET, b"body", signature(SECRET, b"body"))
        assert not is_signed(SECRET, b"body", header)


class TestSecret:
    def test_a_private_file(self, tmp_path: Path) -> None:
        path = tmp_path / "s"
        path.write_bytes(SECRET + b"\n")
        path.chmod(0o600)
        assert read_secret(path) == SECRET

    @pytest.mark.parametrize(
        ("data", "mode"),
        [(SECRET, 0o640), (SECRET, 0o604), (SECRET[:31], 0o600), (b"x" * 5000, 0o600), (b"", 0o600)],
    )
    def test_what_is_not_to_be_trusted(self, tmp_path: Path, data: bytes, mode: int) -> None:
        path = tmp_path / "s"
        path.write_bytes(data)
        path.chmod(mode)
        assert read_secret(path) is None

    def test_no_file_a_folder_and_a_link(self, tmp_path: Path) -> None:
        path = tmp_path / "s"
        assert read_secret(path) is None
        path.mkdir()
        assert read_secret(path) is None
        (tmp_path / "real").write_bytes(SECRET)
        (tmp_path / "real").chmod(0o600)
        (tmp_path / "link").symlink_to(tmp_path / "real")
        assert read_secret(tmp_path / "link") is None


class TestParsed:
    def test_all_of_it(self) -> None:
        assert parsed(body(), START) == CiStatement(
            delivery="run-0007-1",
            item="flight-ci-green",
            passed=True,
            link="https://ci.example/7",
            text="run 7",
            at_ns=START,
        )

    @pytest.mark.parametrize("away", [FRESH_NS, -FRESH_NS])
    def test_ten_minutes_are_fresh(self, away: int) -> None:
        assert parsed(body(), START + away).passed
        with pytest.raises(Unusable, match="`at`"):
            parsed(body(), START + away + (1 if away > 0 else -1))

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"version": "ci-statement.v2"}, "no ci-statement.v1"),
            ({"extra": 1}, "exactly"),
            ({"item": "change-path"}, "`item`"),
            ({"item": "ready-fallback"}, "`item`"),  # signed, but not by a build
            ({"item": "ga-safety"}, "`item`"),
            ({"item": 7}, "string"),
            ({"passed": "true"}, "`passed`"),
            ({"passed": 1}, "`passed`"),
            ({"delivery": "short"}, "`delivery`"),
            ({"delivery": "x" * 101}, "`delivery`"),
            ({"delivery": "run 0007 1"}, "`delivery`"),
            ({"delivery": "run-0007-1\n"}, "`delivery`"),
            ({"at": "yesterday"}, "`at`"),
            ({"at": ""}, "`at`"),
        ],
        ids=str,
    )
    def test_what_is_none(self, changes: dict[str, Any], words: str) -> None:
        with pytest.raises(Unusable, match=words):
            parsed(body(**changes), START)

    @pytest.mark.parametrize(
        "data",
        [b"", b"{", b"[]", b"7", b"null", b"\xff", b"{}", body()[:-1] + b',"passed":false}', b"[" * 9999],
        ids=range(9),
    )
    def test_what_is_no_object_of_ours(self, data: bytes) -> None:
        with pytest.raises(Unusable):
            parsed(data, START)


class TestTaking:
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return World(tmp_path)

    def take(self, world: World, **changes: Any) -> str:
        stated = parsed(body(**({"at": timestamp(world.clock.now)} | changes)), world.clock.now)
        return take(world.service, world.service.statements(), stated)

    def standing(self, world: World) -> list[str]:
        return [row.author for row in world.service.statements() if row.withdrawn_at_ns is None]

    def test_a_passed_build_signs(self, world: World) -> None:
        assert self.take(world) == "statement 1: `flight-ci-green` is signed"
        (row,) = world.service.statements()
        assert (row.author, row.link, row.text) == (
            BUILD.actor_id,
            SAID["link"],
            "run 7 [delivery run-0007-1]",
        )
        assert world.actions()[-1] == "sign statement"

    def test_a_failed_build_takes_every_signature_back(self, world: World) -> None:
        self.take(world)
        world.service.sign_statement(BOB, "flight-ci-green", "INC-1", "by hand")
        world.service.sign_statement(BOB, "flight-kill-check", "INC-1", "by hand")
        assert self.take(world, passed=False, delivery="run-0008-1").startswith("2 withdrawn")
        assert self.standing(world) == [BOB.actor_id]  # of the other item

    def test_a_failed_build_where_nothing_stands(self, world: World) -> None:
        assert "is open" in self.take(world, passed=False)

    @pytest.mark.parametrize("first", [True, False])
    def test_the_same_delivery_again_changes_nothing(self, world: World, first: bool) -> None:
        if not first:
            self.take(world, delivery="run-0006-1")
        self.take(world, passed=first)
        before = world.service.statements()
        assert self.take(world, passed=first).startswith("taken before")
        assert self.take(world, passed=not first).startswith("taken before")
        assert world.service.statements() == before

    def test_a_success_from_before_a_withdrawal_signs_nothing(self, world: World) -> None:
        """Also when it was never delivered until now: what failed since has to pass anew."""
        at = timestamp(world.clock.now)
        world.clock.now += SECOND
        self.take(world, delivery="run-0006-1")
        self.take(world, passed=False, delivery="run-0008-1")
        assert self.take(world, at=at).startswith("older than the withdrawal")
        assert self.standing(world) == []
        world.clock.now += SECOND
        assert "is signed" in self.take(world, delivery="run-0009-1")

    @pytest.mark.parametrize(
        "changes", [{"link": "wiki"}, {"link": ""}, {"text": "x" * 5000}, {"link": "https://a/\x1b[2J"}]
    )
    def test_what_nobody_could_sign_a_build_cannot(self, world: World, changes: dict[str, Any]) -> None:
        with pytest.raises(InvalidChange):
            self.take(world, **changes)
        assert world.service.statements() == ()


def test_a_process_forgets_what_is_no_longer_fresh() -> None:
    seen = Deliveries()
    seen.note("run-0007-1", START)
    assert seen.knows("run-0007-1", START + 2 * FRESH_NS)
    assert not seen.knows("run-0007-1", START + 2 * FRESH_NS + 1)
    assert not seen.knows("run-0008-1", START)
