"""The report as tables for people."""

from typing import Any

from dashboard.cli.tables import table
from dashboard.cli.words import counted

_GAPS_SHOWN = 5


def in_words(report: dict[str, Any]) -> str:
    """Totals, then one block a step in time order, then what belongs to no step."""
    totals = report["totals"]
    parts = [_heading(report), *_block(totals)]
    for step in report["steps"]:
        stage = "off the ladder" if step["stage"] is None else f"stage {step['stage']}"
        until = step["to"] or "now"
        revisions = ", ".join(map(str, step["revisions"]))
        parts += ["", f"{step['step']} ({stage}), {step['from']} to {until}, revision {revisions}"]
        parts += _block(step)
        if step["straddling"]:
            parts.append(f"  {step['straddling']:,} of them were running while the controls changed")
    unattributed = report["unattributed"]
    if unattributed["lines"]:
        reasons = ", ".join(f"{one['count']:,} {one['reason']}" for one in unattributed["reasons"])
        parts += ["", f"in no step ({reasons})", *_block(unattributed)]
    return "\n".join(parts)


def _heading(report: dict[str, Any]) -> str:
    totals, quarantine = report["totals"], report["quarantine"]
    lines = [
        f"{counted(totals['lines'], 'telemetry line')} from {counted(report['sources'], 'source')}"
        + (f", {totals['from']} to {totals['to']}" if totals["from"] else "")
    ]
    chosen = {name: value for name, value in report["filter"].items() if value}
    if chosen:
        lines.append("only " + ", ".join(f"{name} {value}" for name, value in chosen.items()))
    if quarantine["count"]:
        causes = ", ".join(f"{one['count']:,} {one['cause']}" for one in quarantine["by_cause"])
        lines.append(
            f"quarantined: {quarantine['count']:,} ({causes});"
            f" {quarantine['claims_openai']:,} say path openai"
        )
    if totals["contradictions"]:
        said = ", ".join(f"{one['count']:,} {one['contradiction']}" for one in totals["contradictions"])
        lines.append(f"cannot be true: {said}")
    lines += _archived(report["archive"])
    lines += _missed(report["gaps"])
    lines += _deleted(report["deleted"])
    if report["prices"]:
        lines.append(f"costs: {report['prices']['label']}, in {report['prices']['currency']}")
    audit = report["gate_audit"]
    found = ", ".join(f"{count:,} {severity}" for severity, count in audit["violations"].items() if count)
    waiting = f", {counted(audit['unaudited'], 'line')} not audited yet" if audit["unaudited"] else ""
    if found or waiting:
        lines.append(f"gate audit: {found or 'no violation so far'}{waiting}; see `slotgate gate-audit`")
    elif audit["judged"]:
        lines.append(f"gate audit: no violation in {counted(audit['judged'], 'line')} judged")
    return "\n".join(lines)


def _missed(gaps: list[dict[str, Any]]) -> list[str]:
    """What no line tells of: it went before it was read."""
    said = [
        f"  `{one['name']}` was {one['cause']} before bytes {one['from']:,} to {one['to']:,} were read"
        f", seen {one['at']}"
        for one in gaps[:_GAPS_SHOWN]
    ]
    if not said:
        return []
    missing = counted(sum(one["to"] - one["from"] for one in gaps), "byte")
    more = len(gaps) - _GAPS_SHOWN
    return [
        f"MISSING: {missing} of logs, gone before they were read; where a copy is left, load it",
        *said,
        *([f"  and {more:,} more (--json lists all)"] if more > 0 else []),
    ]


def _archived(archive: dict[str, Any]) -> list[str]:
    lines = []
    if archive["parts"]:
        lines.append(
            f"archive: {counted(archive['lines'], 'line')} in {counted(archive['parts'], 'part')} of it, read"
        )
    if archive["missing"]:
        lines.append(
            f"MISSING: {counted(archive['missing_lines'], 'archived line')}; put the parts back, then look "
            "with `slotgate ingest archive verify`"
        )
    lines += [
        f"  `{one['name']}`, {counted(one['rows'], 'row')}: {one['wrong']}" for one in archive["missing"]
    ]
    if archive["unrecorded"]:
        named = ", ".join(f"`{name}`" for name in archive["unrecorded"])
        lines.append(f"not counted, because the telemetry file does not know them: {named}")
    return lines


def _deleted(deleted: dict[str, Any]) -> list[str]:
    if not deleted["lines"]:
        return []
    older = "without a time" if deleted["before"] is None else f"of before {deleted['before'][:10]}"
    lines = counted(deleted["lines"], "line")
    return [
        f"not in this report: {lines} {older}, deleted by retention; pages have their counts, from rollups"
    ]


def _block(group: dict[str, Any]) -> list[str]:
    if not group["lines"]:
        return ["  no lines"]
    outcomes = [
        (
            f"{one['path']} {one['status']} {one['errorCode'] or '-'}",
            f"{one['count']:,}",
            f"{one['share']:.1%}",
        )
        for one in group["by_outcome"]
    ]
    latencies = [
        (path, f"{found['count']:,}", *(_milliseconds(found[p]) for p in ("p50", "p95", "p99")))
        for path, found in group["latency"].items()
        if found["count"]
    ]
    return [
        *table(("outcome", "lines", "share"), outcomes, (1, 2)),
        *table(("latency, ms", "lines", "p50", "p95", "p99"), latencies, (1, 2, 3, 4)),
        *_usage(group),
    ]


def _usage(group: dict[str, Any]) -> list[str]:
    """Calls and tokens by model, and what they cost as far as it is known."""
    if not group["usage"]:
        return []
    sums: dict[str, list[int]] = {}
    for one in group["usage"]:
        row = sums.setdefault(one["model"] or "not told", [0, 0, 0, 0])
        for place, key in enumerate(("calls", "inputTokens", "outputTokens", "linesWithoutUsage")):
            row[place] += one[key]
    rows = [(model, *(f"{number:,}" for number in row)) for model, row in sums.items()]
    head = ("tokens by model", "calls", "in", "out", "lines without")
    return [*table(head, rows, (1, 2, 3, 4)), *_cost(group["cost"])]


def _cost(cost: dict[str, Any] | None) -> list[str]:
    if cost is None:
        return []
    unknown = "; ".join(
        f"not in it: {counted(one['lines'], 'line')} of {one['model'] or 'no model'}, {one['why']}"
        for one in cost["unknown"]
    )
    return [f"  cost {cost['amount']:,.6f} {cost['currency']}{'; ' if unknown else ''}{unknown}"]


def _milliseconds(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
