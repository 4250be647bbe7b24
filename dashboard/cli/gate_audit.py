"""Show what the gate audit found: lines that the controls of their time do not explain.

Every line is compared with the controls that were in force when it was decided. A line that is legal
under a neighbouring revision, within the clock skew or while that one was being published, is in grace:
counted apart, no violation. docs/gate-audit.md says what each code means and what to do.

exit codes: 0 no violation that is critical or high · 1 at least one is · 2 wrong usage · 4 the
telemetry store cannot be used (locked, damaged) · 12 no violation was found, but nothing was
judged, or lines still wait for the audit: no answer
"""

import json
import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.cli.home import home_asked
from dashboard.cli.output import say, say_json
from dashboard.cli.places import place
from dashboard.cli.since import since
from dashboard.cli.words import counted
from dashboard.data.format import lines_kept_since
from gates.verdict.evidence import Severity
from gates.verdict.gate_audit import GateCode
from schemas.stages import Step

if TYPE_CHECKING:
    from ingest.gate_audit import Findings, FoundCode, Line

VIOLATION = 1
NO_ANSWER = 12
_SHOWN = 20
_SKEW_UNIT = 1e9


def configure(parser: ArgumentParser) -> None:
    """Declare the options; those that choose lines may be combined."""
    parser.add_argument("--revision", type=int, metavar="N", help="only lines decided under this revision")
    parser.add_argument("--step", choices=[step.value for step in Step], help="only lines of this step")
    parser.add_argument(
        "--since",
        type=since,
        metavar="TIME",
        help="only lines from this time on: 2026-11-21T02:22:53Z, or 90s, 30m, 2h, 7d before now",
    )
    parser.add_argument("--code", choices=[code.value for code in GateCode], help="only this code")
    parser.add_argument(
        "--history",
        metavar="ID",
        help="only lines judged by this control history: `home`, which verdicts look at, or an imported one",
    )
    parser.add_argument("--lines", action="store_true", help="list the lines, newest first")
    parser.add_argument("--limit", type=_count, default=_SHOWN, help=f"how many lines (default: {_SHOWN})")
    parser.add_argument("--offset", type=_count, default=0, help="leave out so many of the newest")
    parser.add_argument("--excused", action="store_true", help="list the lines in grace, too")
    parser.add_argument("--home", type=place, help="the home (default: SLOTGATE_HOME, else .slotgate)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def execute(arguments: Namespace) -> int:
    """Run `slotgate gate-audit`."""
    from dashboard.telemetry.at_home import HomeTelemetry
    from dashboard.telemetry.port import LinesQuestion
    from ingest.gate_audit import Filter

    chosen = Filter(
        revision=arguments.revision,
        step=Step(arguments.step) if arguments.step else None,
        since_ns=arguments.since,
        code=GateCode(arguments.code) if arguments.code else None,
        history=arguments.history,
    )
    telemetry = HomeTelemetry(home_asked(arguments.home, os.environ, Path.cwd()))
    findings = telemetry.gate_findings(chosen)
    lines: tuple[Line, ...] = ()
    if arguments.lines:
        question = LinesQuestion(
            chosen=chosen, limit=arguments.limit, offset=arguments.offset, with_excused=arguments.excused
        )
        lines = telemetry.gate_lines(question)
    if arguments.json:
        from dashboard.documents.gate_audit import found_lines

        say_json(found_lines(chosen, findings, lines if arguments.lines else None))
    else:
        say("\n".join((*_counts(findings), *_listed(lines), *_next(findings, arguments.lines))))
    return _exit_code(findings)


def _exit_code(findings: "Findings") -> int:
    if findings.violations(Severity.CRITICAL) or findings.violations(Severity.HIGH):
        return VIOLATION
    return NO_ANSWER if findings.unaudited or not findings.judged else 0


def _counts(findings: "Findings") -> list[str]:
    skew = f"{findings.clock_skew_ns / _SKEW_UNIT:g} s"
    said = [
        f"{counted(findings.judged, 'line')} judged against the controls of their time, clock skew {skew}"
    ]
    if findings.gone_before_ns is not None:
        said.append(f"{lines_kept_since(findings.gone_before_ns)}, with what was found in them")
    said += [f"not judged: {counted(lines, 'line')}, {reason}" for reason, lines in findings.not_judged]
    if findings.unaudited:
        said.append(
            f"waiting for the audit: {counted(findings.unaudited, 'line')}; `slotgate ingest load` or "
            "`slotgate serve` audits them"
        )
    if findings.scope_unknown:
        said.append(
            f"not checked for opt-in and scope: {counted(findings.scope_unknown, 'NOT_ALLOWLISTED line')} "
            "of jobs whose spec is not known"
        )
    violations = [one for one in findings.found if one.lines]
    said += ["", *map(_row, findings.found)] if findings.found else []
    if violations:
        by = [(severity, findings.violations(severity)) for severity in Severity]
        said += ["", "violations: " + ", ".join(f"{count:,} {severity}" for severity, count in by if count)]
    elif findings.judged:
        said += ["", "no violation was found in these lines"]
    else:
        said += ["", "nothing was judged: no answer"]
    return said


def _row(one: "FoundCode") -> str:
    from ingest.instants import rfc3339

    grace = f", {counted(one.excused, 'line')} in grace" if one.excused else ""
    of_jobs = f" of {counted(one.jobs, 'job')}" if one.jobs else ""
    last = "" if one.last_ns is None else f", last {rfc3339(one.last_ns)}"
    history = "" if one.history in (None, "home") else f" (imported history {one.history})"
    return f"  {one.severity:<8}  {one.code:<21}  {counted(one.lines, 'line')}{of_jobs}{grace}{last}{history}"


def _listed(lines: tuple["Line", ...]) -> list[str]:
    said = []
    for line in lines:
        where = f"{json.dumps(line.source, ensure_ascii=False)} offset {line.line_offset}"
        job = json.dumps(line.job_id, ensure_ascii=False)
        said += [
            "",
            f"{line.severity} {line.code}  job {job}",
            f"  {line.words}",
            f"  {where} ({line.trust})",
        ]
    return said


def _next(findings: "Findings", is_listed: bool) -> list[str]:
    worst = next((one.code for one in findings.found if one.lines), None)
    if worst is None or is_listed:
        return []
    return [f"`slotgate gate-audit --code {worst} --lines` shows them; docs/gate-audit.md says what to do"]


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise ValueError
    return count
