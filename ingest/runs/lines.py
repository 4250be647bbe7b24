# ruff: noqa: N815 -- fields are named as in the document
"""Read what was recorded of runs: `exec-run.v1`, strictly (docs/file-formats.md)."""

from typing import Literal

import msgspec

from schemas import strict_json
from schemas.errors import ContractError
from schemas.instant import epoch_ns

_FAR = 2**62


class _Stretch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    file: str
    inode: int
    from_: int = msgspec.field(name="from")
    to: int


class _Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    digest: str
    jobId: str | None


class _Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: Literal["valid", "invalid", "missing", "unseen"]
    jobId: str | None
    status: str | None
    problem: str | None


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal["exec-run.v1"]
    run: str
    source: str
    kind: Literal["job", "service"]
    startedAt: str
    endedAt: str
    revision: int | None
    controlsUnknown: str | None
    exitCode: int | None
    signal: int | None
    spool: _Stretch | None
    lostBytes: int
    spec: _Spec | None
    result: _Result


class Run(msgspec.Struct, frozen=True):
    """One run, as a row of `exec_run`."""

    run_id: str
    started_ns: int
    ended_ns: int
    revision: int | None
    source: str
    kind: str
    inode: int | None
    from_offset: int
    to_offset: int
    lost_bytes: int
    exit_code: int | None
    signal: int | None
    spec_digest: str | None
    spec_job_id: str | None
    result_state: str
    result_job_id: str | None
    result_status: str | None
    problem: str | None


def read_run(line: bytes) -> Run | None:
    """The run in a line, or None when it is anything but a valid `exec-run.v1`. Never raises."""
    try:
        found = msgspec.convert(strict_json.loads(line), _Line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ContractError):
        return None
    started_ns, ended_ns = epoch_ns(found.startedAt), epoch_ns(found.endedAt)
    spool, numbers = found.spool, (found.lostBytes, found.revision or 0, found.exitCode or 0)
    places = (0, 0, 0) if spool is None else (spool.inode, spool.from_, spool.to)
    if started_ns is None or ended_ns is None or not found.run:
        return None
    if not all(-_FAR < number < _FAR for number in (started_ns, ended_ns, *numbers, *places)):
        return None
    return Run(
        run_id=found.run,
        started_ns=started_ns,
        ended_ns=ended_ns,
        revision=found.revision,
        source=found.source,
        kind=found.kind,
        inode=None if spool is None else spool.inode,
        from_offset=places[1],
        to_offset=places[2],
        lost_bytes=found.lostBytes,
        exit_code=found.exitCode,
        signal=found.signal,
        spec_digest=None if found.spec is None else found.spec.digest,
        spec_job_id=None if found.spec is None else found.spec.jobId,
        result_state=found.result.state,
        result_job_id=found.result.jobId,
        result_status=found.result.status,
        problem=found.result.problem,
    )
