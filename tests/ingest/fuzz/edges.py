"""Texts at the edges of what a telemetry line may hold: most are valid JSON, some valid for some key."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TIMES = _words("""
2026-11-21T02:23:41Z 2026-11-21T02:23:41.5+01:00 2026-11-21T02:23:41.123456789-00:30 2026-02-30T00:00:00Z
2024-02-29T23:59:59.999999999Z 1677-09-21T00:12:43Z 1677-09-21T00:12:43.145224192Z 0000-01-01T00:00:00Z
1969-12-31T23:59:59.999999999Z 2262-04-11T23:47:16.854775807Z 2262-04-12T00:00:00Z 9999-12-31T23:59:59-23:59
""")
"""Every one fits the pattern of the contract; some are no moments."""

NO_TIMES = _words("""
2026-11-21 2026-11-21T24:00:00Z 2026-11-21T02:23:41.1234567890Z 2026-11-21t02:23:41Z 2026-11-21T02:23:60Z
2026-11-21T02:23:41 2026-13-01T00:00:00Z 2026-11-21T02:23:41.Z 2026-11-21T02:23:41+0100 ٢026-11-21T02:23:41Z
""")

NUMBERS = (
    *_words("""
0 -0 -0.0 0.0 1 -1 12 99 100 99.0 100.0 1e2 1E2 1e-2 0.1e1 999999 1000000 1000001 1e6 1000000.0 1000000.5
999999999 1000000000 999999999999 1000000000000 1000000000001 1e12 1e13 123456789.123456 0.1234567
9007199254740991 9007199254740992 9007199254740993 9007199254740991.0 9223372036854775807 9223372036854775808
18446744073709551615 18446744073709551616 4.9e-324 2e-324 -1e-400 1.7976931348623157e308
1.7976931348623159e308 1e308 1e309 -1e309 1E400 0e999 01 1. .5 +1 0x1 1e 1e+ --1 1_000 NaN Infinity -Infinity
nan true false null "12" [] {} [1] {"a":1} {"a":1,"a":2} 9.999999999999999e22 5e-324 0.30000000000000004
"""),
    *("1" + "0" * 308, "1" + "0" * 309, "9" * 310, "9" * 311, "9" * 5000),
    *("1." + "0" * 400, "0." + "0" * 400 + "1"),
)

STRINGS = (
    *_words(r"""
"" "x" "é" "日本" "😀" "\u00e9" "\ud83d\ude00" "\ud83d" "\uDE00" "\ude00\ud83d" "\ud83dx" "\ud83d\ud83d\ude00"
"\\ud83d" "\u0000" "\x" "\u12" "a\"b" "a\\" "\\\"" "\/" "\b\f\n\r\t" "{" "}" "{}" "\u007b" 'x' x "unterminated
"a""b" "a"b" null true 7 "a|b" "sk-aaaaaaaaaaaaaaaaaaaa" "token:abcdefgh" "v1" "v2" "v3" "stub" "openai"
"Stub" "STUB" "COMPLETED" "FAILED" "\u0073tub" "\u0076\u0031" "kill_switch" "rollout" "no_gate" "KILL_SWITCH"
"jobId" "\"executorVersion\":\"jobId\"" "2026-11-21T02:23:41Z\n"
{"inputTokens":1,"outputTokens":2.0,"totalTokens":3}
{"inputTokens":1,"outputTokens":2} {"inputTokens":1,"outputTokens":2,"totalTokens":3,"totalTokens":3}
{"inputTokens":true} {"inputTokens":1,"outputTokens":2,"totalTokens":3,"cost":4}
"""),
    *('" "', '"stub "', '" stderr P "', '"\x7f"', '"\x01"', '"\t"', '"a\rb"', '"' + "y" * 5000 + '"'),
    *('"\udcff"', '"\udced\udca0\udc80"', '"\udcc0\udcaf"'),  # bytes that are no UTF-8, by surrogateescape
    *(f'"{time}"' for time in (*TIMES, *NO_TIMES)),
)

KEYS = (
    *_words(r"""
"version" "executorVersion" "jobId" "path" "status" "latencyMs" "errorCode" "emittedAt" "controlsRevision"
"gate" "ruleId" "bucket" "attempt" "model" "usage" "requestId" "job\u0049d" "\u0070ath" "\u006Cog" "jobid"
"job_id" "Path" "extra" "" jobId 'jobId' 7 null "jobId\u0000" "jobI\d"
"""),
    *('"jobId "', '"\ufeffjobId"'),
)

BYTES = (
    *(word.encode() for word in _words(r"""" \ , { } [ ] : | 0 - . e + u \u \ud83d \\ // /**/ # NaN ' ''""")),
    *(b" ", b"\t", b"\r", b"\n", b"\x00", b"\x1b", b"\x7f", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xa0"),
    *(b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8"),  # a byte order mark; line ends that are none
)

AROUND = (
    *(
        word.encode()
        for word in _words(r"""
x { } [ ] ' \ null <p> "type":"server_error"}} {"a":1} {"path": "jobId" {"executorVersion":"x","jobId":
,"a":1} "executorVersion" {"jobId":1,"path":2} {"jobId":1,"path":2,"status":3} "path":"openai"
{"version":"v1","jobId":"j","status":"STUB","generatedAt":"","output":null}
""")
    ),
    *(b"error: ", b'say "', b'{"error":{"message":"cut ', b"OpenAI said no. ", b"  ", b"\x00", b"\xff\xfe"),
    *(b"\xef\xbb\xbf", b"\x1b[31m", b'"executorVersion" "jobId" ', b'"executorVersion'),
)
"""What may stand before, behind or instead of a record."""
