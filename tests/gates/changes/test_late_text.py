"""What the late file must bear: bytes that are no UTF-8 from a shell, and a line still being written."""

import json
from pathlib import Path

from gates.changes.late import LateFile, LateRecord
from gates.store.store import Store
from tests.gates.store.builders import NOW, entry


def test_a_reason_that_is_no_utf_8_is_kept_and_merged(tmp_path: Path) -> None:
    late = LateFile(tmp_path / "late")
    late.spool(LateRecord(entry(reason="caf\udce9"), None))
    with Store.in_memory().begin() as tx:
        late.merge(tx, NOW + 5)
        record = tx.audit.tail()
    assert record is not None
    said = json.loads(record.body)
    assert (said["reason"], said["late"]) == ("caf?", True)


def test_a_line_still_being_written_is_left_for_the_next_merge(tmp_path: Path) -> None:
    late = LateFile(tmp_path / "late")
    late.spool(LateRecord(entry(reason="one"), None))
    late.spool(LateRecord(entry(reason="two"), None))
    path = tmp_path / "late" / "late.jsonl"
    whole = path.read_bytes()
    store = Store.in_memory()
    reasons = []
    for data in (whole[:-20], whole, whole):
        path.write_bytes(data)
        with store.begin() as tx:
            reasons += [record.entry.reason for record in late.merge(tx, NOW).new]
    assert reasons == ["one", "two"]
