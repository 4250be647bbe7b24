"""The summary of a load in words."""

from dashboard.cli.words import counted
from dashboard.telemetry.port import Loaded
from ingest.loading.summary import SourceSummary

STATES = {
    "new": "new",
    "grew": "went on where the last load ended",
    "unchanged": "not changed since the last load",
    "copy": "held already, from another file with the same content",
    "restarted": "begun anew in the same file",
    "waiting": "too short yet to tell it from a copy",
    "failed": "not read to its end",
}
_SOURCES_SHOWN = 20


def in_words(loaded: Loaded) -> str:
    """What was read, what became of it, and that it adds up."""
    summary = loaded.summary
    counts = summary.counts
    records = summary.accepted + summary.duplicate + counts.quarantined
    lines = [f"{counted(len(summary.sources), 'source')}, {counted(counts.lines, 'line')}:"]
    lines += [f"  {one}" for one in map(_source, summary.sources[:_SOURCES_SHOWN])]
    if len(summary.sources) > _SOURCES_SHOWN:
        lines.append(f"  … and {len(summary.sources) - _SOURCES_SHOWN:,} more (--json lists all)")
    lines.append(
        f"lines    {counts.lines:,} = {counts.record_lines:,} with records + {counts.noise_lines:,} noise"
        f" + {counts.joined_pieces:,} further pieces of joined lines"
    )
    lines.append(
        f"records  {records:,} = {summary.accepted:,} accepted + {summary.duplicate:,} duplicate"
        f" + {counts.quarantined:,} quarantined"
    )
    lines += [f"MISSING  {gap.said}; a copy that is loaded later may fill it" for gap in summary.gaps]
    if summary.accepted == 0 and summary.duplicate:
        lines.append("nothing was added: these records were held already")
    if summary.taken_for_gone:
        lines.append(
            f"KEPT OUT {kept_out(summary.taken_for_gone)}; to look at them, load them into another home"
        )
    reattributed = summary.reattributed + sum(one.reattributed for one in summary.sources)
    if reattributed:
        follow = "follows" if reattributed == 1 else "follow"
        lines.append(f"{counted(reattributed, 'record')} held before now {follow} other controls")
    if loaded.history is None and any(one.history_id for one in summary.sources):
        lines.append("steps    from the control history of an earlier load")
    elif loaded.history is None:
        lines.append("steps    none: no control history (name one with --controls)")
    else:
        lines.append(f"steps    from `{loaded.history}`, {counted(loaded.revisions, 'revision')}")
    lines.append("balanced" if summary.is_balanced else "DOES NOT BALANCE: report this, and keep the sources")
    return "\n".join(lines)


def kept_out(records: int) -> str:
    """Why so many of the duplicates are duplicates, although nothing like them is stored."""
    return (
        f"{counted(records, 'record')}: retention removed lines with ids of the same origin and hours, so "
        "they count as duplicates"
    )


def named(one: SourceSummary) -> str:
    """Its name, on one line whatever it holds."""
    return one.name.replace("\n", "\\n")


def _source(one: SourceSummary) -> str:
    words = f"{named(one)}: {STATES[one.state]}"
    if one.state == "failed":
        return words
    return (
        f"{words}; {counted(one.counts.lines, 'line')}, {one.accepted:,} accepted,"
        f" {one.duplicate:,} duplicate, {one.counts.quarantined:,} quarantined"
    )
