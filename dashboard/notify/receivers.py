"""`notify.json` of a home: who is told what. It holds secrets, and is private to its user."""

import base64
import binascii
import json
import os
import stat
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from dashboard.notify.errors import ReceiversMisconfigured
from dashboard.notify.events import ALERTS, EventType
from gates.controls.durable import opened, replace, sync_folder

NAME = "notify.json"
MOST_RECEIVERS = 20
PAGERDUTY = "https://events.pagerduty.com"
_LONGEST_FILE = 1 << 20
_SECRET_PREFIX = "whsec_"  # noqa: S105  of Standard Webhooks, no secret


def _url(text: str) -> str:
    parts = urlsplit(text)
    port_is_one = parts.port is None or parts.port > 0
    plain = text.isascii() and text.isprintable() and " " not in text
    if parts.scheme not in ("https", "http") or not parts.hostname or not port_is_one or not plain:
        raise ValueError("give an https address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("give an address without a user and without a fragment")
    return text


def _webhook_secret(secret: SecretStr) -> SecretStr:
    """Standard Webhooks asks for 24 to 64 bytes."""
    text = secret.get_secret_value()
    try:
        size = len(base64.b64decode(text.removeprefix(_SECRET_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not text.startswith(_SECRET_PREFIX) or not 24 <= size <= 64:
        raise ValueError("give `whsec_` and 24 to 64 bytes as base64")
    return secret


def _routing_key(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if len(text) != 32 or not text.isalnum() or not text.isascii():
        raise ValueError("give the integration key: 32 letters and digits")
    return secret


Url = Annotated[str, AfterValidator(_url)]
SecretUrl = Annotated[SecretStr, AfterValidator(lambda secret: SecretStr(_url(secret.get_secret_value())))]


class _Receiver(BaseModel):
    """`after` is the number of the newest record when it was added: what came later is told.

    `allowPrivate` lets it be on a private or local address, `allowHttp` without TLS.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    events: tuple[EventType, ...] = Field(ALERTS, min_length=1)
    after: int = Field(0, ge=0, strict=True)
    allowPrivate: bool = Field(False, strict=True)  # noqa: N815  the document's name
    allowHttp: bool = Field(False, strict=True)  # noqa: N815  the document's name

    @property
    def target(self) -> str:
        """The address that it is sent to."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _is_encrypted(self) -> "_Receiver":
        if urlsplit(self.target).scheme != "https" and not self.allowHttp:
            raise ValueError("give an https address, or allow http")
        return self


class WebhookReceiver(_Receiver):
    """CloudEvents, signed as Standard Webhooks."""

    kind: Literal["webhook"]
    url: Url
    secret: Annotated[SecretStr, AfterValidator(_webhook_secret)]

    @property
    def target(self) -> str:
        """Its address."""
        return self.url


class PagerDutyReceiver(_Receiver):
    """PagerDuty's Events API v2; `url` is where that is, for its other regions."""

    kind: Literal["pagerduty"]
    url: Url = PAGERDUTY
    routingKey: Annotated[SecretStr, AfterValidator(_routing_key)]  # noqa: N815  the document's name

    @property
    def target(self) -> str:
        """Its address."""
        return self.url


class SlackReceiver(_Receiver):
    """An incoming webhook of Slack: its address is its secret."""

    kind: Literal["slack"]
    url: SecretUrl

    @property
    def target(self) -> str:
        """Its address."""
        return self.url.get_secret_value()


Receiver = Annotated[WebhookReceiver | PagerDutyReceiver | SlackReceiver, Field(discriminator="kind")]


class Receivers(BaseModel):
    """The whole document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["notify.v1"] = "notify.v1"
    receivers: tuple[Receiver, ...] = Field((), max_length=MOST_RECEIVERS)

    @model_validator(mode="after")
    def _are_told_apart(self) -> "Receivers":
        names = [one.name for one in self.receivers]
        if len(set(names)) != len(names):
            raise ValueError("two receivers have one name")
        return self

    def named(self, name: str) -> Receiver | None:
        """The receiver of that name, or null."""
        return next((one for one in self.receivers if one.name == name), None)


def read_receivers(path: Path) -> Receivers:
    """What `path` says; a missing file names nobody. Raises `ReceiversMisconfigured`."""
    try:
        with opened(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK) as descriptor:
            status = os.fstat(descriptor)
            data = os.read(descriptor, _LONGEST_FILE)
    except (FileNotFoundError, NotADirectoryError):
        return Receivers()
    except OSError as error:
        raise _unusable(path, f"it cannot be read: {(error.strerror or 'failed').lower()}") from error
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
        raise _unusable(path, "it holds secrets and is not private: `chmod 600` it")
    return parsed(data, path)


def parsed(data: bytes, path: Path) -> Receivers:
    """The document in `data`. Raises `ReceiversMisconfigured`, whose message quotes no secret."""
    try:
        return Receivers.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise _unusable(path, f"`{where}`: {first['msg'].lower()}") from None


def write_receivers(path: Path, receivers: Receivers) -> None:
    """Make `receivers` the content of `path`, durably. Raises `OSError`."""
    replace(path, json.dumps(document(receivers), indent=1).encode() + b"\n", lambda: None)
    sync_folder(path.parent)


def document(receivers: Receivers) -> dict[str, Any]:
    """The document with its secrets: for the file alone."""
    found = [
        {key: _revealed(value) for key, value in one.model_dump().items()} for one in receivers.receivers
    ]
    return {"version": receivers.version, "receivers": found}


def masked(receiver: Receiver) -> dict[str, Any]:
    """A receiver as it may be shown: no secret, and of its address only where it is."""
    parts = urlsplit(receiver.target)
    where, more = f"{parts.scheme}://{parts.netloc}", bool(parts.path.strip("/") or parts.query)
    return {
        "name": receiver.name,
        "kind": receiver.kind,
        "url": f"{where}/…" if more else where,
        "events": [one.value for one in receiver.events],
        "allowPrivate": receiver.allowPrivate,
        "allowHttp": receiver.allowHttp,
    }


def _revealed(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return [one.value for one in value] if isinstance(value, tuple) else value


def _unusable(path: Path, why: str) -> ReceiversMisconfigured:
    return ReceiversMisconfigured(
        f"`{path}`: {why}; correct it, or take it away and use `slotgate notify add`"
    )
