"""What verdicts are judged by, and what a ROLL BACK does by itself: shown here, changed from a shell."""

import streamlit as st

from dashboard.data import format as words
from dashboard.data.cached.controls import thresholds_of
from dashboard.data.controls_page import ControlsNow
from dashboard.server import seat
from dashboard.views.controls.states import note, section, warning
from dashboard.views.markup import table_box, tag, text
from gates.changes.automatic import AutoNarrow
from gates.errors import GateError
from gates.verdict.wording import count
from schemas.stages import Step

BY_ITSELF = {
    AutoNarrow.OFF: "A ROLL BACK waits for a person.",
    AutoNarrow.KILL: "A ROLL BACK stops everything by itself while this server runs.",
    AutoNarrow.LAST_APPROVED: "A ROLL BACK returns by itself to the last approved controls, or stops all.",
    AutoNarrow.CRITICAL_KILL: "Critical gate-audit findings stop all by themselves; else a person acts.",
}


def limits(now: ControlsNow, now_ns: int) -> None:
    """Draw them."""
    st.html(section("Limits", f"thresholds, version {now.thresholds_version}"))
    st.html(note(f"{BY_ITSELF[now.auto_narrow]} An admin sets that with `slotgate mode auto-narrow`."))
    try:
        found = thresholds_of(seat.taken(), now_ns)
    except GateError as error:
        st.html(warning(str(error)))
        return
    step = Step(now.document["step"])
    asked = found.steps.get(step)
    rows = [
        ("p50, jobs over the budget", _share(found.latency_p50.expand), _share(found.latency_p50.stop)),
        ("p95, jobs over the budget", _share(found.latency_p95.expand), _share(found.latency_p95.stop)),
    ]
    if asked is not None and asked.failures is not None:
        rows.insert(0, ("failed jobs", _share(asked.failures.expand), _share(asked.failures.stop)))
    head = tag(
        "tr",
        *(
            tag("th", name, scope="col")
            for name in ("share", "expand: upper bound at most", "roll back: lower bound above")
        ),
    )
    body = (
        tag("tr", tag("th", text(name), scope="row"), tag("td", text(low)), tag("td", text(high)))
        for name, low, high in rows
    )
    caption = tag("caption", text(f"What {step.value} is judged by"))
    st.html(table_box(caption, tag("thead", head), tag("tbody", *body)))
    if asked is not None:
        dwell = words.duration(asked.dwell_s)
        st.html(
            note(
                f"At least {count(asked.min_jobs, 'job')}, {dwell} on the step, lines in "
                f"{count(asked.min_hours, 'distinct hour')}. `slotgate thresholds` shows all of it and "
                "proposes another."
            )
        )


def _share(rate: float) -> str:
    return f"{100 * rate:.3g} %"
