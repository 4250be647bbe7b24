"""The decision record: what it holds, that it can be checked, that nothing in it is alive, who gets it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from starlette.applications import Starlette
from starlette.middleware import Middleware

from dashboard.api.record import CONTENT_SECURITY_POLICY, record_routes, written
from dashboard.api.routes import api_routes
from dashboard.auth.doorkeeper import Doorkeeper
from dashboard.record.document import document_of
from dashboard.record.link import safe_link
from dashboard.record.page import page_of
from dashboard.server.middleware import Guard
from gates.changes.content import Terms
from gates.changes.service import ChangeService
from gates.policy.intent import Mode
from gates.store.audit.chain import leaf_of
from tests.dashboard.auth.town import ORIGIN, Town, town
from tests.gates.changes.world import ALICE, BOB, DAVE, ERIN, TERMS, World, allowlist, rule

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


class Seen(HTMLParser):
    """Every element and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path)
    found.verified()
    return found


def applied(world: World, terms: Terms = TERMS) -> dict[str, Any]:
    number = world.service.propose(ALICE, {"feature": True}, terms).request
    assert number is not None
    world.service.approve(ALICE, number)  # refused, and on record
    world.service.comment(DAVE, number, EVIL)
    world.service.approve(BOB, number)
    world.service.apply(ALICE, number)
    return document_of(world.service.request_file(number))


class TestDocument:
    def test_tells_who_did_what_on_which_evidence(self, world: World) -> None:
        record = applied(world)
        assert record["state"] == "applied"
        assert record["headline"] == "feature off → on"
        assert [one["by"] for one in record["signatures"]] == [BOB.actor_id]
        assert record["signatures"][0]["ofThisContent"] is True
        assert record["revisions"][0]["revision"] == 2
        assert record["comments"][0]["text"] == EVIL
        assert record["evidence"]["verdict"] == "KILLED"
        assert [one["what"] for one in record["history"]][:2] == ["asked for it", "tried to sign it: blocked"]
        assert "E_OWN_APPROVAL" in record["history"][1]["codes"]
        assert any("E_OWN_APPROVAL" in words for one in record["findings"] for words in one["words"])
        assert json.loads(written(record)) == record

    def test_everything_in_it_can_be_checked_by_itself(self, world: World) -> None:
        record = applied(world)
        content = rfc8785.dumps(record["change"]["content"])
        assert record["change"]["contentDigest"] == f"sha256:{sha256(content).hexdigest()}"
        frozen = record["evidence"]["frozen"].encode()
        assert record["evidence"]["digest"] == f"sha256:{sha256(frozen).hexdigest()}"
        assert world.service.frozen_review(record["evidence"]["digest"]) == frozen
        for one in record["audit"]["records"]:
            assert leaf_of(one["body"].encode()) == one["leaf"]
            with world.store.read() as tx:
                kept = tx.audit.get(one["seq"])
            assert kept is not None
            assert kept.leaf == one["leaf"]
        assert record["change"]["contentDigestHolds"] is True
        assert record["evidence"]["digestHolds"] is True

    def test_what_was_tampered_with_is_called_wrong(self, world: World) -> None:
        record = applied(world)
        file = world.service.request_file(record["request"])
        forged = replace(file, row=replace(file.row, content={**file.row.content, "reason": "another"}))
        assert "WRONG: the content is not what its digest names" in page_of(document_of(forged))
        gone = page_of(document_of(replace(file, evidence=None)))
        assert "WRONG: the evidence is not what its digest names" in gone
        odd = replace(file.records[0], body=b"{}")
        assert "WRONG: an audit record" in page_of(document_of(replace(file, records=(odd,))))

    def test_the_allowlist_cell_by_cell(self, world: World) -> None:
        world.to_canary_1()
        world.expand()
        for percent in (5, 10, 25, 50):
            world.carry({"percent": percent})
        wider = allowlist(rule(subject=["Biology", "Physics"]))
        number = world.service.propose(ALICE, {"allowlist": wider}, TERMS).request
        assert number is not None
        (cell,) = document_of(world.service.request_file(number))["change"]["rules"]
        assert (cell["dimension"], cell["before"], cell["after"]) == (
            "subject",
            "Biology",
            "Biology, Physics",
        )

    def test_of_every_kind(self, world: World) -> None:
        world.to_canary_1()
        asked = [
            world.service.change_mode(ERIN, Mode.SHADOW, TERMS),
            world.service.propose_drill(ALICE, TERMS),
        ]
        for answer in asked:
            assert answer.request is not None
            record = document_of(world.service.request_file(answer.request))
            assert record["change"]["parts"]
            assert page_of(record)
        assert "enforcement enforce → shadow" in page_of(
            document_of(world.service.request_file(asked[0].request or 0))
        )


class TestPage:
    def test_stands_alone_and_runs_nothing(self, world: World) -> None:
        terms = Terms(reason=EVIL, decision_record="ADR-7", exception=EVIL)
        page = page_of(applied(world, terms))
        seen = Seen(page)
        assert not seen.tags & {"script", "img", "link", "iframe", "object", "form", "base", "svg"}
        assert not [name for name, _ in seen.attributes if name.startswith("on") or name == "src"]
        assert "&lt;script&gt;" in page
        assert "url(" not in page
        assert "@import" not in page

    @pytest.mark.parametrize(
        ("typed", "is_link"),
        [
            ("https://decisions.example/7?x=1#y", True),
            ("http://wiki.example:8080/a", True),
            ("javascript:alert(1)", False),
            ("JaVaScRiPt:alert(1)", False),
            ("data:text/html,<script>alert(1)</script>", False),
            ("https://", False),
            ("https://good.example@evil.example/", False),
            ("https://evil.example/\"onclick='x'", False),
            ("https://evil.example/\u202ex", False),
            ("https://[::1", False),
            ("//evil.example", False),
            ("ADR-7", False),
            ("", False),
        ],
    )
    def test_only_an_address_that_does_nothing_else_is_a_link(self, typed: str, is_link: bool) -> None:
        assert (safe_link(typed) == typed) is is_link


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Town]:
    """A town whose server gives the records of a world."""
    people, world = town(tmp_path), World(tmp_path / "world")
    world.verified()
    applied(world)

    @contextmanager
    def to_look() -> Iterator[ChangeService]:
        yield world.service

    people._served[True] = Starlette(
        routes=[*api_routes(people.access, ORIGIN), *record_routes(to_look)],
        middleware=[
            Middleware(Guard, allowed_hosts=["127.0.0.1"]),
            Middleware(Doorkeeper, access=people.access, required=True),
        ],
    )
    yield people
    people.access.close()


class TestRoute:
    def test_strangers_are_sent_to_the_door(self, door: Town) -> None:
        client = door.client()
        client.follow_redirects = False
        assert client.get("/record/1").status_code == 401
        there = client.get("/record/1", headers={"accept": "text/html"})
        assert (there.status_code, there.headers["location"]) == (303, "/sign-in?next=%2Frecord%2F1")

    def test_people_get_a_page_that_may_run_nothing_and_json(self, door: Town) -> None:
        client = door.signed_in("bob")
        page = client.get("/record/1")
        assert page.status_code == 200
        assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert "script-src" not in CONTENT_SECURITY_POLICY
        assert page.headers["cache-control"] == "no-store"
        assert "Decision record: request 1" in page.text
        assert client.get("/record/1.json").json()["headline"] == "feature off → on"

    @pytest.mark.parametrize(
        "path", ["99", "99.json", str(10**30), "x", "1.xml", "-1", "1/2", "1%2e%2e", "%3Cscript%3E"]
    )
    def test_anything_else_is_not_there(self, door: Town, path: str) -> None:
        found = door.signed_in("bob").get(f"/record/{path}")
        assert found.status_code == 404
        assert "<script>" not in found.text
