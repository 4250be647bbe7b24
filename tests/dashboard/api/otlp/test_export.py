"""Both encodings of a request are the same request, whatever it holds."""

from typing import Any

from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from dashboard.api.otlp.export import Encoding, decoded
from dashboard.api.otlp.lines import lines_of
from ingest.transports.detect import parse
from ingest.transports.message import Message
from tests.dashboard.api.otlp.sending import as_json

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.one_of(
        TEXTS.map(lambda text: {"stringValue": text}),
        st.booleans().map(lambda value: {"boolValue": value}),
        st.integers(-(2**63), 2**63 - 1).map(lambda value: {"intValue": str(value)}),
        st.floats(allow_nan=False, allow_infinity=False).map(lambda value: {"doubleValue": value}),
        st.sampled_from(["", "aGk=", "/wA="]).map(lambda value: {"bytesValue": value}),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda values: {"arrayValue": {"values": values}}),
        st.dictionaries(TEXTS, inner, max_size=3).map(
            lambda values: {"kvlistValue": {"values": [{"key": k, "value": v} for k, v in values.items()]}}
        ),
    ),
    max_leaves=6,
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["log.iostream", "logtag", "service.name", "host.name", "k8s.pod.name", "x"]),
    VALUES,
    max_size=4,
).map(lambda found: [{"key": key, "value": value} for key, value in found.items()])
NANOSECONDS = st.integers(0, 2**64 - 1).map(str)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "timeUnixNano": NANOSECONDS,
        "observedTimeUnixNano": NANOSECONDS,
        "severityText": TEXTS,
        "attributes": ATTRIBUTES,
        "body": VALUES,
    },
)
REQUESTS = st.lists(st.tuples(ATTRIBUTES, st.lists(RECORDS, max_size=3)), max_size=2).map(
    lambda found: {
        "resourceLogs": [
            {"resource": {"attributes": resource}, "scopeLogs": [{"logRecords": records}]}
            for resource, records in found
        ]
    }
)


@given(REQUESTS)
@settings(max_examples=60)
def test_the_same_lines_come_of_both_and_all_can_be_read(document: dict[str, Any]) -> None:
    message = json_format.ParseDict(document, ExportLogsServiceRequest())
    found = [
        lines_of(decoded(data, encoding), "digest")
        for data, encoding in (
            (as_json(document), Encoding.JSON),
            (message.SerializeToString(), Encoding.PROTOBUF),
        )
    ]
    read = [[parse(line) for line in one.data.splitlines()] for one in found]
    assert read[0] == read[1]
    assert found[0].rejected == found[1].rejected
    assert all(isinstance(one, Message) and not one.damaged and one.native_id for one in read[0])
    records = [record for one in document["resourceLogs"] for record in one["scopeLogs"][0]["logRecords"]]
    assert len(read[0]) + found[0].rejected == len(records)
