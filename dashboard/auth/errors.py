"""Errors of the sign-in.

DashboardError
├── SignInMisconfigured   `sign-in.toml` cannot be used
├── SignInRefused         nobody was let in; the message may be shown to a stranger
└── ProviderFailed        the OpenID provider does not answer, or not as it must
"""

from dashboard.errors import DashboardError


class SignInMisconfigured(DashboardError):
    """`sign-in.toml` cannot be used; the server does not start with it."""

    exit_code = 3


class SignInRefused(DashboardError):
    """Nobody was let in. `wait_s` is how long no further try is taken, 0 for none."""

    def __init__(self, words: str, wait_s: float = 0.0) -> None:
        super().__init__(words)
        self.wait_s = wait_s


class ProviderFailed(DashboardError):
    """The OpenID provider does not answer, or not as it must."""
