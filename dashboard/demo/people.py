"""Who works in the demo: two people who need each other for every expansion, and whoever made the home."""

from gates.policy.intent import Actor, Role

ALICE = Actor("local|alice", frozenset({Role.ENGINEERING_OWNER, Role.ONCALL}))
BOB = Actor("local|bob", frozenset({Role.APPROVER, Role.ONCALL}))
FOUNDER = Actor("local|founder", frozenset(Role))
CAST = (ALICE, BOB, FOUNDER)


def name(actor: Actor) -> str:
    """`alice` for `local|alice`."""
    return actor.actor_id.partition("|")[2]
