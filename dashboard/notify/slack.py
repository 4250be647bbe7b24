"""Slack's incoming webhooks: blocks, and a fallback text.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. What people typed stands in
objects of the type plain_text, where Slack reads no markup. The fallback is read as markup whatever one
does: it holds the headline alone, with the three characters escaped that begin markup. An address that
somebody typed is broken, so that no client makes a link of it.
"""

import json
from typing import Any

from dashboard.notify.events import Event, EventType
from dashboard.notify.sending import Outgoing
from dashboard.notify.wording import Message

_LONGEST_HEADER, _LONGEST_FIELD, _MOST_FIELDS = 150, 1_900, 10
_SIGNS = {
    EventType.KILL_ENGAGED: "■",
    EventType.KILL_FAILED: "■",
    EventType.KILL_BREACHED: "■",
    EventType.CONTROLS_UNREVIEWED: "■",
    EventType.VERDICT_ROLL_BACK: "▼",
}
_WORD_JOINER = "\N{WORD JOINER}"


def slack_request(url: str, event: Event, message: Message) -> Outgoing:
    """The POST for `event`."""
    headline = _inert(f"{_SIGNS.get(event.type, '')} {message.headline}".strip())
    fields = [_plain(f"{label}: {_inert(value)}", _LONGEST_FIELD) for label, value in message.facts]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(headline, _LONGEST_HEADER)},
        {"type": "section", "fields": fields[:_MOST_FIELDS]},
        {"type": "section", "text": _plain(f"Next: {message.next_step}", _LONGEST_FIELD)},
    ]
    if message.link is not None:
        button = {"type": "button", "text": _plain("Open slotgate", 75), "url": message.link}
        blocks.append({"type": "actions", "elements": [button]})
    body = {
        "text": _escaped(headline),
        "blocks": blocks,
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return Outgoing(url, {"Content-Type": "application/json", "User-Agent": "slotgate"}, _encoded(body))


def _plain(text: str, longest: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:longest], "emoji": False}


def _inert(text: str) -> str:
    """Without what a client could take for an address, a person or a channel."""
    for sign in ("<", "://", "@", "#", "www."):
        text = text.replace(sign, f"{sign[0]}{_WORD_JOINER}{sign[1:]}")
    return text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()
