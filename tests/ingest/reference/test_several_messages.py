"""Lines that carry several messages: CloudWatch's events, and OTLP exports with several records."""

import json

import pytest

from ingest.contract.outcomes import Quarantined
from ingest.reference.parser import SourceParser
from tests.ingest.reference.test_reference import parse, summary
from tests.ingest.several import (
    AT,
    CONTAINER,
    HEAD,
    MIDDLE,
    POD,
    TAIL,
    accepted,
    cloudwatch,
    counts,
    cri,
    event,
    job,
    otlp,
    record,
    said,
    written,
)
from tests.ingest.telemetry import PLAIN, line


class TestEvents:
    def test_each_is_a_message_with_its_own_time_and_identity(self) -> None:
        data = b"noise\n" + cloudwatch(event(job("a")), event("words", 1), event(job("b"), 2)) + b"\n"
        outcomes, parser = parse([data])
        first, second = accepted(outcomes[1:])
        assert summary(outcomes) == ["0 noise", "6.0 a", "6.1 b"]
        assert [first.time_ns, second.time_ns] == [AT, AT + 2_000_000]
        assert [first.native_id, second.native_id] == ["e0", "e2"]
        assert first.container == second.container == CONTAINER
        assert first.stream is None
        assert counts(parser) == (2, 1, 1, 0)

    def test_the_order_of_the_keys_does_not_matter(self) -> None:
        keys = json.loads(cloudwatch(event(job("a")), event(job("b"), 1)))
        turned = json.dumps(dict(reversed(keys.items()))).encode()
        outcomes, _ = parse([turned])
        assert [(one.job_id, one.container) for one in accepted(outcomes)] == [
            ("a", CONTAINER),
            ("b", CONTAINER),
        ]
        here = len(turned)
        assert summary(parse([turned + turned])[0]) == ["0.0 a", "0.1 b", f"{here}.0 a", f"{here}.1 b"]

    @pytest.mark.parametrize(
        ("message", "said"),
        [
            ("2026-11-21T02:22:54.5Z stderr F " + job("a"), (1795227774500000000, "stderr", CONTAINER)),
            ("2026-11-21T02:22:54.5Z " + job("a"), (AT, None, CONTAINER)),
            (written(log=job("a") + "\n", stream="stderr", time="x"), (AT, "stderr", CONTAINER)),
            (written(date=7, log=job("a"), kubernetes=POD), (7_000_000_000, None, "p/c")),
            (job("a") + "\r\n", (AT, None, CONTAINER)),
            ("Traceback\n  File\n" + job("a") + "\nend", (AT, None, CONTAINER)),
        ],
    )
    def test_a_message_may_be_what_a_runtime_or_a_shipper_wrote(
        self, message: str, said: tuple[int, str | None, str]
    ) -> None:
        [found] = accepted(parse([cloudwatch(event(message))])[0])
        assert (found.time_ns, found.stream, found.container) == said
        assert found.native_id == "e0"

    @pytest.mark.parametrize("value", [None, "1795227774084", 1.5, -1, True, 10**30])
    def test_a_time_that_is_none_leaves_a_line_without_time(self, value: object) -> None:
        [found] = accepted(parse([cloudwatch(event(job("a"), timestamp=value))])[0])
        assert found.time_ns is None

    @pytest.mark.parametrize("names", [{"id": ""}, {"id": 7}])
    def test_an_id_that_names_nothing_is_none(self, names: dict[str, object]) -> None:
        [found] = accepted(parse([cloudwatch(event(job("a"), **names))])[0])
        assert found.native_id is None

    def test_a_control_message_is_noise_and_so_is_one_without_events(self) -> None:
        control = cloudwatch(event("CWL CONTROL MESSAGE: " + job("a")), messageType="CONTROL_MESSAGE")
        assert summary(parse([control])[0]) == ["0 noise"]
        assert summary(parse([cloudwatch()])[0]) == ["0 noise"]
        outcomes, parser = parse([control + cloudwatch(event(job("b")))])
        assert summary(outcomes) == ["0 noise", f"{len(control)}.0 b"]
        assert counts(parser) == (2, 1, 1, 0)


QUOTED = json.dumps(job("odd", path="openai"))
ODD = [
    f'{{"id":"o","timestamp":1,"message":{QUOTED},"message":"x"}}',
    f'{{"id":"o","timestamp":1,"message":[{QUOTED}]}}',
    f'{{"id":"o","timestamp":1,"message":{QUOTED},"x":{"[" * 70}{"]" * 70}}}',
    f'{{"id":"o","timestamp":1,"message":{QUOTED},"x":{{"a":1,"a":2}}}}',
    f"[{QUOTED}]",
    QUOTED,
]


class TestOneOddEventSpoilsNoOther:
    @pytest.mark.parametrize(
        "odd", [*(text.encode() for text in ODD), ODD[0].encode()[:-1] + b',"y":"\xff"}']
    )
    def test_what_looks_like_telemetry_in_it_is_quarantined(self, odd: bytes) -> None:
        whole = cloudwatch(event(job("a")), event("HERE", 1), event(job("b"), 2))
        around = json.dumps(event("HERE", 1), separators=(",", ":")).encode()
        outcomes, parser = parse([whole.replace(around, odd)])
        first, held, last = outcomes
        assert isinstance(held, Quarantined)
        assert (held.index, held.claims_openai) == (1, True)
        assert [one.job_id for one in accepted([first, last])] == ["a", "b"]
        assert counts(parser) == (1, 1, 0, 0)

    def test_one_without_telemetry_is_nothing(self) -> None:
        outcomes, _ = parse([cloudwatch({"message": 5}, event(job("a")), 7, None)])
        assert summary(outcomes) == ["0.0 a"]

    @pytest.mark.parametrize("cut", [-1, -2, -60])
    def test_an_object_that_cannot_be_read_is_quarantined_once(self, cut: int) -> None:
        text = cloudwatch(event(job("a")), event(job("b"), 1))
        assert summary(parse([text[:cut]])[0]) == ["0.0 TRUNCATED"]
        assert summary(parse([text + text[:cut]])[0]) == ["0.0 a", "0.1 b", f"{len(text)}.0 TRUNCATED"]

    @pytest.mark.parametrize(
        "values", [{"messageType": "NEW"}, {"logEvents": job("a")}, {"logEvents": {"a": job("a")}}]
    )
    def test_what_is_not_known_is_quarantined(self, values: dict[str, object]) -> None:
        assert said(cloudwatch(event(job("a")), **values)) == ["held"]

    def test_a_list_that_stands_twice(self) -> None:
        text = cloudwatch(event(job("a")))
        twice = text[:-1] + b',"logEvents":[]}'
        assert said(twice) == ["held"]

    def test_other_json_with_such_keys_is_no_cloudwatch(self) -> None:
        assert summary(parse([b'{"owner":"x","a":1}' + PLAIN])[0]) == ["0.0 job-1"]
        shaped = line(logEvents=[], messageType="DATA_MESSAGE", owner="x")
        assert summary(parse([shaped])[0]) == ["0.0 UNKNOWN_KEY"]
        turned = dict(reversed(json.loads(shaped).items()))
        assert summary(parse([json.dumps(turned).encode()])[0]) == ["0.0 UNKNOWN_KEY"]


class TestPieces:
    def test_over_events_of_a_line_beside_other_records(self) -> None:
        outcomes, parser = parse(
            [
                cloudwatch(
                    event(cri("P", HEAD)),
                    event(job("between"), 1),
                    event(cri("P", MIDDLE), 2),
                    event(cri("F", TAIL), 3),
                )
            ]
        )
        assert summary(outcomes) == ["0.0 between", "0.1 whole"]
        assert accepted(outcomes)[1].native_id == "e0"
        assert counts(parser) == (1, 1, 0, 0)

    def test_over_lines_of_any_transport_in_the_container(self) -> None:
        lines = [
            cloudwatch(event(cri("P", HEAD))),
            cloudwatch(event(cri("P", MIDDLE), 1)),
            cloudwatch(event(cri("F", TAIL), 2), event(cri("P", "next "), 3)),
            cloudwatch(event(cri("F", job("next")), 4), event("x", 5)),
            cloudwatch(event(cri("F", "only words"), 6)),
        ]
        outcomes, parser = parse([b"\n".join(lines)])
        behind = [sum(len(one) + 1 for one in lines[:n]) for n in range(5)]
        assert summary(outcomes) == [
            "0.0 whole",
            f"{behind[2]}.0 next",
            f"{behind[3]} noise",
            f"{behind[4]} noise",
        ]
        assert counts(parser) == (5, 2, 2, 1)

    def test_a_place_inside_a_line_is_no_checkpoint(self) -> None:
        first = cloudwatch(event(cri("P", HEAD))) + b"\n"
        second = cloudwatch(event(cri("F", MIDDLE), 1), event(cri("P", "next "), 2)) + b"\n"
        parser = SourceParser()
        parser.feed(first + second)
        assert parser.safe_offset == 0
        parser.feed(cloudwatch(event(cri("F", "words"), 3)) + b"\n")
        assert parser.safe_offset > len(first + second)

    def test_records_of_an_export(self) -> None:
        lines = [
            otlp([record(HEAD, logtag="P", log__record__uid="u"), record(job("between"))]),
            otlp([record(MIDDLE, logtag="P")], [record(TAIL, logtag="F")]),
        ]
        outcomes, parser = parse([b"\n".join(lines)])
        assert summary(outcomes) == ["0.0 between", "0.1 whole"]
        assert accepted(outcomes)[1].native_id == "u"
        assert counts(parser) == (2, 1, 0, 1)


class TestRecordsOfAnExport:
    def test_each_has_its_own_time_resource_and_identity(self) -> None:
        service = {"attributes": [{"key": "service.name", "value": {"stringValue": "s"}}]}
        outcomes, parser = parse(
            [
                otlp(
                    [record(job("a"), log__record__uid="u1"), record("words")],
                    [record(job("b") + job("c"), log__record__uid="u2")],
                    resource=service,
                )
            ]
        )
        assert summary(outcomes) == ["0.0 a", "0.1 b", "0.2 c"]
        assert [one.native_id for one in accepted(outcomes)] == ["u1", "u2", "u2#1"]
        assert {one.container for one in accepted(outcomes)} == {"s"}
        assert counts(parser) == (1, 1, 0, 0)

    def test_an_odd_record_spoils_no_other(self) -> None:
        odd = record(job("odd")) | {"attributes": 5}
        twice = [*record("")["attributes"], *[{"key": "k", "value": {"stringValue": "v"}}] * 2]
        export = otlp([record(job("a")), odd, record(job("odd")) | {"attributes": twice}, record(job("b"))])
        assert said(export) == ["0.0 a", "held", "held", "0.3 b"]

    def test_an_odd_resource_spoils_its_records_alone(self) -> None:
        good, bad = otlp([record(job("a"))]), otlp([record(job("b"))] * 2, resource={"attributes": 5})
        both = json.dumps(
            {"resourceLogs": json.loads(good)["resourceLogs"] + json.loads(bad)["resourceLogs"]}
        ).encode()
        assert said(both) == ["0.0 a", "held", "held"]


@pytest.mark.parametrize(
    "text",
    [
        b'{"messageType":' * 60_000,
        b'{"messageType":"DATA_MESSAGE","logEvents":' + b"[" * 500_000,
        b'{"messageType":"DATA_MESSAGE","logEvents":[' + b"{}," * 10_000 + b"{}]}",
        b'{"messageType":"DATA_MESSAGE","logEvents":[' + b'{"a":' * 100_000,
        b'{"messageType":"DATA_MESSAGE","logEvents":[1' + b" " * 500_000,
        b'{"resourceLogs":[' + b'{"scopeLogs":[' * 60_000,
        b'}{"messageType":' * 60_000,
        b'{"messageType":"' + b'"logEvents"' + b'\\"' * 300_000,
    ],
    ids=lambda text: repr(text[:45]),
)  # fmt: skip
def test_hostile_lines_are_read_to_their_end(text: bytes) -> None:
    assert summary(parse([text])[0]) == ["0 noise"]


def test_resources_are_read_once_however_many_records_they_have() -> None:
    names = [{"key": f"k{n}", "value": {"intValue": "1"}} for n in range(4_000)]
    export = otlp([record("x")] * 4_000, resource={"attributes": names})
    assert summary(parse([export])[0]) == ["0 noise"]
