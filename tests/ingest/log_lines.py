"""Hypothesis strategies for the lines of logs: as executors and runtimes write them, and damaged."""

import json

from hypothesis import strategies as st

from gates.decision import Gate

SHAPED_TIMES = st.builds(
    "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}{}{}".format,
    st.integers(1900, 2199),
    st.integers(1, 12),
    st.integers(1, 31),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
    st.one_of(st.just(""), st.integers(0, 999_999_999).map(lambda n: f".{n}")),
    st.sampled_from(["Z", "+00:00", "-23:59", "+14:00"]),
)
"""Of the shape of a time, in years that 64 bits can hold; some days are in no calendar."""
TIMES = st.one_of(
    st.sampled_from(
        [
            "2026-11-21T02:22:53Z",
            "2026-11-21T02:22:53.390129Z",
            "2026-11-21T02:22:53.390129001+05:30",
            "2026-11-21T02:22:58.5-00:00",
            "2026-02-30T00:00:00Z",
            "2024-02-29T23:59:59.999999999-12:00",
            "2026-12-31T23:59:60Z",
            "0001-01-01T00:00:00Z",
            "2262-04-12T00:00:00Z",
            "2026-13-01T00:00:00Z",
        ]
    ),
    SHAPED_TIMES,
)
_ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)
_TEXTS = st.one_of(
    _ASCII, st.text(max_size=20), st.sampled_from(["job-1", "openai.v1", " stderr P ", "{", "|", "é", ""])
)
_NUMBERS = st.one_of(
    st.integers(0, 10**10),
    st.floats(0, 1e9, allow_nan=False),
    st.sampled_from([0, 0.5, -1, 1e300, 12345678.25, 99999999, 100000000, True, None, "12"]),
)
_STUB = ("KILL_SWITCH", "NOT_ALLOWLISTED", "ROLLOUT_EXCLUDED", None)
_CODES = st.one_of(st.sampled_from([*_STUB, "OPENAI_HTTP_ERROR", "X", ""]), _TEXTS)
RECORDS = st.fixed_dictionaries(
    {
        "version": st.sampled_from(["v1"] * 20 + ["v2"]),
        "executorVersion": st.one_of(st.just("openai.v1"), _TEXTS),
        "jobId": _TEXTS,
        "path": st.sampled_from(["stub", "openai"] * 10 + ["gpt"]),
        "status": st.sampled_from(["STUB", "COMPLETED", "FAILED"] * 10 + ["DONE"]),
        "latencyMs": _NUMBERS,
    },
    optional={"errorCode": _CODES},
)
_SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,", ": "), (", ", ":")])
WRITTEN = st.builds(
    lambda value, separators, ascii_only: json.dumps(value, separators=separators, ensure_ascii=ascii_only),
    RECORDS,
    _SEPARATORS,
    st.booleans(),
)
_PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"\\{'), min_size=1)
CANONICAL = st.builds(
    '{{"version":"v1","executorVersion":"{}","jobId":"{}","path":"{}","status":"{}","latencyMs":{}{}}}'.format,
    st.one_of(st.just("openai.v1"), _PLAIN),
    st.one_of(st.integers(0, 99_999).map("job-{:05d}".format), _PLAIN),
    st.sampled_from(["stub", "openai"]),
    st.sampled_from(["STUB", "COMPLETED", "FAILED"]),
    st.one_of(
        st.integers(0, 999_999_999),
        st.builds("{}.{}".format, st.integers(0, 99_999_999), st.integers(0, 999_999)),
    ),
    st.sampled_from(
        ["", ',"errorCode":null', ',"errorCode":"KILL_SWITCH"', ',"errorCode":"OPENAI_HTTP_ERROR"']
    ),
)
_TOKENS = st.builds(
    '{{"inputTokens":{},"outputTokens":{},"totalTokens":{}}}'.format,
    *[st.sampled_from([0, 7, 10**12, -1, "7.0", "null"])] * 3,
)
CANONICAL_V2 = st.builds(
    '{{"version":"v2","executorVersion":"openai.v1","jobId":"{}","path":"{}","status":"COMPLETED","latencyMs":{}{},'
    '"emittedAt":"{}","controlsRevision":{},"gate":{},"ruleId":{},"bucket":{},"attempt":{},"model":{},'
    '"usage":{},"requestId":null}}'.format,
    _PLAIN,
    st.sampled_from(["stub", "openai"]),
    st.integers(0, 9999),
    st.sampled_from(["", ',"errorCode":null', ',"errorCode":"KILL_SWITCH"']),
    TIMES,
    st.sampled_from([0, 12, "null", -1]),
    st.sampled_from(["null", '"rollout"', '"kill_switch"', '"no"']),
    st.sampled_from(["null", '"r{1}"', '"é"']),
    st.sampled_from([0, 42, "42.0", 100]),
    st.sampled_from([0, 1, 3]),
    st.sampled_from(["null", '"gpt-4.1"']),
    st.one_of(st.just("null"), _TOKENS),
)
_OR_NULL = st.one_of(st.just("null"), _PLAIN.map(json.dumps))
_COUNTS = st.one_of(st.integers(0, 10**6 - 1), st.integers(0, 10**12 - 1))


@st.composite
def proven_v2(draw: st.DrawFn) -> str:
    """A valid v2 line as executors write it, all of whose values vary."""
    tokens = ", ".join(f'"{name}Tokens": {draw(_COUNTS)}' for name in ("input", "output", "total"))
    code = draw(st.sampled_from([None, "null", '"KILL_SWITCH"', '"ROLLOUT_EXCLUDED"', '"X"']))
    members = (
        '"version": "v2"',
        '"executorVersion": "openai.v1"',
        f'"jobId": {json.dumps(draw(_PLAIN))}',
        f'"path": "{draw(st.sampled_from(["stub", "openai"]))}"',
        f'"status": "{draw(st.sampled_from(["STUB", "COMPLETED", "FAILED"]))}"',
        f'"latencyMs": {draw(st.sampled_from([0, 7, 812, 123456789, 0.25]))}',
        *([] if code is None else [f'"errorCode": {code}']),
        f'"emittedAt": "{draw(SHAPED_TIMES)}"',
        f'"controlsRevision": {draw(st.one_of(st.just("null"), st.integers(0, 10**15 - 1)))}',
        f'"gate": {draw(st.sampled_from(["null", *(json.dumps(gate) for gate in Gate)]))}',
        f'"ruleId": {draw(_OR_NULL)}',
        f'"bucket": {draw(st.integers(0, 99))}',
        f'"attempt": {draw(st.one_of(st.integers(0, 2), st.integers(0, 10**6 - 1)))}',
        f'"model": {draw(_OR_NULL)}',
        f'"usage": {draw(st.sampled_from(["null", f"{{{tokens}}}"]))}',
        f'"requestId": {draw(_OR_NULL)}',
    )
    separator = draw(st.sampled_from([", ", ","]))
    tight = [one if draw(st.booleans()) else one.replace('": ', '":') for one in members]
    return f"{{{separator.join(tight)}}}"


NOISE = st.one_of(
    st.sampled_from(
        [
            "",
            "Missing OPENAI_API_KEY",
            '  "error": {',
            '{"error": {"type":"server_error"}}',
            "{",
            "}",
            'say "path" and "jobId"',
            '"executorVersion" "jobId"',
            "\\u006aobId",
            "a | b",
            "\x1b[31mred\x1b[0m",
            "\ufeffbom",
            "<html>",
        ]
    ),
    st.text(max_size=60),
)
_PREFIXES = st.sampled_from(
    [
        "",
        "",
        "",
        '  "type":"server_error"}}',
        "x",
        "compose-1  | ",
        "[pod/a/b] ",
        "<34>1 ",
        "{",
        '{"a":1}',
        "3 ",
    ]
)
MESSAGES = st.one_of(
    CANONICAL,
    CANONICAL,
    CANONICAL_V2,
    proven_v2(),
    WRITTEN,
    NOISE,
    st.builds(lambda prefix, record: prefix + record, st.one_of(_PREFIXES, NOISE), CANONICAL),
    st.builds(
        lambda prefix, record: prefix + record,
        st.one_of(_PREFIXES, NOISE),
        st.one_of(WRITTEN, CANONICAL_V2, proven_v2()),
    ),
    st.builds(
        lambda record, suffix: record + suffix,
        st.one_of(WRITTEN, CANONICAL_V2),
        st.one_of(_PREFIXES, NOISE, WRITTEN),
    ),
)
_STREAMS = st.sampled_from(["stderr", "stderr", "stdout"])
_SHAPES = ["raw", "raw", "cri", "cri", "cri", "kubectl", "docker", "compose", "pod", "otlp", "cloudwatch"]
_TAGS = st.sampled_from(["F"] * 12 + ["P", "P", "F:x", "P:x", "Q"])


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """One physical line with its end, sometimes with a byte changed, dropped or added."""
    message = draw(MESSAGES)
    shape = draw(st.sampled_from(_SHAPES))
    if shape == "cri":
        message = f"{draw(TIMES)} {draw(_STREAMS)} {draw(_TAGS)} {message}"
    elif shape == "kubectl":
        message = f"{draw(TIMES)} {message}"
    elif shape == "docker":
        end = draw(st.sampled_from(["\n", "\n", ""]))
        message = json.dumps({"log": message + end, "stream": draw(_STREAMS), "time": draw(TIMES)})
    elif shape == "otlp":
        tags = draw(st.sampled_from([[], [], [{"key": "logtag", "value": {"stringValue": "P"}}]]))
        record = {"timeUnixNano": "7", "attributes": tags, "body": {"stringValue": message}}
        other = {"timeUnixNano": "8", "body": {"stringValue": draw(MESSAGES)}}
        records = draw(st.sampled_from([[record], [record, other], [other, record]]))
        message = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]})
    elif shape == "cloudwatch":
        piece = f"{draw(TIMES)} stderr {draw(_TAGS)} {draw(MESSAGES)}"
        events = [{"id": "1", "timestamp": 7, "message": text} for text in (message, piece)]
        one = json.dumps({"messageType": "DATA_MESSAGE", "owner": "1", "logEvents": events})
        message = one * draw(st.integers(1, 2))
    elif shape == "compose":
        message = f"executor-1  | {message}"
    elif shape == "pod":
        message = f"[pod/executor-7/run] {draw(TIMES)} {message}"
    data = bytearray(message.replace("\n", " ").encode("utf-8", "surrogatepass"))
    if data and draw(st.integers(0, 7)) == 0:
        place = draw(st.integers(0, len(data) - 1))
        match draw(st.sampled_from(["change", "drop", "add", "cut"])):
            case "change":
                data[place] = draw(st.integers(0, 255))
            case "drop":
                del data[place]
            case "add":
                data.insert(place, draw(st.integers(0, 255)))
            case _:
                del data[place:]
    return bytes(data).replace(b"\n", b" ") + draw(st.sampled_from([b"\n"] * 8 + [b"\r\n"]))
