from hypothesis import example, given

from ingest.contract.outcomes import Accepted, Claims, Noise
from ingest.contract.valid_lines import claims_of
from ingest.contract.validate import Invalid, ValidLine, ValidV2, validate
from ingest.reference.logical_lines import outcomes_of
from ingest.reference.records import claims_openai, worth_a_look
from ingest.transports.detect import plain
from ingest.transports.message import Message
from tests.ingest.reference.test_objects import TEXTS, obvious
from tests.ingest.telemetry import PLAIN


def claimed(line: ValidLine) -> Claims | None:
    return claims_of(line) if isinstance(line, ValidV2) else None


def agree(text: bytes) -> None:
    """Accepted is what the obvious method finds and the contract takes: no shortcut sees it differently."""
    outcomes = outcomes_of(Message(text))
    found = [validate(plain(text)[start:end]) for start, end in obvious(plain(text))]
    accepted = [
        (o.executor_version, o.job_id, o.path, o.status, o.latency_ms, o.error_code, o.claims)
        for o in outcomes
        if isinstance(o, Accepted)
    ]
    assert accepted == [
        (v.executor_version, v.job_id, v.path, v.status, v.latency_ms, v.error_code, claimed(v))
        for v in found
        if not isinstance(v, Invalid)
    ]
    assert worth_a_look(text) or isinstance(outcomes[0], Noise)
    assert [o.index for o in outcomes if not isinstance(o, Noise)] == list(range(len(outcomes)))[
        : len(outcomes) - isinstance(outcomes[0], Noise)
    ]


@given(TEXTS)
@example(b'{"a":"' + PLAIN)
@example(b'{"a":[' + PLAIN)
@example(b'{"jobId":"' + PLAIN)
@example(b"{" + PLAIN)
@example(b'{"a":{}}{"b":' + PLAIN + b"}" + PLAIN)
def test_shortcuts_make_no_difference(text: bytes) -> None:
    agree(text)


def test_only_the_path_claims_openai() -> None:
    assert claims_openai(b'{"path" : "openai"')
    assert not claims_openai(b'{"executorVersion":"openai.v1","path":"stub"')
    assert not claims_openai(b'{"path":"openais"')
