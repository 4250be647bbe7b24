"""OpenID Connect, authorization code with PKCE, for any provider that can be discovered.

Blocking network calls: run them in a thread. Nothing of the provider is kept but its addresses and
keys; tokens are read once and dropped.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dashboard.auth.config import Oidc
from dashboard.auth.errors import ProviderFailed, SignInRefused
from gates.policy.intent import Role

TIMEOUT_S = 10.0
_KEEP_S = 3600.0
_LEEWAY_S = 60
_RECENT_S = 300
# Signatures by a public key: a symmetric or missing one could be made by whoever knows the client.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class Journey:
    """What must come back unchanged: kept in a signed cookie while the person is at the provider."""

    state: str
    nonce: str
    verifier: str
    again: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider names. `roles` is null where it says nothing of roles."""

    operator_id: str
    label: str
    roles: frozenset[Role] | None


class Provider:
    """One configured provider; `callback` is our own address that it sends people back to."""

    def __init__(self, config: Oidc, callback: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._callback = callback
        self._secret = config.client_secret
        self._monotonic = monotonic
        self._discovered: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    @property
    def issuer(self) -> str:
        """Its name."""
        return self._config.issuer

    def begin(self, *, again: bool) -> tuple[str, Journey]:
        """Where to send the person, and what to remember; `again` asks for the password once more.

        Raises `ProviderFailed`.
        """
        journey = Journey(
            secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), again
        )
        more = {"prompt": "login", "max_age": "0"} if again else {}
        with self._client() as client:
            url, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=journey.state,
                nonce=journey.nonce,
                code_verifier=journey.verifier,
                **more,
            )
        return str(url), journey

    def finish(self, query: Mapping[str, str], journey: Journey) -> Person:
        """Who came back. Raises `SignInRefused` or `ProviderFailed`."""
        if not compare_digest(query.get("state", "").encode(), journey.state.encode()):
            raise SignInRefused("this sign-in was not begun in this browser; begin it again")
        if "iss" in query and query["iss"].rstrip("/") != self._config.issuer:
            raise SignInRefused("another provider answered; begin the sign-in again")
        if "error" in query or not query.get("code"):
            raise SignInRefused("the provider did not let you in; begin again, or ask whoever runs it")
        token = self._token(query["code"], journey)
        claims = self._claims(str(token.get("id_token", "")), journey.nonce)
        if journey.again and not is_recent(claims.get("auth_time"), time.time()):
            raise SignInRefused("the provider did not ask who you are once more; begin the sign-in again")
        return self._person(claims, token)

    def _token(self, code: str, journey: Journey) -> dict[str, Any]:
        try:
            with self._client() as client:
                token = client.fetch_token(
                    self._endpoint("token_endpoint"),
                    code=code,
                    code_verifier=journey.verifier,
                    timeout=TIMEOUT_S,
                )
        except AuthlibBaseError as error:
            raise SignInRefused(
                f"the provider did not accept the sign-in ({_word(error.error)}); begin it again"
            ) from error
        except (requests.RequestException, ValueError) as error:
            raise ProviderFailed("the provider does not answer; try again, or sign in by token") from error
        return dict(token)

    def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "values": [self._config.issuer, self._config.issuer + "/"]},
            aud={"essential": True, "value": self._config.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            try:
                token = jwt.decode(id_token, self._key_set(), algorithms=_ALGORITHMS)
            except (JoseError, ValueError):
                self._keys = None  # the provider may have changed its keys
                token = jwt.decode(id_token, self._key_set(), algorithms=_ALGORITHMS)
            registry.validate(token.claims)
        except (JoseError, ValueError) as error:
            raise SignInRefused("the provider's answer does not verify; begin the sign-in again") from error
        claims = dict(token.claims)
        authorized = claims.get("azp")
        if authorized is not None and authorized != self._config.client_id:
            raise SignInRefused("the provider's answer is for another application")
        return claims

    def _person(self, claims: dict[str, Any], token: dict[str, Any]) -> Person:
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject.isprintable() or " " in subject:
            raise SignInRefused("the provider names nobody we could write down")
        if not subject or len(subject) > _LONGEST_SUBJECT:
            raise SignInRefused("the provider's name for you is too long or empty")
        wanted = self._config.roles_claim
        if wanted is not None and _claim(claims, wanted) is None:
            claims = {**self._userinfo(subject, token), **claims}
        label = claims.get(self._config.name_claim) or claims.get("name") or claims.get("email") or subject
        roles = None if wanted is None else self._roles(_claim(claims, wanted))
        return Person(f"{self._config.issuer}|{subject}", str(label)[:_LONGEST_SUBJECT], roles)

    def _roles(self, found: object) -> frozenset[Role]:
        values = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        return frozenset(
            self._config.roles[value]
            for value in values
            if isinstance(value, str) and value in self._config.roles
        )

    def _userinfo(self, subject: str, token: dict[str, Any]) -> dict[str, Any]:
        """More claims, only about the same person."""
        address = self._discovery().get("userinfo_endpoint")
        if not isinstance(address, str):
            return {}
        found = _json(address, {"Authorization": f"Bearer {token.get('access_token', '')}"})
        return found if found.get("sub") == subject else {}

    def _key_set(self) -> KeySet:
        now = self._monotonic()
        if self._keys is None or now - self._keys[0] > _KEEP_S:
            found: Any = _json(self._endpoint("jwks_uri"))
            self._keys = (now, KeySet.import_key_set(found))
        return self._keys[1]

    def _endpoint(self, name: str) -> str:
        address = self._discovery().get(name)
        if not isinstance(address, str) or not address.startswith(("https://", "http://")):
            raise ProviderFailed(f"the provider `{self._config.issuer}` names no `{name}`; check the issuer")
        return address

    def _discovery(self) -> dict[str, Any]:
        now = self._monotonic()
        if self._discovered is None or now - self._discovered[0] > _KEEP_S:
            found = _json(f"{self._config.issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self._config.issuer:
                raise ProviderFailed(
                    f"the provider at `{self._config.issuer}` calls itself otherwise; correct the issuer"
                )
            self._discovered = (now, found)
        return self._discovered[1]

    def _client(self) -> OAuth2Session:
        return OAuth2Session(
            self._config.client_id,
            self._secret,
            token_endpoint_auth_method=self._authentication(),
            scope=" ".join(self._config.scopes),
            redirect_uri=self._callback,
            code_challenge_method="S256",
        )

    def _authentication(self) -> str:
        """How the secret is shown: as the standard says, unless the provider knows only the other way."""
        if self._secret is None:
            return "none"
        known = self._discovery().get("token_endpoint_auth_methods_supported")
        only_post = (
            isinstance(known, list) and "client_secret_basic" not in known and "client_secret_post" in known
        )
        return "client_secret_post" if only_post else "client_secret_basic"


def _word(found: object) -> str:
    """An error code of the provider, if it looks like one."""
    text = str(found)
    return text if text.replace("_", "").isalnum() and len(text) < 50 else "no reason given"


def is_recent(authenticated: object, now_s: float) -> bool:
    """Whether the provider asked a person just now, by its `auth_time`; one that does not say has not."""
    return isinstance(authenticated, int | float) and abs(now_s - authenticated) < _RECENT_S


def _claim(claims: Mapping[str, Any], path: str) -> object:
    """The claim of that name, or the value that its dots lead to."""
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _json(address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = requests.get(address, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ProviderFailed("the provider does not answer; try again, or sign in by token") from error
    if not isinstance(found, dict):
        raise ProviderFailed("the provider answers something else than JSON objects")
    return found
