"""Control histories: which controls were in force when, as half-open intervals.

Two shapes are read. Ours is the published `controls/history.jsonl`, one `control-revision.v1` a
line. The field's has one object a line: `at`, the three environment variables as text or null, and
`allowlist` on or off; it names no step, so the step is derived (CONTRACTS section 7).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gates.policy import ZeroAdmits, derive_step
from ingest.errors import InvalidHistory, UnreadableSource, reason_of
from schemas import check, strict_json
from schemas.errors import ContractError
from schemas.instant import epoch_ns
from schemas.stages import STAGE_OF, Step

HOME = "home"
"""The id of the history that a home writes itself; others are named by a digest of what they say."""

_FIELD_KEYS = ("FEATURE_SLOTGEN_AI", "SLOTGEN_AI_KILL", "SLOTGEN_AI_ROLLOUT_PERCENT")
_PERCENTS = {str(percent): percent for percent in range(101)}
_OURS = "control-revision.v1"


class _NoEffect(InvalidHistory):
    """All of it is right, and no revision in it took effect."""


@dataclass(frozen=True, slots=True)
class Interval:
    """One revision in force from `from_ns` until before `to_ns` (epoch nanoseconds; None: still).

    `publishing_ns` is when its publication began: from then to `from_ns` a reader may have seen it.
    `removed`: the control file was taken away, which denies everything. `denies_from_ns`: when a limited
    revision ran out (`validUntil`, the end of a break-glass) and every decision denied as under a kill.
    `allowlist_digest` names its allowlist, where the history holds it.
    """

    from_ns: int
    to_ns: int | None
    revision: int
    stage: int | None
    step: Step
    kill: bool
    feature: bool
    percent: int
    allowlist: bool
    zero_admits: ZeroAdmits
    removed: bool = False
    publishing_ns: int | None = None
    allowlist_digest: str | None = None
    denies_from_ns: int | None = None


@dataclass(frozen=True, slots=True)
class ControlHistory:
    """Intervals in time order; each ends where the next begins, only the last may be open.

    `allowlists` has the JSON text of each allowlist by its digest.
    """

    history_id: str
    name: str
    intervals: tuple[Interval, ...]
    allowlists: Mapping[str, str] = field(default_factory=dict, compare=False)


def read_history(path: Path, zero_admits: ZeroAdmits = "nobody") -> ControlHistory:
    """The history in `path`, either shape. `zero_admits` speaks only for the field's shape.

    Raises `InvalidHistory`.
    """
    data = _bytes(path)
    digest = hashlib.sha256(f"{zero_admits}\n".encode() + data).hexdigest()[:16]
    return _history(digest, path, data.split(b"\n"), zero_admits)


def read_home_history(path: Path) -> ControlHistory | None:
    """The history that the home itself writes, or None when nothing has taken effect in it yet.

    A crash during the first publication leaves the line that announces it and no effect. A last line
    without its newline is still being written and not looked at. Raises `InvalidHistory`,
    and `UnreadableSource` when the home cannot be looked into.
    """
    try:
        whole_lines = path.read_bytes().split(b"\n")[:-1]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadableSource(
            f"the control history `{path}` cannot be read: {reason_of(error)}; make it and its "
            "folder readable"
        ) from None
    if not any(line.strip() for line in whole_lines):
        return None
    try:
        return _history(HOME, path, whole_lines, "nobody")
    except _NoEffect:
        return None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidHistory(
            f"the control history `{path}` cannot be read: {reason_of(error)}; name a readable file"
        ) from None


def _history(history_id: str, path: Path, lines: list[bytes], zero_admits: ZeroAdmits) -> ControlHistory:
    allowlists: dict[str, str] = {}
    try:
        documents = [(number, _document(number, line)) for number, line in _numbered(lines)]
        if not documents:
            raise _NoEffect("it holds no revision")
        first = documents[0][1]
        if isinstance(first, dict) and first.get("version") == _OURS:
            starts = sorted(_from_ours(documents, allowlists), key=lambda interval: interval.from_ns)
        else:
            starts = list(_from_the_field(documents, zero_admits))
    except (InvalidHistory, ContractError) as error:
        kind = _NoEffect if isinstance(error, _NoEffect) else InvalidHistory
        raise kind(f"`{path}` is not a control history: {error}; correct it, nothing was loaded") from None
    ends = [later.from_ns for later in starts[1:]]
    closed = [replace(interval, to_ns=end) for interval, end in zip(starts, ends, strict=False)]
    return ControlHistory(history_id, str(path), (*closed, starts[-1]), allowlists)


def _numbered(lines: list[bytes]) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _document(number: int, line: bytes) -> Any:
    try:
        return strict_json.loads(line)
    except ContractError as error:
        raise InvalidHistory(f"line {number}: {error}") from None


def _from_ours(documents: list[tuple[int, Any]], allowlists: dict[str, str]) -> Iterator[Interval]:
    publishing: dict[int, int] = {}
    found = False
    for number, document in documents:
        problems = check.problems(_OURS, document)
        if problems:
            raise InvalidHistory(f"line {number}: {problems[0]}")
        at, revision, controls = _moment(number, document["at"]), document["revision"], document["controls"]
        match document["event"]:
            case "publishing":
                publishing[revision] = at
                continue
            case "removed":
                yield _removed(at, revision)
            case _ if controls is None:
                raise InvalidHistory(f"line {number}: revision {revision} took effect without its controls")
            case _:
                text = json.dumps(controls["allowlist"], sort_keys=True)
                digest = hashlib.sha256(text.encode()).hexdigest()[:16]
                allowlists[digest] = text
                yield _effective(at, int(revision), controls, publishing.pop(revision, None), digest)
        found = True
    if not found:
        raise _NoEffect("no revision in it took effect")


def _effective(
    at: int, revision: int, controls: Mapping[str, Any], publishing_ns: int | None, digest: str
) -> Interval:
    ends = (epoch_ns(controls[key]) for key in ("breakGlassUntil", "validUntil") if controls[key])
    return Interval(
        from_ns=at,
        to_ns=None,
        revision=revision,
        stage=int(controls["stage"]),
        step=Step(controls["step"]),
        kill=controls["kill"],
        feature=controls["feature"],
        percent=int(controls["percent"]),
        allowlist=controls["allowlist"]["enabled"],
        zero_admits=controls["rolloutZero"],
        publishing_ns=publishing_ns,
        allowlist_digest=digest,
        denies_from_ns=min((end for end in ends if end is not None and -(2**63) < end < 2**63), default=None),
    )


def _removed(at: int, revision: int) -> Interval:
    return Interval(
        from_ns=at,
        to_ns=None,
        revision=int(revision),
        stage=STAGE_OF[Step.BASELINE],
        step=Step.BASELINE,
        kill=True,
        feature=False,
        percent=0,
        allowlist=False,
        zero_admits="nobody",
        removed=True,
    )


def _from_the_field(documents: list[tuple[int, Any]], zero_admits: ZeroAdmits) -> Iterator[Interval]:
    before: int | None = None
    for revision, (number, document) in enumerate(documents, 1):
        _check_field_line(number, document)
        at = _moment(number, document["at"])
        if before is not None and at < before:
            raise InvalidHistory(f"line {number} is earlier than the line before it")
        before = at
        kill = document.get("SLOTGEN_AI_KILL") == "true"
        feature = document.get("FEATURE_SLOTGEN_AI") == "true"
        percent = _PERCENTS.get(document.get("SLOTGEN_AI_ROLLOUT_PERCENT") or "", 0)
        allowlist = document["allowlist"] == "on"
        step = derive_step(
            kill=kill, feature=feature, percent=percent, allowlist=allowlist, zero_admits=zero_admits
        )
        stage = STAGE_OF[step]
        yield Interval(at, None, revision, stage, step, kill, feature, percent, allowlist, zero_admits)


def _check_field_line(number: int, document: object) -> None:
    if not isinstance(document, dict):
        raise InvalidHistory(f"line {number} is not an object")
    strangers = sorted(set(document) - {"at", "allowlist", *_FIELD_KEYS})
    if strangers:
        raise InvalidHistory(f"line {number}: `{strangers[0][:80]}` is not a key of a control history")
    for key in _FIELD_KEYS:
        if not isinstance(document.get(key), str | None):
            raise InvalidHistory(f"line {number}: `{key}` is neither text nor null")
    if document.get("allowlist") not in ("on", "off"):
        raise InvalidHistory(f"line {number}: `allowlist` is neither on nor off")


def _moment(number: int, text: object) -> int:
    at = epoch_ns(text) if isinstance(text, str) else None
    if at is None or not -(2**63) < at < 2**63:
        raise InvalidHistory(f"line {number}: `at` is not a time like 2026-11-21T02:22:53.390129Z")
    return at
