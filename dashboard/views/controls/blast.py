"""The blast radius of a change before anybody asks for it: which of the jobs seen lately it moves."""

from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose
from gates.changes.preview import Preview

SHOWN = 12


def blast(found: Preview) -> str:
    """In words, with the first jobs by name."""
    parts = [tag("p", tag("b", "Blast radius: "), prose(found.sentence))]
    if found.unseen is None and found.seen:
        rate = found.admitted_per_hour
        if rate is not None and (found.admitted or found.perhaps_admitted):
            most = "" if found.exact else "at most "
            parts.append(tag("p", text(f"about {most}{rate:,.1f} newly admitted jobs an hour")))
        parts += [_jobs("newly admitted", found.admitted), _jobs("expelled", found.expelled)]
    parts += [tag("p", glyph("▲", "sg-failed"), "newly reachable: ", prose(words)) for words in found.scope]
    return tag("div", *parts, cls="sg-blast")


def _jobs(what: str, jobs: tuple[str, ...]) -> str:
    if not jobs:
        return ""
    names = "".join(tag("code", text(job)) + " " for job in jobs[:SHOWN])
    rest = f"and {len(jobs) - SHOWN:,} more" if len(jobs) > SHOWN else ""
    summary = tag("summary", text(f"{len(jobs):,} {what}"))
    return tag("details", summary, tag("p", names, text(rest)))
