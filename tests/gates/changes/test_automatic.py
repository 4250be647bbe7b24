"""Automatic narrowing: off by default, only ever down, on record as `system|verdict`."""

from pathlib import Path

import pytest

from gates.changes.automatic import SETTING, AutoNarrow, Deed, deed, patch_to
from gates.errors import InvalidChange, NotSignedIn
from gates.policy.diff import diff, widens
from gates.policy.evidence import Verification
from gates.policy.intent import Actor, Role
from gates.policy.values import control_values
from gates.verdict.words import VerdictWord
from tests.gates.changes.world import ALICE, World, allowlist, document, rule

ADMIN = Actor("local|root", frozenset({Role.ADMIN}))
DEEDS = {
    (AutoNarrow.OFF, False): Deed.NOTHING,
    (AutoNarrow.OFF, True): Deed.NOTHING,
    (AutoNarrow.KILL, False): Deed.KILL,
    (AutoNarrow.KILL, True): Deed.KILL,
    (AutoNarrow.LAST_APPROVED, False): Deed.NARROW,
    (AutoNarrow.LAST_APPROVED, True): Deed.NARROW,
    (AutoNarrow.CRITICAL_KILL, False): Deed.NOTHING,
    (AutoNarrow.CRITICAL_KILL, True): Deed.KILL,
}


@pytest.mark.parametrize(("setting", "critical"), DEEDS, ids=lambda value: str(value).lower())
def test_what_is_done(setting: AutoNarrow, critical: bool) -> None:
    assert deed(setting, rolls_back=True, critical=critical) is DEEDS[setting, critical]
    assert deed(setting, rolls_back=False, critical=critical) is Deed.NOTHING


@pytest.fixture
def world(tmp_path: Path) -> World:
    """At canary-5, expanded to from canary-1 on EXPAND."""
    world = World(tmp_path)
    world.to_canary_1()
    world.expand()
    world.carry({"percent": 5})
    world.evidence.put(VerdictWord.ROLL_BACK, Verification.PASSED)
    return world


def roll_back(world: World, setting: AutoNarrow, *, critical: bool = False) -> str | None:
    if setting is not AutoNarrow.OFF:
        world.service.set_auto_narrow(ADMIN, setting, "nights")
    seen = world.evidence.evidence(world.service.question())
    done = world.service.narrow_automatically(seen, rolls_back=True, critical=critical)
    assert done is None or done.stands
    return None if done is None else done.words


def test_off_by_default(world: World) -> None:
    assert world.service.auto_narrow() is AutoNarrow.OFF
    assert roll_back(world, AutoNarrow.OFF, critical=True) is None
    assert world.newest["percent"] == 5
    assert world.is_live()


def test_kill(world: World) -> None:
    said = roll_back(world, AutoNarrow.KILL)
    assert said is not None
    assert said.startswith("STOPPED, ")
    assert not world.is_live()
    assert (world.newest["kill"], world.newest["percent"]) == (True, 5)
    assert world.service.revisions()[-1].actor_id == "system|verdict"
    assert "kill" in world.actions()
    assert world.newest == world.publisher.in_force().document


def test_back_to_the_last_approved_controls(world: World) -> None:
    said = roll_back(world, AutoNarrow.LAST_APPROVED)
    assert said is not None
    assert said.startswith("NARROWED to the last approved controls, revision ")
    assert (world.newest["percent"], world.newest["kill"], world.newest["step"]) == (1, False, "canary-1")
    assert world.service.revisions()[-1].actor_id == "system|verdict"
    assert world.newest == world.publisher.in_force().document
    # There is nothing below it that people expanded from: a ROLL BACK there stops.
    again = roll_back(world, AutoNarrow.LAST_APPROVED)
    assert again is not None
    assert again.startswith("STOPPED, ")


def test_critical_findings_alone(world: World) -> None:
    assert roll_back(world, AutoNarrow.CRITICAL_KILL) is None
    assert world.is_live()
    assert roll_back(world, AutoNarrow.CRITICAL_KILL, critical=True) is not None
    assert not world.is_live()


def test_evidence_of_another_revision_narrows_nothing(world: World) -> None:
    world.service.set_auto_narrow(ADMIN, AutoNarrow.KILL, "nights")
    before = world.evidence.evidence(world.service.question())
    world.service.narrow(ALICE, {"percent": 1}, "by hand")
    assert world.service.narrow_automatically(before, rolls_back=True, critical=True) is None
    assert world.is_live()


def test_only_an_admin_sets_it_and_says_why(world: World) -> None:
    with pytest.raises(NotSignedIn, match="takes the role admin"):
        world.service.set_auto_narrow(Actor("local|x", frozenset({Role.ONCALL})), AutoNarrow.KILL, "nights")
    with pytest.raises(InvalidChange, match="--reason"):
        world.service.set_auto_narrow(ADMIN, AutoNarrow.KILL, " ")
    assert world.service.auto_narrow() is AutoNarrow.OFF
    assert world.service.set_auto_narrow(ADMIN, AutoNarrow.KILL, "nights") is AutoNarrow.OFF
    assert world.service.set_auto_narrow(ADMIN, AutoNarrow.OFF, "it misfires") is AutoNarrow.KILL
    assert world.actions()[-3:] == ["auto-narrow refused", "auto-narrow", "auto-narrow"]


def test_a_setting_that_nobody_understands_protects(world: World) -> None:
    with world.store.begin() as tx:
        tx.settings.set(SETTING, "of a newer slotgate")
    assert world.service.auto_narrow() is AutoNarrow.KILL


def test_the_patch_to_the_last_approved_never_widens() -> None:
    before = document(kill=False, feature=True, percent=10, allowlist=allowlist(rule(), rule(id="second")))
    for approved in (
        document(kill=True, feature=False, percent=0, allowlist=allowlist(enabled=False)),
        document(kill=False, feature=True, percent=50, allowlist=allowlist(rule(subject=["Physics"]))),
    ):
        from gates.changes.documents import narrowed

        after = narrowed(before, patch_to(approved), revision=9, at_ns=0)
        assert not widens(diff(control_values(before), control_values(after)))
