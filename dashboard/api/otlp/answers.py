"""What a sender is answered: an ExportLogsServiceResponse, or a `google.rpc.Status`, in its own encoding."""

import json

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceResponse,
)
from starlette.responses import Response

from dashboard.api.otlp.export import Encoding
from dashboard.api.otlp.lines import Lines
from dashboard.api.problem import NO_STORE, Refused

RETRY_AFTER_S = 5
_RETRYABLE = (429, 502, 503, 504)
# The numbers of https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
_CODES = {400: 3, 401: 16, 403: 7, 413: 8, 415: 3, 429: 8, 503: 14}


def accepted(lines: Lines, encoding: Encoding) -> Response:
    """All was taken but what `lines` rejected, which is not to be sent again."""
    partial = None
    if lines.rejected:
        words = f"not telemetry, and not taken: {lines.why}; send log records whose body is a line"
        partial = ExportLogsPartialSuccess(rejected_log_records=lines.rejected, error_message=words)
    if encoding is Encoding.PROTOBUF:
        return _said(ExportLogsServiceResponse(partial_success=partial).SerializeToString(), 200, encoding)
    body = {} if partial is None else {
        "partialSuccess": {
            "rejectedLogRecords": str(partial.rejected_log_records),
            "errorMessage": partial.error_message,
        }
    }  # fmt: skip
    return _said(json.dumps(body).encode(), 200, encoding)


def refused(why: Refused, encoding: Encoding) -> Response:
    """Nothing was taken. The specification says which statuses a sender tries again."""
    code = _CODES.get(why.status, 2)
    if encoding is Encoding.PROTOBUF:
        # A Status is on the wire what this message is: a number in field 1, a text in field 2.
        body = ExportLogsPartialSuccess(rejected_log_records=code, error_message=why.detail)
        found = _said(body.SerializeToString(), why.status, encoding)
    else:
        found = _said(json.dumps({"code": code, "message": why.detail}).encode(), why.status, encoding)
    if why.status in _RETRYABLE:
        found.headers["Retry-After"] = str(RETRY_AFTER_S)
    if why.status == 401:
        found.headers["WWW-Authenticate"] = "Bearer"
    found.headers.update(why.headers)
    return found


def _said(body: bytes, status: int, encoding: Encoding) -> Response:
    return Response(body, status, dict(NO_STORE), encoding.value)
