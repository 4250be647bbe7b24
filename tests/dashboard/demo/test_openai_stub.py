"""The stub server as the demo uses it."""

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest

from dashboard.demo.openai_stub import Behaviour, StubServer


def post(
    server: StubServer, path: str = "/v1/chat/completions", method: str = "POST", **parts: Any
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)
    headers = {"Authorization": "Bearer key", **parts.pop("headers", {})}
    try:
        connection.request(method, path, json.dumps(parts), headers)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read() or "null")
    finally:
        connection.close()


def test_a_request_names_its_scenario_by_header_model_or_prompt() -> None:
    with StubServer() as server:
        assert post(server)[0] == 200
        assert post(server, headers={"X-Stub-Scenario": "429"})[0] == 429
        assert post(server, model="stub-500")[0] == 500
        assert post(server, messages=[{"role": "user", "content": "about [[stub:503]] plants"}])[0] == 503
        assert post(server, input="[[stub:401]]", path="/v1/responses")[0] == 401
        assert post(server, model="stub-unheard-of")[0] == 404
        assert [request.number for request in server.received] == list(range(6))


def test_the_content_goes_under_the_field_that_the_prompt_asks_for() -> None:
    with StubServer() as server:
        user = json.dumps({"output": {"field": "answer"}})
        _, reply = post(
            server, messages=[{"role": "system", "content": "x"}, {"role": "user", "content": user}]
        )
        assert list(json.loads(reply["choices"][0]["message"]["content"])) == ["answer"]


def test_the_behaviour_changes_while_it_runs() -> None:
    with StubServer() as server:
        server.behave(Behaviour(scenarios={"500": 1.0}))
        assert post(server)[0] == 500
        assert post(server, "/_stub/behaviour", "PUT", scenarios={"400": 1})[0] == 200
        assert post(server)[0] == 400
        assert post(server, "/_stub/behaviour", "PUT", scenarios={"none such": 1})[0] == 400
        assert post(server, "/_stub/behaviour", "PUT", unknown=1)[0] == 400
        assert post(server)[0] == 400
        with pytest.raises(KeyError):
            server.behave(Behaviour(scenarios={"none such": 1.0}))


def test_what_is_no_endpoint_or_has_no_key() -> None:
    with StubServer() as server:
        assert post(server, "/v1/models")[0] == 404
        assert post(server, headers={"Authorization": ""})[0] == 401


def test_fate_depends_on_seed_and_number_alone() -> None:
    mixed = Behaviour(scenarios={"ok": 0.9, "500": 0.1}, median_s=0.8, sigma=0.5, seed=4)
    fates = [mixed.scenario(number) for number in range(2_000)]
    assert fates == [mixed.scenario(number) for number in range(2_000)]
    assert 140 < Counter(fates)["500"] < 260
    latencies = sorted(mixed.latency_s(number) for number in range(2_001))
    assert 0.7 < latencies[1_000] < 0.9
    assert latencies[1_900] > 1.4


def test_stopping_breaks_off_what_is_under_way() -> None:
    with StubServer(Behaviour(scenarios={"slow": 1.0})) as server:
        address = ("127.0.0.1", urlsplit(server.base_url).port or 0)
        idle = socket.create_connection(address)
        waiting = socket.create_connection(address)
        waiting.sendall(
            b"POST /v1/responses HTTP/1.1\r\nAuthorization: Bearer k\r\nContent-Length: 0\r\n\r\n"
        )
        while not server.received:
            pass
    with idle, waiting:
        assert waiting.recv(10) == b""


def test_as_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "dashboard.demo.openai_stub", "--scenario", "503"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = urlsplit(process.stdout.readline().decode().strip()).netloc
        connection = http.client.HTTPConnection(address, timeout=60)
        connection.request("POST", "/v1/responses", "{}", {"Authorization": "Bearer k"})
        assert connection.getresponse().status == 503
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
