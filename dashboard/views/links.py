"""Links between pages: what comes from telemetry is quoted, and never longer than an address may be."""

from urllib.parse import quote

from dashboard.data.inert import SHORT, shown
from dashboard.views.markup import tag, text

LONGEST_JOB = 512


def link(path: str, inner: str, cls: str = "", **query: object) -> str:
    """A link to a page of ours around `inner`, which is markup already; empty values are left out."""
    said = "&".join(
        f"{name}={quote(str(value), safe='')}" for name, value in query.items() if value not in ("", None)
    )
    return tag("a", inner, cls=cls, href=f"/{path}?{said}" if said else f"/{path}", target="_self")


def job_link(job_id: str, place: str = "", most: int = SHORT) -> str:
    """A job as a link to its story; one whose id is too long for an address is named by a line of it."""
    is_long = len(job_id) > LONGEST_JOB or not job_id.isprintable()
    name = tag("code", text(shown(job_id, most)))
    if is_long and not place:
        return name
    return link("triage", name, "sg-job", **({"line": place} if is_long else {"job": job_id}))
