"""What the audit log says when it has nothing to show."""

from dashboard.views.markup import tag, text
from dashboard.views.prose import prose


def no_store() -> str:
    """A home without a store keeps no record."""
    said = "This home has no store yet, so nothing is on record. `slotgate init` makes one."
    return tag("div", tag("h2", "No audit log yet"), tag("p", prose(said)), cls="sg-empty", role="status")


def unreadable(error: Exception) -> str:
    """The store does not answer; what is stopped meanwhile is recorded late."""
    said = (
        f"{error}. A stop still works, and is recorded late as soon as the store can be written. "
        "`slotgate doctor` says what is wrong."
    )
    head = tag("h2", text("The audit log cannot be read"))
    return tag("div", head, tag("p", prose(said)), cls="sg-empty", role="status", data_state="failed")
