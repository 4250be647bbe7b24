"""What `slotgate doctor` looks at of the receivers of notifications."""

from dashboard.cli.doctor_checks import Finding
from dashboard.notify.errors import ReceiversMisconfigured
from dashboard.notify.standing import standing
from gates.home import Home

_CHECK = "notifications"


def notifications(home: Home) -> Finding:
    """Everyone who is to be told is told."""
    try:
        found = standing(home.root)
    except ReceiversMisconfigured as error:
        return Finding(_CHECK, ok=False, words=str(error), todo="correct it; nobody new is told until then")
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        return Finding(_CHECK, ok=False, words=f"what waits cannot be read: {said}", todo="make it readable")
    unwell = [one for one in found if not one.is_well]
    if unwell:
        todo = f"`slotgate notify status`, and `slotgate notify test {unwell[0].name}` once it is mended"
        return Finding(_CHECK, ok=False, words="; ".join(one.words for one in unwell), todo=todo)
    return Finding(_CHECK, ok=True, words=f"{len(found)} receivers, nothing failed")
