"""What an export request holds, the same for both of its encodings. No I/O.

The JSON form is that of OTLP: names in lowerCamelCase, numbers of 64 bits as text or number, and what is not
known is passed over. Only what telemetry is made of is kept.
"""

import base64
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TypeVar

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs

MOST_VALUES = 500_000

Repeated = TypeVar("Repeated")


class Encoding(StrEnum):
    """How a request is encoded, and so its answer."""

    JSON = "application/json"
    PROTOBUF = "application/x-protobuf"


class Undecodable(Exception):
    """The body is no export request; the message says why."""


class Value(msgspec.Struct, rename="camel", omit_defaults=True):
    """An AnyValue as it was sent; which field is set says its type. Whether it fits is for ingest to say."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: str | int | None = None
    double_value: float | str | None = None
    array_value: "Values | None" = None
    kvlist_value: "Pairs | None" = None
    bytes_value: str | None = None


class Values(msgspec.Struct):
    """A list of values."""

    values: list[Value] | None = None


class Pair(msgspec.Struct):
    """An attribute."""

    key: str = ""
    value: Value | None = None


class Pairs(msgspec.Struct):
    """A map."""

    values: list[Pair] | None = None


class Attributed(msgspec.Struct):
    """What has attributes, as a resource has."""

    attributes: list[Pair] | None = None


class Record(msgspec.Struct, rename="camel", omit_defaults=True):
    """A log record. Times are nanoseconds since 1970, 0 where unknown."""

    time_unix_nano: str | int | None = None
    observed_time_unix_nano: str | int | None = None
    attributes: list[Pair] | None = None
    body: Value | None = None


class OfScope(msgspec.Struct, rename="camel"):
    """The records of one instrumentation scope, whose name says nothing about telemetry."""

    log_records: list[Record] | None = None


class OfResource(msgspec.Struct, rename="camel"):
    """The records of one resource."""

    resource: Attributed | None = None
    scope_logs: list[OfScope] | None = None


class Export(msgspec.Struct, rename="camel"):
    """A whole request."""

    resource_logs: list[OfResource] | None = None

    def records(self) -> Iterator[tuple[list[Pair], Record]]:
        """Every record in order, with the attributes of its resource."""
        for of_resource in self.resource_logs or ():
            attributes = (of_resource.resource or Attributed()).attributes or []
            for of_scope in of_resource.scope_logs or ():
                for record in of_scope.log_records or ():
                    yield attributes, record


_DECODER = msgspec.json.Decoder(Export)


def decoded(data: bytes, encoding: Encoding) -> Export:
    """The request in `data`. Raises `Undecodable`."""
    try:
        if encoding is Encoding.JSON:
            return _DECODER.decode(data)
        return _Reading().export(ExportLogsServiceRequest.FromString(data))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, DecodeError) as error:
        raise Undecodable(f"the body is no export request as `{encoding}`: {error}") from error


class _Reading:
    """One message of the protocol as values, at most so many: two bytes of it can stand for one."""

    def __init__(self) -> None:
        self._left = MOST_VALUES

    def export(self, message: ExportLogsServiceRequest) -> Export:
        """Raises `Undecodable` where it holds too much."""
        return Export([self._of_resource(one) for one in self._counted(message.resource_logs)])

    def _of_resource(self, found: ResourceLogs) -> OfResource:
        scopes = [OfScope([self._record(one) for one in self._counted(scope.log_records)])
                  for scope in self._counted(found.scope_logs)]  # fmt: skip
        return OfResource(Attributed(self._pairs(found.resource.attributes)), scopes)

    def _record(self, record: LogRecord) -> Record:
        return Record(
            str(record.time_unix_nano),
            str(record.observed_time_unix_nano),
            self._pairs(record.attributes),
            self._value(record.body) if record.HasField("body") else None,
        )

    def _pairs(self, found: Sequence[KeyValue]) -> list[Pair]:
        return [Pair(one.key, self._value(one.value)) for one in self._counted(found)]

    def _value(self, found: AnyValue) -> Value:
        match found.WhichOneof("value"):
            case "string_value":
                return Value(string_value=found.string_value)
            case "bool_value":
                return Value(bool_value=found.bool_value)
            case "int_value":
                return Value(int_value=str(found.int_value))
            case "double_value":
                return Value(double_value=found.double_value)
            case "bytes_value":
                return Value(bytes_value=base64.b64encode(found.bytes_value).decode("ascii"))
            case "array_value":
                values = self._counted(found.array_value.values)
                return Value(array_value=Values([self._value(one) for one in values]))
            case "kvlist_value":
                return Value(kvlist_value=Pairs(self._pairs(found.kvlist_value.values)))
            case _:  # unset, or of a later version of OTLP
                return Value()

    def _counted(self, found: Sequence[Repeated]) -> Sequence[Repeated]:
        self._left -= len(found)
        if self._left < 0:
            raise Undecodable(f"the body holds more than {MOST_VALUES:,} values; make batches smaller")
        return found
