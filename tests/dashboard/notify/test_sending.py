"""One request over loopback: bounded whatever the receiver does, and only to where it may go."""

import ssl
from pathlib import Path

import pytest

from dashboard.notify.addresses import refusal
from dashboard.notify.sending import MOST_ANSWER_BYTES, Answered, HttpSender, Outgoing, Unanswered
from tests.dashboard.notify.certificates import certified
from tests.dashboard.notify.loopback import (
    OK,
    Behaviour,
    answering,
    dripping,
    flooding,
    headers_of,
    receiving,
    silent,
)


def sent(url: str, sender: HttpSender | None = None, *, allow_private: bool = True) -> Answered | Unanswered:
    outgoing = Outgoing(url, {"Content-Type": "application/json"}, b'{"a": 1}')
    return (sender or HttpSender()).send(outgoing, allow_private=allow_private)


def test_a_request_arrives_as_it_is() -> None:
    with receiving(answering(OK)) as loopback:
        assert sent(f"{loopback.url()}?token=x") == Answered(200, None, b"ok")
    [(head, body)] = loopback.requests
    assert head.startswith("POST /in?token=x HTTP/1.1")
    assert headers_of(head)["host"] == f"127.0.0.1:{loopback.port}"
    assert body == b'{"a": 1}'


def test_a_redirect_is_an_answer() -> None:
    with receiving(answering(OK)) as other:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {other.url()}\r\nContent-Length: 0\r\n\r\n".encode()
        with receiving(answering(moved)) as loopback:
            assert sent(loopback.url()) == Answered(302, None, b"")
    assert other.requests == []


def test_what_a_receiver_asks_for() -> None:
    busy = b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
    with receiving(answering(busy)) as loopback:
        assert sent(loopback.url()) == Answered(429, "7", b"")


@pytest.mark.parametrize("behave", [silent, dripping])
def test_no_receiver_holds_us(behave: Behaviour) -> None:
    with receiving(behave) as loopback:
        found = sent(loopback.url(), HttpSender(total_s=0.3))
    assert found == Unanswered("`127.0.0.1`: no answer within 0.3 s")


def test_a_handshake_that_never_ends() -> None:
    """The receiver does not speak TLS, and says nothing."""
    with receiving(silent) as loopback:
        found = sent(loopback.url("https"), HttpSender(total_s=0.3))
    assert isinstance(found, Unanswered)


def test_an_answer_without_end_is_cut() -> None:
    with receiving(flooding) as loopback:
        found = sent(loopback.url())
    assert isinstance(found, Answered)
    assert (found.status, len(found.body)) == (500, MOST_ANSWER_BYTES)


@pytest.mark.parametrize(
    "answer",
    [b"", b"\x00\xff", b"HTTP/1.1 999999 x\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"],
)
def test_what_is_no_answer(answer: bytes) -> None:
    with receiving(answering(answer)) as loopback:
        assert isinstance(sent(loopback.url()), Unanswered)


def test_nobody_listens() -> None:
    with receiving(answering(OK)) as loopback:
        url = loopback.url()
    found = sent(url)
    assert isinstance(found, Unanswered)
    assert "refused" in found.why


def test_a_private_address_is_not_connected_to() -> None:
    with receiving(answering(OK)) as loopback:
        found = sent(loopback.url(), allow_private=False)
    assert isinstance(found, Unanswered)
    assert "`127.0.0.1` is private or local" in found.why
    assert loopback.requests == []


def test_a_name_is_looked_up_once_and_every_address_of_it_counts() -> None:
    """A name that answers otherwise the second time leads nowhere else."""
    asked: list[str] = []

    def names(host: str, port: int) -> tuple[str, ...]:
        asked.append(host)
        return ("93.184.216.34", "10.0.0.1") if len(asked) == 1 else ("93.184.216.34",)

    found = sent("https://hook.example/in", HttpSender(names), allow_private=False)
    assert isinstance(found, Unanswered)
    assert "10.0.0.1" in found.why
    assert asked == ["hook.example"]


def test_a_name_that_is_not_known() -> None:
    def nobody(host: str, port: int) -> tuple[str, ...]:
        raise OSError(-2, "Name or service not known")

    assert sent("https://hook.example/", HttpSender(nobody)) == Unanswered(
        "`hook.example` has no address: name or service not known"
    )


@pytest.mark.parametrize(("host", "taken"), [("hook.example", True), ("other.example", False)])
def test_tls_proves_the_name_that_was_asked_for(tmp_path: Path, host: str, taken: bool) -> None:
    """The connection goes to a checked address; the certificate must be of the name."""
    held, trusted = certified(tmp_path, "hook.example")
    with receiving(answering(OK), held) as loopback:
        sender = HttpSender(lambda *_: ("127.0.0.1",), ssl.create_default_context(cafile=str(trusted)))
        found = sent(loopback.url("https", host), sender)
    assert isinstance(found, Answered if taken else Unanswered)
    assert len(loopback.requests) == taken


def test_a_certificate_of_nobody(tmp_path: Path) -> None:
    held, _ = certified(tmp_path, "hook.example")
    with receiving(answering(OK), held) as loopback:
        found = sent(loopback.url("https", "hook.example"), HttpSender(lambda *_: ("127.0.0.1",)))
    assert isinstance(found, Unanswered)
    assert loopback.requests == []


PRIVATE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.127.255.254", "192.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.5",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
    "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::", "fec0::1", "::127.0.0.1", "name",
    "",
]  # fmt: skip
PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", PRIVATE)
def test_where_nothing_is_sent(address: str) -> None:
    assert refusal((address,), allow_private=False)
    assert refusal(("1.1.1.1", address), allow_private=False)


@pytest.mark.parametrize("address", PUBLIC)
def test_where_something_may_be_sent(address: str) -> None:
    assert refusal((address,), allow_private=False) is None


def test_what_is_allowed_is_one_machine() -> None:
    assert refusal(("127.0.0.1", "10.0.0.1", "fd12::1"), allow_private=True) is None
    assert refusal(("224.0.0.1",), allow_private=True)
    assert refusal(("0.0.0.0",), allow_private=True)
    assert refusal((), allow_private=True)
