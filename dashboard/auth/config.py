"""`sign-in.toml` of a home: the OpenID provider, the proxy before us, and our public address."""

import tomllib
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from dashboard.auth.errors import SignInMisconfigured
from gates.policy.intent import Role

NAME = "sign-in.toml"
Network = IPv4Network | IPv6Network


def _network(text: str) -> str:
    ip_network(text)
    return text


def _safe_url(text: str) -> str:
    """https, or http to this machine: what passes here is a secret."""
    parts = urlsplit(text)
    if parts.scheme == "https" and parts.hostname and not parts.query and not parts.fragment:
        return text.rstrip("/")
    if parts.scheme == "http" and parts.hostname and _is_this_machine(parts.hostname):
        return text.rstrip("/")
    raise ValueError("give an https address (http to loopback alone)")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Url = Annotated[str, AfterValidator(_safe_url)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Oidc(_Model):
    """An OpenID provider. With `roles_claim`, the provider says who has which role; dots go deeper.

    Without it, a person is one whom `slotgate operators add 'ISSUER|SUBJECT'` has added.
    """

    issuer: Url
    client_id: str = Field(min_length=1)
    client_secret_file: Path | None = None
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    roles_claim: str | None = None
    roles: dict[str, Role] = Field(default_factory=dict)
    name_claim: str = "preferred_username"

    @property
    def client_secret(self) -> str | None:
        """The secret, or None for a public client. Raises `SignInMisconfigured`."""
        if self.client_secret_file is None:
            return None
        try:
            secret = self.client_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SignInMisconfigured(
                f"the client secret `{self.client_secret_file}` cannot be read; make it readable"
            ) from error
        if not secret:
            raise SignInMisconfigured(f"the client secret `{self.client_secret_file}` is empty; fill it")
        return secret


class Proxy(_Model):
    """A proxy that signs people in and names them in `header`. Only these addresses are believed."""

    addresses: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(min_length=1)
    header: str = Field("x-forwarded-user", pattern=r"^[A-Za-z][A-Za-z0-9-]*$")
    issuer: str = Field("proxy", pattern=r"^[^|\s]+$")

    @property
    def networks(self) -> tuple[Network, ...]:
        """The addresses as networks."""
        return tuple(map(ip_network, self.addresses))

    def is_peer(self, address: str | None) -> bool:
        """Whether a connection from `address` is the proxy's."""
        try:
            return address is not None and any(ip_address(address) in one for one in self.networks)
        except ValueError:
            return False


class SignIn(_Model):
    """All of it; nothing is needed on one machine."""

    public_url: Url | None = None
    oidc: Oidc | None = None
    proxy: Proxy | None = None


def sign_in_config(path: Path) -> SignIn:
    """What `path` says; a missing file says nothing. Raises `SignInMisconfigured`."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return SignIn()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SignInMisconfigured(f"`{path}` cannot be read: {error}; correct it or take it away") from error
    try:
        return SignIn.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SignInMisconfigured(f"`{path}`: `{where}`: {first['msg'].lower()}; correct it") from error
