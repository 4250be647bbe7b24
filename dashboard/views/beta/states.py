"""What the page says when it has nothing to show."""

from dashboard.views.markup import tag
from dashboard.views.prose import prose


def unreadable(error: Exception) -> str:
    """Neither statements nor the record can be read."""
    said = f"{error}. Nothing is met by what cannot be read. The page tries again by itself."
    return tag(
        "div",
        tag("h2", "The lists cannot be judged"),
        tag("p", prose(said)),
        cls="sg-empty",
        role="status",
        data_state="failed",
    )
