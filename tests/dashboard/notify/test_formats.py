"""What is sent to each kind of receiver: byte for byte where others read it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from dashboard.notify.events import Event
from dashboard.notify.pagerduty import pagerduty_requests
from dashboard.notify.slack import slack_request
from dashboard.notify.trial import trial_event
from dashboard.notify.webhook import event_id, webhook_request
from dashboard.notify.wording import message_of
from tests.dashboard.notify.chains import AT, SECRET, event

URL, KEY = "https://hook.example/in", "R" * 32
KILL = event("kill", 7, reason="storm", after={"revision": 3, "readBack": "kill is on"})


def now_ns() -> int:
    """The reference library checks against the clock of this machine."""
    return int(datetime.now(UTC).timestamp()) * 10**9


def body_of(sent: bytes) -> Any:
    return json.loads(sent)


class TestWebhook:
    def test_it_verifies_with_the_reference_library(self) -> None:
        sent = webhook_request(URL, SECRET, KILL, message_of(KILL, None), now_ns())
        said = Webhook(SECRET).verify(sent.body, dict(sent.headers))
        assert said["data"]["reason"] == "storm"
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(sent.body.replace(b"storm", b"calm!"), dict(sent.headers))
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(sent.body, {**sent.headers, "webhook-id": "slotgate-test-8"})

    def test_it_is_a_cloud_event(self) -> None:
        sent = webhook_request(URL, SECRET, KILL, message_of(KILL, "https://gate.example"), now_ns())
        found = JSONFormat().read(CloudEvent, sent.body)
        assert found.get_attributes() == {
            "id": "slotgate-test-7",
            "source": "urn:slotgate:test",
            "type": "slotgate.kill.engaged",
            "specversion": "1.0",
            "time": datetime(2026, 11, 21, 2, 22, 54, 84_715, tzinfo=UTC),
            "datacontenttype": "application/json",
            "subject": "controls",
        }
        assert found.get_data() == {
            "headline": "STOPPED: all AI calls in test are stopped, by alice",
            "nextStep": "Check that the kill is confirmed, find the cause, then ask for the release with "
            "`slotgate unkill`.",
            "link": "https://gate.example/overview",
            "environment": "test",
            "record": 7,
            "action": "kill",
            "target": "controls",
            "actor": "local|alice",
            "reason": "storm",
            "words": "kill is on",
            "request": None,
            "revision": 3,
            "outcome": None,
            "reasonCodes": [],
            "late": False,
            "incident": "kill",
            "ends": ["kill-failed"],
        }

    def test_a_repetition_has_the_same_id_and_body(self) -> None:
        first, again = (webhook_request(URL, SECRET, KILL, message_of(KILL, None), at) for at in (0, 10**9))
        assert first.body == again.body
        assert first.headers["webhook-id"] == again.headers["webhook-id"]
        assert first.headers["webhook-timestamp"] != again.headers["webhook-timestamp"]

    def test_ids_tell_environments_apart_and_hold_no_dot(self) -> None:
        """A dot would let one id and body be read as another id and time."""
        one, other = event("kill", 7, environment="eu.1"), event("kill", 7, environment="eu 1")
        assert event_id(one) == "slotgate-eu%2E1-7"
        assert event_id(other) == "slotgate-eu%201-7"

    def test_what_no_header_may_hold(self) -> None:
        odd = event("kill", 7, environment="a\r\nb\u00e9", target="x\ny", actor="\ud800")
        sent = webhook_request(URL, SECRET, odd, message_of(odd, None), now_ns())
        assert all(value.isascii() and value.isprintable() for value in sent.headers.values())
        Webhook(SECRET).verify(sent.body, dict(sent.headers))


class TestPagerDuty:
    def sent(self, one: Event, public_url: str | None = None) -> list[tuple[str, Any]]:
        found = pagerduty_requests("https://events.example/", KEY, one, message_of(one, public_url))
        return [(each.url, body_of(each.body)) for each in found]

    def test_a_kill_begins_an_incident(self) -> None:
        assert self.sent(KILL, "https://gate.example") == [
            (
                "https://events.example/v2/enqueue",
                {"routing_key": KEY, "dedup_key": "slotgate/test/kill-failed", "event_action": "resolve"},
            ),
            (
                "https://events.example/v2/enqueue",
                {
                    "routing_key": KEY,
                    "dedup_key": "slotgate/test/kill",
                    "event_action": "trigger",
                    "payload": {
                        "summary": "STOPPED: all AI calls in test are stopped, by alice",
                        "source": "test",
                        "timestamp": AT,
                        "custom_details": {
                            "who": "local|alice",
                            "when": AT,
                            "environment": "test",
                            "what": "kill is on",
                            "revision": "3",
                            "reason": "storm",
                            "record": "7",
                            "next": "Check that the kill is confirmed, find the cause, then ask for the "
                            "release with `slotgate unkill`.",
                        },
                        "severity": "critical",
                        "component": "slotgate",
                        "class": "kill.engaged",
                    },
                    "links": [{"href": "https://gate.example/overview", "text": "Open slotgate"}],
                    "client": "slotgate",
                },
            ),
        ]

    def test_a_release_ends_it_and_is_a_change(self) -> None:
        found = self.sent(event("apply", before={"kill": True}, after={"kill": False, "revision": 4}))
        assert [(url.rpartition("/v2/")[2], one.get("event_action")) for url, one in found] == [
            ("enqueue", "resolve"),
            ("enqueue", "resolve"),
            ("enqueue", "resolve"),
            ("enqueue", "resolve"),
            ("change/enqueue", None),
        ]
        assert [one["dedup_key"] for _, one in found[:4]] == [
            "slotgate/test/kill",
            "slotgate/test/kill-failed",
            "slotgate/test/kill-breached",
            "slotgate/test/unreviewed-controls",
        ]

    def test_roll_back_until_it_is_acknowledged(self) -> None:
        [(_, began)] = self.sent(event("latch roll back"))
        [(_, ended)] = self.sent(event("acknowledge", outcome="ALLOWED"))
        assert (began["event_action"], ended["event_action"]) == ("trigger", "resolve")
        assert began["dedup_key"] == ended["dedup_key"] == "slotgate/test/roll-back"

    def test_what_is_neither_is_not_sent(self) -> None:
        assert self.sent(event("comment")) == []

    def test_summaries_and_keys_are_bounded(self) -> None:
        [_, (_, found)] = self.sent(event("kill", environment="e" * 5_000, actor="local|" + "a" * 5_000))
        assert len(found["payload"]["summary"]) <= 1_024
        assert len(found["dedup_key"]) <= 255

    def test_a_test_disturbs_nobody(self) -> None:
        [(url, _)] = self.sent(trial_event("test", AT))
        assert url.endswith("/v2/change/enqueue")


class TestSlack:
    def test_a_kill(self) -> None:
        sent = body_of(slack_request(URL, KILL, message_of(KILL, "https://gate.example")).body)
        assert sent["text"] == "■ STOPPED: all AI calls in test are stopped, by alice"
        assert sent["blocks"][0]["text"]["text"] == sent["text"]
        assert {"type": "plain_text", "text": "reason: storm", "emoji": False} in sent["blocks"][1]["fields"]
        assert sent["blocks"][3]["elements"][0]["url"] == "https://gate.example/overview"

    @pytest.mark.parametrize(
        "typed",
        [
            "<!channel>", "<!here|x>", "<@U123>", "<#C1>", "<https://evil.example|click>", "@channel",
            "https://evil.example", "www.evil.example", "&lt;!channel&gt;", "*bold* `code` <!everyone>",
            "mailto:a@b.example",
        ],
    )  # fmt: skip
    def test_nothing_that_people_typed_works(self, typed: str) -> None:
        """As a reason, a name, an environment or a target; in blocks there is no markup at all."""
        one = event("kill", reason=typed, actor=f"local|{typed}", environment=typed, target=typed)
        sent = body_of(slack_request(URL, one, message_of(one, None)).body)
        for text in (sent["text"], *texts_of(sent["blocks"])):
            assert not [sign for sign in ("://", "<!channel", "@channel", "<@", "www.e") if sign in text]
        assert "<" not in sent["text"]
        assert ">" not in sent["text"]
        assert '"mrkdwn"' not in json.dumps(sent["blocks"])

    def test_it_stays_within_the_bounds_of_slack(self) -> None:
        one = event("kill", reason="x" * 9_000, actor="local|" + "a" * 9_000, request_id="1" * 9_000,
                    target="t" * 9_000, environment="e" * 9_000, reason_codes=["E"] * 900)  # fmt: skip
        sent = body_of(slack_request(URL, one, message_of(one, None)).body)
        assert len(sent["blocks"][0]["text"]["text"]) <= 150
        assert len(sent["blocks"][1]["fields"]) <= 10
        assert all(len(text) <= 2_000 for text in texts_of(sent["blocks"]))


def texts_of(value: Any) -> list[str]:
    """Every text that a reader sees, and every address."""
    if isinstance(value, dict):
        return [one for each in value.values() for one in texts_of(each)]
    if isinstance(value, list):
        return [one for each in value for one in texts_of(each)]
    return [value] if isinstance(value, str) else []
