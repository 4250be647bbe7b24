"""One finding in words, for whoever is woken by it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, assert_never

from gates.verdict.gate_audit import GateCode
from gates.verdict.situations import Controls, Situation, situation
from ingest.history.controls import Interval
from ingest.instants import rfc3339
from ingest.recent_jobs import PROBE
from schemas.instant import SECOND


def in_words(row: Mapping[str, Any], intervals: Sequence[Interval]) -> str:
    """Say what the line of a finding says, when, under what, and why that is wrong.

    `row` has the finding with its line; `intervals` are those of its history.
    """
    said = f"{_said(row)}{_when(row)}"
    code = GateCode(row["code"])
    if code is GateCode.CONTRACT:
        return f"{said}: {row['contradiction']}, which cannot be true"
    if code is GateCode.BUCKET_MISMATCH:
        return f"{said}: it claims bucket {row['claimed_bucket']}, and its jobId has {row['bucket']}"
    if code is GateCode.CLAIM_MISMATCH:
        return f"{said}: it claims {row['wrong_claim']}, which cannot be true"
    if code is GateCode.REVISION_MISMATCH:
        return f"{said}: it claims revision {row['claimed_revision']}, which was not in force then"
    if code is GateCode.UNKNOWN_REASON:
        return f"{said}: no gate gives this reason"
    number = row["interval_no"]
    if number is None or number >= len(intervals):
        return said
    under = f"{said} under revision {row['revision']}"
    if code is GateCode.INCONSISTENT_DECISION:
        other = "excluded" if row["path"] == "openai" else "admitted"
        return f"{under}, which also {other} this job"
    grace = "" if row["explained_by"] is None else f"; in grace: legal under revision {row['explained_by']}"
    return f"{under}: {_demand(row, intervals, number)}{grace}"


def _said(row: Mapping[str, Any]) -> str:
    if row["path"] == "openai":
        ending = row["error_code"] or ("" if row["status"] == "COMPLETED" else row["status"])
        return f"openai {ending}".rstrip()
    return f"stub {row['error_code']}" if row["error_code"] else "stub without errorCode"


def _when(row: Mapping[str, Any]) -> str:
    written, decided = row["line_time_ns"], row["decided_from_ns"]
    if written is None:
        return " at an unknown time"
    began = "" if decided is None or written - decided < SECOND else f" (begun {_moment(decided, written)})"
    return f" at {_moment(written, None)}{began}"


def _demand(row: Mapping[str, Any], intervals: Sequence[Interval], number: int) -> str:
    interval, decided = intervals[number], row["decided_from_ns"]
    bucket, percent = row["bucket"], interval.percent
    everyone = percent == 0 and interval.zero_admits == "everyone"
    ran_out = interval.denies_from_ns is not None and decided >= interval.denies_from_ns
    controls = Controls(
        denies=interval.kill or interval.removed or ran_out,
        feature=interval.feature,
        allowlist=interval.allowlist,
        admits_below=100 if everyone else percent,
    )

    def since(holds: Callable[[Interval], bool]) -> str:
        first = number
        while first > 0 and holds(intervals[first - 1]):
            first -= 1
        return f"since {_moment(intervals[first].from_ns, row['line_time_ns'])}"

    where = situation(controls, bucket, opted_in=row["opted_in"], permitted=row["permits"])
    match where:
        case Situation.KILLED if interval.removed:
            return f"the control file was gone {since(lambda one: one.removed)}"
        case Situation.KILLED if interval.kill:
            return f"the kill was on {since(lambda one: one.kill)}"
        case Situation.KILLED:
            return f"it ran out at {_moment(interval.denies_from_ns or 0, row['line_time_ns'])}, which kills"
        case Situation.FEATURE_OFF:
            return f"the feature was off {since(lambda one: not one.feature)}"
        case Situation.NOT_OPTED_IN if row["job_id"].startswith(PROBE):
            return "a probe never opts in to AI"
        case Situation.NOT_OPTED_IN:
            return "its job spec does not opt in to AI"
        case Situation.ALLOWLIST_OFF:
            return f"the allowlist was off {since(lambda one: not one.allowlist)}"
        case Situation.NOT_PERMITTED:
            return "no allowlist rule permits its job spec"
        case Situation.OUTSIDE | Situation.OUTSIDE_IN_SCOPE:
            return f"the gates were open, and bucket {bucket} is outside {percent} %"
        case Situation.INSIDE | Situation.INSIDE_IN_SCOPE:
            scope = " and a rule permits its job spec" if where is Situation.INSIDE_IN_SCOPE else ""
            within = "percent 0 admits everyone" if everyone else f"bucket {bucket} is within {percent} %"
            return f"the gates were open, {within}{scope}"
        case _:
            assert_never(where)


def _moment(at_ns: int, beside_ns: int | None) -> str:
    """To the second, without the day where it is that of `beside_ns`."""
    text = rfc3339(at_ns - at_ns % SECOND)
    if beside_ns is not None and rfc3339(beside_ns)[:10] == text[:10]:
        return text[11:-1]
    return text
