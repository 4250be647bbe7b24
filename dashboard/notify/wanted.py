"""A receiver as a person asks for it, as a receiver of `notify.v1`."""

import base64
import secrets
from collections.abc import Sequence
from typing import Any

from dashboard.notify.errors import ReceiverRefused

_SECRET_BYTES = 32


def wanted(
    name: str,
    kind: str,
    *,
    url: str | None,
    secret: str | None,
    events: Sequence[str] | None,
    allow_private: bool,
    allow_http: bool,
) -> tuple[dict[str, Any], str | None]:
    """The receiver, and the secret that was made for it, null where one was given.

    Raises `ReceiverRefused` where something is missing; the rest is for the contract to say.
    """
    found: dict[str, Any] = {
        "name": name,
        "kind": kind,
        "allowPrivate": allow_private,
        "allowHttp": allow_http,
    }
    if events:
        found["events"] = tuple(events)
    made = None
    match kind:
        case "webhook":
            if url is None:
                raise ReceiverRefused("a webhook needs an address: give --url")
            made = None if secret is not None else _new_secret()
            found |= {"url": url, "secret": secret or made}
        case "pagerduty":
            if secret is None:
                raise ReceiverRefused("PagerDuty needs its integration key: give --secret-file")
            found |= {"routingKey": secret} | ({} if url is None else {"url": url})
        case _:
            if secret is None or url is not None:
                raise ReceiverRefused(
                    "the address of a Slack webhook is its secret: give it in --secret-file"
                )
            found["url"] = secret
    return found, made


def _new_secret() -> str:
    """As Standard Webhooks writes them."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"
