"""Who makes a request, as every later part of the server and every page sees it."""

from dataclasses import dataclass

from dashboard.auth.sessions import SECOND, Standing
from gates.policy.intent import Actor, Role
from gates.policy.rules.safety import NARROWING_ROLES

STEP_UP_NS = 10 * 60 * SECOND
"""For how long after proving who they are a person may release or change the mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person with a session, or named by the proxy.

    `session` names the session, null behind a proxy. `roles` are those held now, or, where the store
    does not answer (`roles_known` is false), those held when signing in. `expires_ns` is null where
    the proxy decides. Times are epoch nanoseconds.
    """

    operator_id: str
    label: str
    roles: frozenset[Role]
    roles_known: bool
    standing: Standing
    session: str | None
    authenticated_ns: int
    expires_ns: int | None

    @property
    def actor(self) -> Actor:
        """The person as the change service knows them."""
        return Actor(self.operator_id, self.roles)

    @property
    def may_stop(self) -> bool:
        """Whether the kill is theirs."""
        return bool(self.roles & NARROWING_ROLES)

    def is_fresh(self, now_ns: int) -> bool:
        """Whether they proved who they are just now: a release or a mode change asks for that."""
        return 0 <= now_ns - self.authenticated_ns < STEP_UP_NS


def short(operator_id: str) -> str:
    """How a person is called where everybody knows the issuer: `local|alice` is `alice`."""
    return operator_id.partition("|")[2] or operator_id
