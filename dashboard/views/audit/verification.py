"""Whether the chain is whole, as far as anybody looked, and what it cannot prove."""

from datetime import tzinfo
from urllib.parse import quote

from dashboard.data import format as words
from dashboard.data.audit_verifying import Verified, VerifyState
from dashboard.views.markup import glyph, moment, tag, text
from dashboard.views.prose import prose
from gates.store.audit.verify import Broken, Intact
from gates.store.rows import CheckpointRow

CANNOT = (
    "A chain alone cannot show that its end was cut off, or that all of it was rewritten by whoever holds "
    "the home: only a checkpoint that was kept on another machine can, with "
    "`slotgate audit verify --checkpoint FILE`."
)


def verification_panel(
    state: VerifyState, checkpoint: CheckpointRow | None, newest: int, now_ns: int, zone: tzinfo
) -> str:
    """What was verified last, what runs, the newest checkpoint, and what none of it proves."""
    said = [_running(state)] if state.running else []
    if state.failure is not None:
        said.append(tag("p", glyph("✕", "sg-failed"), "it could not be verified: ", prose(state.failure)))
    if state.last is not None:
        said.append(_last(state.last, newest, now_ns, zone))
    elif not state.running:
        unknown = "Not verified since this server started: nothing is known of the chain yet."
        said.append(tag("p", glyph("?", "sg-warn"), unknown))
    said += [_checkpoint(checkpoint, newest, zone), tag("p", prose(CANNOT), cls="sg-note")]
    broken = state.last is not None and isinstance(state.last.found, Broken)
    return tag(
        "section",
        tag("h2", "Verification", cls="sg-heading"),
        *said,
        cls=f"sg-verification{' sg-chain-broken' if broken else ''}",
        aria_label="Verification of the chain",
    )


def _running(state: VerifyState) -> str:
    of = f" of {words.count(state.of)}" if state.of else ""
    bar = tag("progress", max=max(1, state.of), value=state.checked, aria_label="Verification")
    return tag("p", f"verifying: {words.count(state.checked)}{of} records ", bar, role="status")


def _last(last: Verified, newest: int, now_ns: int, zone: tzinfo) -> str:
    at = moment(words.instant(last.ended_ns, zone), words.utc(last.ended_ns))
    ago = text(words.ago((now_ns - last.ended_ns) / 1e9))
    match last.found:
        case Intact(records, leaf, _, heads):
            since = max(0, newest - records)
            more = f"; {words.count(since)} came since" if since else ""
            against = f", and agrees with {heads} of this home\u2019s checkpoints" if heads else ""
            head = f"Intact: {words.count(records)} records{against}{more}. "
            how = f"Verified {at} ({ago}, {last.took_s:.1f} s). Last leaf {tag('code', text(leaf))}"
            return tag("p", glyph("✓", "sg-ok"), tag("b", text(head)), how, cls="sg-leaf")
        case Broken(seq, fault, said):
            link = tag("a", f"record {seq}", href=f"/audit?seq={quote(str(seq), safe='')}", target="_self")
            head = tag("b", f"BROKEN at {link} ({text(fault)}): ")
            rest = (text(said), ". Verified ", at, ". ", prose("Copy the home before anything else: "))
            way = tag("a", "what to do", href="/runbook?topic=audit", target="_self")
            return tag("p", glyph("✕", "sg-failed"), head, *rest, way, role="alert")


def _checkpoint(row: CheckpointRow | None, newest: int, zone: tzinfo) -> str:
    if row is None:
        said = "No checkpoint was signed yet: `slotgate audit checkpoint --out FILE`; keep it elsewhere."
        return tag("p", glyph("▲", "sg-warn"), prose(said))
    at = moment(words.instant(row.at_ns, zone), words.utc(row.at_ns))
    after = words.count(max(0, newest - row.size))
    root = tag("code", text(row.root))
    return tag(
        "p", f"Newest checkpoint: {words.count(row.size)} records, ", at, f", {after} after it. Root ", root,
        cls="sg-leaf",
    )  # fmt: skip
