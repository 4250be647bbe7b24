"""docs/notifications.md has every type of event, and says what the code does."""

import re
from pathlib import Path

from dashboard.notify.backlog import LONGEST_PAUSE_S, MOST_ATTEMPTS, MOST_WAITING
from dashboard.notify.events import ALERTS, EventType, Incident
from dashboard.notify.pagerduty import _SEVERITY
from dashboard.notify.sending import CONNECT_S, MOST_ANSWER_BYTES, TOTAL_S

PAGE = (Path(__file__).parents[2] / "docs" / "notifications.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z._-]+)` \| (.*) \|$", PAGE, re.MULTILINE))


def test_every_type_of_event_is_there_and_the_alerts_are_marked() -> None:
    types = {name: row for name, row in ROWS.items() if name in set(EventType)}
    assert types.keys() == set(EventType)
    assert {name for name, row in types.items() if row.endswith("| yes")} == set(ALERTS)


def test_every_incident_is_there_with_its_severity() -> None:
    found = {name: row.rpartition("| ")[2] for name, row in ROWS.items() if name in set(Incident)}
    assert found == _SEVERITY


def test_the_numbers_are_those_of_the_code() -> None:
    said = " ".join(PAGE.split())
    minutes = round(LONGEST_PAUSE_S / 60)
    assert f"up to {minutes} minutes" in said
    assert f"{MOST_ATTEMPTS} times" in said
    assert f"At most {MOST_WAITING:,} events" in said
    assert f"{CONNECT_S:g} s to connect, {TOTAL_S:g} s in all, and {MOST_ANSWER_BYTES >> 10} KiB" in said
