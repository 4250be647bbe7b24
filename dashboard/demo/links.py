"""Ready-made ways in to the demo: one-time links for its people, a fresh one whenever one was used."""

from collections.abc import Callable

from dashboard.auth.access import Access
from dashboard.demo.people import ALICE, BOB, name
from gates.policy.intent import Actor

INVITED = (ALICE, BOB)


def invite(access: Access, url: str, say: Callable[[str], None]) -> None:
    """Print a link for each; a link opens one session, on this machine alone."""
    for actor in INVITED:
        _link(access, url, actor, say, again=False)


def _link(access: Access, url: str, actor: Actor, say: Callable[[str], None], *, again: bool) -> None:
    def used(_operator_id: str) -> None:
        _link(access, url, actor, say, again=True)

    code = access.codes.issue(actor.actor_id, used)
    words = "once more" if again else "sign in"
    say(f"{words} as {name(actor)}: {url}/sign-in#code={code}")
