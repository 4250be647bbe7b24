"""Every kind of command on a disk that is full or may not be written, and on a home of somebody else.

For each: how it ends, what it says, and what executors obey afterwards. Nothing opens; what narrows
takes effect wherever anything can; what did not take effect is not said to have; and once the trouble
is over the next command mends the home.
"""

import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from dashboard.cli.guarded import service_of
from gates.changes.content import Terms
from gates.changes.founding import Foundation, found
from gates.controls.reader import ControlFile
from gates.home import Home
from gates.policy.intent import Actor, Role
from gates.store.store import Store
from tests.disks.troubles import WAYS, Disk, Said, Trouble, Way, on_disk, slotgate
from tests.gates.changes.world import allowlist, rule
from tests.gates.controls.files import SPEC
from tests.warm.server import import_everything

ALICE = Actor("local|alice", frozenset(Role))
TERMS = Terms(reason="pilot", decision_record="ADR-1")
STANDS, STOPPED = "revision 5, 50 %", "stopped"
SAID = ("--reason", "pilot", "--decision-record", "ADR-1")
STDIN = {
    "run": json.dumps({**SPEC, "metadata": {"requiresReview": False, "allowAI": False}}).encode() + b"\n",
    "decide": json.dumps(SPEC).encode() + b"\n",
}


@dataclass(frozen=True)
class Template:
    """A live home at 50 %, in shadow, with an open request for 100 % and somebody's token."""

    root: Path
    token: str
    request: int


@dataclass(frozen=True)
class Seen:
    """What commands said during the trouble, and what executors obeyed behind each; then the same of the
    next one, when it is over; and what doctor says in the end.
    """

    during: tuple[tuple[Said, str], ...]
    mended: Said
    after: str
    checked: Said

    def assert_mended(self) -> None:
        """The next command found its way back."""
        assert (self.mended.code, self.after) == (0, STOPPED), self.mended
        assert self.checked.code == 0, self.checked
        assert "records, intact" in self.checked.out


@pytest.fixture(scope="module", autouse=True)
def imported() -> None:
    """While everything may be read: later whoever works may be nobody."""
    import_everything()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    home = Home(tmp_path_factory.mktemp("template") / "home")
    foundation = Foundation(environment="test", operator_id=ALICE.actor_id, p50_ms=5_000, p95_ms=20_000)
    token = found(home, foundation, time.time_ns, "init")
    store = Store.open(home.store)
    service = service_of(home, store)
    lists = allowlist(rule(slotIds=[]))
    for patch in ({"feature": True}, {"allowlist": lists}, {"percent": 50}, {"kill": False}):
        number = service.propose(ALICE, patch, TERMS).request
        assert number is not None
        service.apply(ALICE, number)
    number = service.propose(ALICE, {"percent": 100}, TERMS).request
    assert number is not None
    assert state(home) == "revision 5, 50 %"
    store.close()
    return Template(home.root, token, number)


def state(home: Home) -> str:
    """What an executor of this user obeys."""
    controls = ControlFile(home.control_file).current()
    if controls.unknown is not None or controls.killed is not None or not controls.feature:
        return STOPPED
    return f"revision {controls.revision}, {controls.percent} %"


def seen(template: Template, way: Way, trouble: Trouble, *commands: tuple[str, ...]) -> Seen:
    """Run commands under the trouble, one after the other, then another one when it is over."""

    def work(disk: Disk) -> Seen:
        shutil.copytree(template.root, disk.folder / "home")
        home = Home(disk.folder / "home")
        variables = {"SLOTGATE_HOME": str(home.root), "SLOTGATE_TOKEN": template.token}

        def said(words: tuple[str, ...]) -> Said:
            given = tuple(str(template.request) if word == "N" else word for word in words)
            return slotgate(*given, stdin=STDIN.get(words[0], b""), environ=variables)

        def told(words: tuple[str, ...]) -> tuple[Said, str]:
            return disk.run(lambda: (said(words), state(home)))

        disk.begin()
        during = tuple(map(told, commands))
        disk.end()
        if trouble is Trouble.FOREIGN:  # what its owner's executors obey, not those who may not look
            during = tuple((spoken, state(home)) for spoken, _ in during)
        mended, after, checked = disk.run(
            lambda: (said(("propose", "--feature", "off")), state(home), said(("doctor",)))
        )
        return Seen(during, mended, after, checked)

    return on_disk(way, trouble, work)


@dataclass(frozen=True)
class Case:
    """What a command ends with, what executors obey then, and words that it says, for each trouble."""

    words: tuple[str, ...]
    full: tuple[int, str, str]
    read_only: tuple[int, str, str]
    foreign: tuple[int, str, str]

    def assert_seen(self, trouble: Trouble, said: Said, in_force: str) -> None:
        """It ended so."""
        code, expected, words = {
            Trouble.FULL: self.full,
            Trouble.READ_ONLY: self.read_only,
            Trouble.FOREIGN: self.foreign,
        }[trouble]
        spoken = said.out + said.err
        assert (said.code, in_force) == (code, expected), (self.words, spoken)
        assert words in spoken, self.words
        assert "Traceback" not in spoken, self.words


def refused(*words: str) -> Case:
    """A command that does nothing and says so."""
    return Case(
        words,
        full=(4, STANDS, "slotgate: the store"),
        read_only=(4, STANDS, "slotgate: the store"),
        foreign=(4, STANDS, "cannot be"),
    )


CASES = [
    Case(
        ("kill",),
        full=(0, STOPPED, "STOPPED by"),
        read_only=(4, STANDS, "STOP FAILED: NOT STOPPED: revision 5 is still in force"),
        foreign=(4, STANDS, "STOP FAILED: NOT KNOWN TO BE STOPPED"),
    ),
    Case(
        ("propose", "--percent", "5"),
        full=(0, STOPPED, "STOPPED instead: the control file was taken away"),
        read_only=(4, STANDS, "NOT narrowed, what was in force still is"),
        foreign=(4, STANDS, "cannot be"),
    ),
]
CHANGE_NOTHING = [
    refused("propose", "--percent", "100", *SAID),
    refused("approve", "N"),
    refused("apply", "N"),
    refused("audit", "checkpoint"),
    refused("audit", "list"),
    Case(
        ("controls", "show"),
        full=(4, STANDS, "by the control file: LIVE, revision 5, feature on, percent 50"),
        read_only=(4, STANDS, "by the control file: LIVE, revision 5, feature on, percent 50"),
        foreign=(4, STANDS, "by the control file: whoever reads it as this user is stopped"),
    ),
]


@pytest.mark.parametrize(("way", "trouble"), WAYS, ids=[f"{way}-{trouble}" for way, trouble in WAYS])
@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case.words))
def test_a_command(template: Template, case: Case, way: Way, trouble: Trouble) -> None:
    found = seen(template, way, trouble, case.words)
    case.assert_seen(trouble, *found.during[0])
    found.assert_mended()


@dataclass(frozen=True)
class Row:
    """What was seen on one disk of commands of which each is to find everything as it was."""

    trouble: Trouble
    executors: tuple[tuple[Said, str], ...]
    commands: tuple[tuple[Said, str], ...]
    found: Seen


@pytest.fixture(scope="module", params=WAYS, ids=[f"{way}-{trouble}" for way, trouble in WAYS])
def row(request: pytest.FixtureRequest, template: Template) -> Row:
    way, trouble = request.param
    words = (("run",), ("decide",), *(case.words for case in CHANGE_NOTHING))
    found = seen(template, way, trouble, *words)
    return Row(trouble, found.during[:2], found.during[2:], found)


def test_what_cannot_be_done_changes_nothing(row: Row) -> None:
    for case, (said, in_force) in zip(CHANGE_NOTHING, row.commands, strict=True):
        case.assert_seen(row.trouble, said, in_force)
    row.found.assert_mended()


def test_executors_go_on_as_the_controls_say(row: Row) -> None:
    """What cannot be looked at denies; a disk that cannot be written changes no decision, loses no line."""
    (ran, _), (decided, _) = row.executors
    assert (ran.code, json.loads(ran.out)["status"]) == (0, "STUB")
    line = json.loads(ran.err.splitlines()[-1])
    reads = row.trouble is not Trouble.FOREIGN
    assert line["errorCode"] == ("NOT_ALLOWLISTED" if reads else "KILL_SWITCH")
    assert json.loads(decided.out)["path"] == ("openai" if reads else "stub")


@pytest.mark.parametrize(("way", "trouble"), WAYS, ids=[f"{way}-{trouble}" for way, trouble in WAYS])
def test_a_home_is_made_whole_or_made_again(way: Way, trouble: Trouble) -> None:
    def work(disk: Disk) -> tuple[Said, str, Said, str]:
        home = Home(disk.folder / "home")
        disk.begin()
        first = disk.run(lambda: slotgate("init", "--home", str(home.root)))
        between = disk.run(lambda: state(home))
        disk.end()
        again = disk.run(lambda: slotgate("init", "--home", str(home.root)))
        return first, between, again, disk.run(lambda: state(home))

    first, between, again, after = on_disk(way, trouble, work)
    assert (first.code, between) == (4, STOPPED), first
    assert first.err.startswith("slotgate: ")
    assert "Traceback" not in first.err
    assert (again.code, after) == (0, STOPPED), again


def test_a_kill_by_root_stops_and_the_owner_goes_on_from_there(template: Template) -> None:
    """Root can write anybody's home. What it leaves is root's: the owner's executors deny, and the next
    command of the owner puts a file of their own in its place.
    """
    if os.geteuid() != 0:
        pytest.skip("only root can leave files that are root's; `foreign` proves who may not look")

    def work(disk: Disk) -> tuple[Said, str, Said, str, Said]:
        shutil.copytree(template.root, disk.folder / "home")
        home = Home(disk.folder / "home")
        variables = {"SLOTGATE_HOME": str(home.root), "SLOTGATE_TOKEN": template.token}
        disk.own()
        killed = slotgate("kill", "--reason", "as root", environ=variables)
        seen = disk.as_nobody(lambda: state(home))
        mended = disk.as_nobody(lambda: slotgate("controls", "owed", environ=variables))
        proposed = disk.as_nobody(lambda: slotgate("propose", "--feature", "off", environ=variables))
        after = disk.as_nobody(lambda: ControlFile(home.control_file).current().killed or "")
        return killed, seen, proposed, after, mended

    killed, seen, proposed, after, mended = on_disk(Way.LIMITED, Trouble.FOREIGN, work)
    assert (killed.code, seen) == (0, STOPPED), killed
    assert mended.code == 0, mended
    assert proposed.code == 0, proposed
    assert after == "the kill switch is on"
