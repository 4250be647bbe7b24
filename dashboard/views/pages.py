"""Every page: its name, its address, and what draws it. The navigation shows them in this order."""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.views import overview
from dashboard.views.audit import page as audit
from dashboard.views.beta import page as beta
from dashboard.views.controls import page as controls
from dashboard.views.gate_audit import page as gate_audit
from dashboard.views.review import page as review
from dashboard.views.runbook import page as runbook
from dashboard.views.stages import page as stages
from dashboard.views.triage import page as triage


@dataclass(frozen=True, slots=True)
class PageEntry:
    """`path` is the address under the server, and what links of other pages name."""

    title: str
    path: str
    render: Callable[[], None]


PAGES = (
    PageEntry("Overview", "overview", overview.render),
    PageEntry("Stages", "stages", stages.render),
    PageEntry("Review & sign-off", "review", review.render),
    PageEntry("Controls", "controls", controls.render),
    PageEntry("Gate audit", "gate-audit", gate_audit.render),
    PageEntry("Triage", "triage", triage.render),
    PageEntry("Audit log", "audit", audit.render),
    PageEntry("Beta criteria", "beta", beta.render),
    PageEntry("Runbook", "runbook", runbook.render),
)
