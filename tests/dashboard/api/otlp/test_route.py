"""`POST /v1/logs`, through the door of a home and into its spool."""

import base64
import gzip
import json
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceResponse,
)
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.api.otlp.body import MOST_BYTES
from dashboard.api.otlp.export import MOST_VALUES
from dashboard.api.otlp.route import PATH, otlp_routes
from dashboard.api.otlp.spool import PushedSpool
from gates.store.rows import TokenScope
from gates.store.store import Store
from gates.store.tokens import new_token
from tests.dashboard.api.otlp.sending import (
    ENCODED,
    JSON,
    PROTOBUF,
    as_json,
    as_protobuf,
    as_they_stand,
    named,
    outcomes,
    request,
    taken_apart,
    text,
)
from tests.dashboard.auth.town import ALICE, ORIGIN, Town, town
from tests.ingest.stored import DATA, record

LOG = (DATA / "executor-a.cri.log").read_bytes()
EXPECTED = {
    (*key.split("/")[:2], None if key.endswith("/None") else key.split("/")[2]): count
    for key, count in json.loads((DATA / "executor-a.expected.json").read_bytes())["by_outcome"].items()
}
UNTIMED = request([{"body": text(record(1))}])


class Sender:
    """A collector of the home, with a token of scope `logs`."""

    def __init__(self, people: Town) -> None:
        self.people = people
        self.spool = people.home.spool
        self.pushed = PushedSpool(self.spool)
        self.client = TestClient(Starlette(routes=otlp_routes(people.access, self.pushed)), ORIGIN)
        self.tokens = {
            scope: self._token(scope) for scope in (TokenScope.LOGS, TokenScope.KILL, TokenScope.READ)
        }

    def _token(self, scope: TokenScope) -> str:
        store = Store.open(self.people.home.store)
        token = new_token(ALICE, scope, by=ALICE, now_ns=self.people.clock(), expires_at_ns=None)
        with store.begin() as tx:
            tx.tokens.add(token.row)
        store.close()
        return token.text

    def post(self, data: bytes, headers: dict[str, str], token: str | None = None) -> Any:
        shown = {"Authorization": f"Bearer {token or self.tokens[TokenScope.LOGS]}"}
        return self.client.post(PATH, content=data, headers={**shown, **headers})

    def lines(self) -> list[bytes]:
        return [line for path in sorted(self.spool.iterdir()) for line in path.read_bytes().splitlines()]


@contextmanager
def of_a_town(folder: Path) -> Iterator[Sender]:
    people = town(folder)
    made = Sender(people)
    with made.client:  # one event loop for all requests, as a server has
        yield made
    made.pushed.close()
    people.access.close()


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Sender]:
    with of_a_town(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    """One home for tests that look at answers."""
    with of_a_town(tmp_path_factory.mktemp("shared")) as made:
        yield made


@pytest.mark.parametrize(("encoded", "headers"), ENCODED)
@pytest.mark.parametrize("records", [taken_apart, as_they_stand])
def test_the_sample_counts_as_from_its_file(
    sender: Sender,
    tmp_path: Path,
    encoded: Callable[[dict[str, Any]], bytes],
    headers: dict[str, str],
    records: Callable[[bytes], Iterator[dict[str, Any]]],
) -> None:
    sent = list(records(LOG))
    for at in range(0, len(sent), 100):
        answer = sender.post(encoded(request(sent[at : at + 100], service__name="lessons")), headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == headers["Content-Type"]
        assert answer.content == (b"{}" if headers is JSON else b"")
    assert outcomes(sender.spool, tmp_path / "t.duckdb") == EXPECTED


def test_what_is_sent_again_counts_once(sender: Sender, tmp_path: Path) -> None:
    """The same bytes, compressed or not, also after a restart. Other bytes are another request."""
    timed = {"timeUnixNano": "1795227774084715000", "body": text(record(2))}
    data = as_protobuf(request([timed, timed]))
    assert sender.post(data, PROTOBUF).status_code == 200
    assert sender.post(gzip.compress(data), PROTOBUF | {"Content-Encoding": "gzip"}).status_code == 200
    assert sum(outcomes(sender.spool, tmp_path / "t.duckdb").values()) == 2
    sender.pushed.close()
    again = Sender(sender.people)
    assert again.post(data, PROTOBUF, sender.tokens[TokenScope.LOGS]).status_code == 200
    assert sum(outcomes(sender.spool, tmp_path / "t.duckdb").values()) == 2
    assert again.post(as_json(request([timed])), JSON).status_code == 200
    assert sum(outcomes(sender.spool, tmp_path / "t.duckdb").values()) == 3
    again.pushed.close()


def test_ten_thousand_records_of_concurrent_senders(sender: Sender, tmp_path: Path) -> None:
    def send(part: int) -> int:
        records = [{"timeUnixNano": str(10**18 + number), "body": text(record(number))} for number in
                   range(part * 1000, part * 1000 + 1000)]  # fmt: skip
        data = gzip.compress(as_protobuf(request(records, host__name=f"host-{part}")))
        return int(sender.post(data, PROTOBUF | {"Content-Encoding": "gzip"}).status_code)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, range(10))) == {200}
    assert outcomes(sender.spool, tmp_path / "t.duckdb") == {("stub", "STUB", "KILL_SWITCH"): 10_000}
    [file] = sender.spool.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(sender.spool.stat().st_mode) == 0o700


def test_a_long_body_goes_in_pieces(sender: Sender, tmp_path: Path) -> None:
    long = "\x01" * 3_000_000
    records: list[dict[str, Any]] = [
        {"timeUnixNano": "5", "body": text(long + record(1))},
        {"timeUnixNano": "6", "body": text(record(2))},
        {"timeUnixNano": "7", "body": text("x" * 200_000), "attributes": named(logtag="P")},
        {"timeUnixNano": "8", "body": text(record(3)), "attributes": named(logtag="F")},
    ]
    assert sender.post(as_protobuf(request(records)), PROTOBUF).status_code == 200
    binary = {"timeUnixNano": "9", "body": {"bytesValue": b"\xff" * 400_000 + record(4).encode()}}
    assert sender.post(as_protobuf(request([binary])), PROTOBUF).status_code == 200
    assert all(len(line) < 1 << 20 for line in sender.lines())
    assert outcomes(sender.spool, tmp_path / "t.duckdb") == {("stub", "STUB", "KILL_SWITCH"): 4}


@pytest.mark.parametrize(("encoded", "headers"), ENCODED)
def test_partial_success(
    shared: Sender, encoded: Callable[[dict[str, Any]], bytes], headers: dict[str, str]
) -> None:
    records: list[dict[str, Any]] = [{"body": text(record(1))}, {"body": {"stringValue": ""}}]
    before, document = len(shared.lines()), request(records)
    data = encoded(document)
    if headers is JSON:
        document["resourceLogs"][0]["scopeLogs"][0]["logRecords"].append({"severityText": "INFO"})
        data = encoded(document)
        answer = shared.post(data, headers)
        said = answer.json()["partialSuccess"]
        assert said["rejectedLogRecords"] == "1"
        assert "1 have no body" in said["errorMessage"]
    else:
        # A LogRecord without any field, appended to the scope of a resource of its own.
        answer = shared.post(data + b"\x0a\x04\x12\x02\x12\x00", headers)
        partial = ExportLogsServiceResponse.FromString(answer.content).partial_success
        assert (partial.rejected_log_records, "1 have no body" in partial.error_message) == (1, True)
    assert answer.status_code == 200
    assert len(shared.lines()) - before == 2


def test_maps_that_are_too_large_are_rejected(sender: Sender) -> None:
    body = {"kvlistValue": {"values": [{"key": "a", "value": text("x" * (1 << 20))}]}}
    answer = sender.post(as_json(request([{"body": body}])), JSON)
    assert answer.json()["partialSuccess"]["rejectedLogRecords"] == "1"
    assert sender.post(b'{"resourceLogs":[]}', JSON).json() == {}
    assert sender.lines() == []


def _length(size: int) -> bytes:
    """A varint."""
    found = b""
    while size > 127:
        found, size = found + bytes([size & 127 | 128]), size >> 7
    return found + bytes([size])


def test_two_bytes_a_record_fill_no_memory(shared: Sender) -> None:
    records = b"\x12\x00" * (MOST_VALUES + 1)
    scope = b"\x12" + _length(len(records)) + records
    answer = shared.post(b"\x0a" + _length(len(scope)) + scope, PROTOBUF)
    assert (answer.status_code, b"make batches smaller" in answer.content) == (400, True)


UNDECODABLE = [
    (b"", JSON),
    (b"{", JSON),
    (b"[]", JSON),
    (b'{"resourceLogs": 5}', JSON),
    (b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": "text"}]}]}]}', JSON),
    (b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "\xff"}}]}]}]}', JSON),
    (b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "\\ud800"}}]}]}]}', JSON),
    (b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":' + b'{"arrayValue":{"values":[' * 50_000, JSON),
    (b"\xff\xff\xff", PROTOBUF),
    (b"{}", PROTOBUF),
    (as_protobuf(UNTIMED)[:-5], PROTOBUF),
]


@pytest.mark.parametrize(("data", "headers"), UNDECODABLE)
def test_what_cannot_be_decoded_is_a_status(shared: Sender, data: bytes, headers: dict[str, str]) -> None:
    before = shared.lines()
    answer = shared.post(data, headers)
    assert answer.status_code == 400
    if headers is JSON:
        assert answer.json()["code"] == 3
        assert "export request" in answer.json()["message"]
    else:
        # A Status has the same fields on the wire.
        said = ExportLogsPartialSuccess.FromString(answer.content)
        assert (said.rejected_log_records, "export request" in said.error_message) == (3, True)
    assert shared.lines() == before


@pytest.mark.parametrize(
    ("headers", "data", "status"),
    [
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({}, b"{}", 415),
        (JSON | {"Content-Encoding": "br"}, b"{}", 415),
        (JSON | {"Content-Encoding": "gzip"}, b"{}", 400),
        (JSON | {"Content-Encoding": "gzip"}, gzip.compress(as_json(UNTIMED))[:-9], 400),
        (JSON | {"Content-Encoding": "gzip"}, gzip.compress(b" " * (MOST_BYTES + 1)), 413),
        (JSON | {"Content-Encoding": "gzip"}, gzip.compress(b" " * MOST_BYTES) * 2, 413),
        (JSON | {"Content-Encoding": "gzip"}, gzip.compress(b"") * 20, 400),
        (JSON, b" " * (MOST_BYTES + 1), 413),
        (JSON | {"Content-Encoding": "identity"}, as_json(UNTIMED), 200),
        ({"Content-Type": "application/json; charset=utf-8"}, as_json(UNTIMED), 200),
        (JSON | {"Content-Encoding": "gzip"}, gzip.compress(b" ") + gzip.compress(as_json(UNTIMED)), 200),
    ],
)
def test_types_encodings_and_bombs(shared: Sender, headers: dict[str, str], data: bytes, status: int) -> None:
    before = len(shared.lines())
    answer = shared.post(data, headers)
    assert answer.status_code == status, answer.text
    assert len(shared.lines()) - before == (status == 200)


def test_who_may_hand_in_telemetry(sender: Sender) -> None:
    data, people = as_json(UNTIMED), sender.people
    assert sender.client.post(PATH, content=data, headers=JSON).status_code == 401
    session = {"Cookie": "; ".join(f"{key}={value}" for key, value in people.signed_in().cookies.items())}
    assert sender.client.post(PATH, content=data, headers={**JSON, **session}).status_code == 403
    for token, status in (
        (people.tokens["alice"], 200),
        (people.tokens["carol"], 200),
        (people.tokens["bob"], 403),
        (people.kill_token, 401),
        (sender.tokens[TokenScope.READ], 401),
        ("slotgate_x_y", 401),
    ):
        answer = sender.post(data, JSON, token)
        assert answer.status_code == status, (token, answer.text)
    assert sender.post(data, JSON | {"Origin": "http://evil.example"}).status_code == 403
    refused = sender.client.post(PATH, content=as_protobuf(UNTIMED), headers=PROTOBUF)
    assert (refused.headers["www-authenticate"], refused.headers["content-type"]) == (
        "Bearer",
        "application/x-protobuf",
    )
    assert sender.client.get(PATH).status_code == 405
    # One source a token: what one of them vouched for can be told from the others.
    assert len(list(sender.spool.iterdir())) == 2


def test_a_spool_that_cannot_be_written_is_tried_again_later(sender: Sender, tmp_path: Path) -> None:
    sender.spool.rmdir()
    sender.spool.write_text("in the way")
    answer = sender.post(as_json(UNTIMED), JSON)
    assert (answer.status_code, answer.json()["code"]) == (503, 14)
    assert int(answer.headers["retry-after"]) > 0
    sender.spool.unlink()
    assert sender.post(as_json(UNTIMED), JSON).status_code == 200
    assert sum(outcomes(sender.spool, tmp_path / "t.duckdb").values()) == 1


def test_the_lines_say_where_they_come_from(sender: Sender) -> None:
    record_ = {
        "timeUnixNano": "7",
        "body": text("hi"),
        "attributes": named(log__iostream="stderr", password="p"),
    }
    document = request([record_], service__name="s", process__command="secret", host__name="h")
    assert sender.post(as_json(document), JSON).status_code == 200
    [line] = sender.lines()
    assert b"secret" not in line
    assert b"password" not in line
    kept = json.loads(line)["resourceLogs"][0]["resource"]["attributes"]
    assert [one["key"] for one in kept] == ["service.name", "host.name"]


def test_bytes_come_as_base64_in_json(sender: Sender, tmp_path: Path) -> None:
    body = {"bytesValue": base64.b64encode(b"\xff" + record(1).encode()).decode()}
    assert sender.post(as_json(request([{"body": body}])), JSON).status_code == 200
    assert outcomes(sender.spool, tmp_path / "t.duckdb") == {("stub", "STUB", "KILL_SWITCH"): 1}


def test_a_home_is_not_filled_by_one_file(sender: Sender, tmp_path: Path) -> None:
    sender.pushed.close()
    small = PushedSpool(sender.spool, rotate_at=1_000)
    for number in range(20):
        small.append("ab", b'{"n":%d}' % number + b" " * 100 + b"\n")
    sizes = [path.stat().st_size for path in sender.spool.iterdir()]
    assert len(sizes) >= 2
    assert max(sizes) < 1_200
    small.close()
