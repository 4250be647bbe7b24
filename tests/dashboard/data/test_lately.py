"""What changed in the last hour: of telemetry on a real store, of people from records, jumps by numbers."""

from math import comb
from pathlib import Path
from typing import Any

import pytest

from dashboard.data.deeds import of_people, of_verdicts
from dashboard.data.jumps import chance, is_jump
from dashboard.data.lately import Happening, Kind, of_telemetry
from gates.changes.recounting import Deed
from gates.store.review_rows import ReviewMoment, ReviewRow
from gates.verdict.words import VerdictWord
from ingest.store.events import record_event
from ingest.store.gaps import Gap, record_gap
from tests.dashboard.record import HOUR_NS, LIVE, SECOND_NS, empty_home, line, publish, seated, spool

NOW = 1_800_000_000 * SECOND_NS
MINUTE_NS = 60 * SECOND_NS


def lately(folder: Path, lines: list[tuple[int, bytes]]) -> dict[Kind, Happening]:
    home = empty_home(folder)
    publish(home, LIVE, at_ns=NOW - 5 * HOUR_NS)
    spool(home, sorted(lines))
    seat = seated(home)
    try:
        return {one.kind: one for one in of_telemetry(seat.store.cursor(), NOW)}
    finally:
        seat.store.close()


def hour(at_ns: int, name: str, failed: int, completed: int, ms: float) -> list[tuple[int, bytes]]:
    return [
        (
            at_ns + n * SECOND_NS,
            line(f"{name}-{n}", "openai", "FAILED", "OPENAI_HTTP_ERROR", ms)
            if n < failed
            else line(f"{name}-{n}", "openai", "COMPLETED", None, ms + n),
        )
        for n in range(failed + completed)
    ]


def test_an_hour_like_the_one_before_changed_nothing(tmp_path: Path) -> None:
    before, after = NOW - 100 * MINUTE_NS, NOW - 40 * MINUTE_NS
    found = lately(tmp_path, [*hour(before, "a", 2, 60, 1_000), *hour(after, "b", 2, 60, 1_000)])
    assert set(found) <= {Kind.FINDING}  # 5 % of the jobs should call the model; here all do


def test_a_jump_of_failures_and_of_latency_is_said_with_n(tmp_path: Path) -> None:
    before, after = NOW - 100 * MINUTE_NS, NOW - 40 * MINUTE_NS
    found = lately(tmp_path, [*hour(before, "a", 2, 60, 1_000), *hour(after, "b", 30, 60, 4_000)])
    assert found[Kind.FAILURES].said == (
        "failed model calls went from 3.2 % to 33 % (2 of 62, then 30 of 90, hour against hour)"
    )
    assert found[Kind.LATENCY].said == (
        "openai p95 went from 1.06 s to 4.09 s (n 60 and 60 completed calls, hour against hour)"
    )
    assert found[Kind.LATENCY].at_ns is None


def test_names_seen_for_the_first_time(tmp_path: Path) -> None:
    new = line("new", "openai", "FAILED", "MISSING_API_KEY").replace(b"openai.v1", b"openai.v2")
    found = lately(tmp_path, [(NOW - 2 * HOUR_NS, line("old")), (NOW - MINUTE_NS, new)])
    assert found[Kind.VERSION].said == "executorVersion `openai.v2` seen for the first time; 1 line since"
    assert found[Kind.VERSION].about == (("version", "openai.v2"),)
    assert found[Kind.CODE].said == "errorCode `MISSING_API_KEY` seen for the first time; 1 line since"
    assert found[Kind.CODE].at_ns == NOW - MINUTE_NS


def test_a_record_that_begins_in_this_hour_has_nothing_new(tmp_path: Path) -> None:
    assert set(lately(tmp_path, [(NOW - MINUTE_NS, line("first"))])) <= {Kind.FINDING}


def test_silence_and_quarantine(tmp_path: Path) -> None:
    found = lately(tmp_path / "silent", [(NOW - 90 * MINUTE_NS, line(f"j{n}")) for n in range(7)])
    assert found[Kind.SILENCE].said == "no line at all in the last hour; the hour before had 7"
    broken = line("broken").replace(b'"v1"', b'"v9"', 1)
    found = lately(tmp_path / "cut", [(NOW - 90 * MINUTE_NS, line("ok")), (NOW - MINUTE_NS, broken)])
    assert found[Kind.QUARANTINE].said.startswith("1 record quarantined: ")
    assert found[Kind.QUARANTINE].said.endswith("; 0 an hour before")


def deed(action: str, seq: int = 1, **more: Any) -> Deed:
    record = {"actor": "local|bob", "action": action, "target": "controls", **more}
    return Deed(at_ns=NOW, seq=seq, record=record)


@pytest.mark.parametrize(
    ("one", "kind", "said"),
    [
        (deed("kill", after={"already": False}, reason="503"), Kind.STOP, "bob stopped all AI calls – “503”"),
        (
            deed("propose", request_id="7", after={"deltas": ["percent 1 → 5"]}),
            Kind.REQUEST,
            "bob proposed request 7: percent 1 → 5",
        ),
        (deed("approve", request_id="7", after={}), Kind.REQUEST, "bob approved request 7: controls"),
        (
            deed("apply", request_id="7", before={"percent": 1}, after={"percent": 5, "revision": 4}),
            Kind.CONTROLS,
            "bob applied request 7: percent 1 → 5, revision 4",
        ),
        (
            deed("apply", request_id="7", before={"kill": True}, after={"kill": False, "revision": 4}),
            Kind.CONTROLS,
            "bob applied request 7: kill on → off, revision 4",
        ),
        (
            deed("narrow", after={"deltas": ["percent 25 → 10"]}, outcome="ALLOWED"),
            Kind.CONTROLS,
            "bob narrowed, alone: percent 25 → 10",
        ),
        (
            deed("apply", request_id="7", outcome="BLOCKED"),
            Kind.REQUEST,
            "bob was refused: apply request 7 controls",
        ),
        (
            deed("approve", request_id="7", outcome="WOULD_BLOCK"),
            Kind.REQUEST,
            "bob approved request 7: controls; `enforce` would have refused it",
        ),
        (deed("mode", target="mode"), Kind.OTHER, "bob: mode mode"),
        (deed("kill", after=None, late=True), Kind.STOP, "bob stopped all AI calls; recorded late"),
    ],
)
def test_deeds_in_words(one: Deed, kind: Kind, said: str) -> None:
    (told,) = of_people([one])
    assert (told.kind, told.said) == (kind, said)


def test_what_confirms_another_record_is_left_out() -> None:
    assert of_people([deed("in force"), deed("sign in"), deed("sign out")]) == ()


def look(number: int, word: VerdictWord, minutes: int) -> ReviewRow:
    return ReviewRow(
        review_id=number,
        at_ns=NOW - minutes * MINUTE_NS,
        revision=3,
        step="expand-10",
        verdict=word,
        moment=ReviewMoment.LOOK,
        actor_id="system",
        request_number=None,
        evidence_digest=None,
    )


def test_a_verdict_that_changed_is_said_once() -> None:
    looks = [
        look(1, VerdictWord.NOT_ENOUGH_DATA, 90),
        look(2, VerdictWord.EXPAND, 70),
        look(3, VerdictWord.EXPAND, 50),
        look(4, VerdictWord.ROLL_BACK, 20),
    ]
    (told,) = of_verdicts(looks, NOW - HOUR_NS)
    assert told.said == "the verdict went from EXPAND to ROLL BACK, revision 3 (expand-10)"


@pytest.mark.parametrize(("bad", "of", "before", "of_before"), [(3, 10, 1, 12), (8, 20, 0, 25), (1, 5, 4, 9)])
def test_the_chance_is_that_of_the_urn(bad: int, of: int, before: int, of_before: int) -> None:
    drawn = range(bad, min(of, bad + before) + 1)
    exact = sum(comb(of, k) * comb(of_before, bad + before - k) for k in drawn) / comb(
        of + of_before, bad + before
    )
    assert chance(bad, of, before, of_before) == pytest.approx(exact)


@pytest.mark.parametrize(
    ("numbers", "jumps"),
    [
        ((30, 90, 2, 62), True),
        ((2, 62, 2, 60), False),
        ((0, 90, 20, 62), False),
        ((3, 3, 0, 0), False),
        ((0, 0, 3, 3), False),
        ((2, 100, 0, 1_000), False),  # unlikely, and still only two
        ((60_000, 1_000_000, 50_000, 1_000_000), True),
        ((50_010, 1_000_000, 50_000, 1_000_000), False),
    ],
)
def test_what_counts_as_a_jump(numbers: tuple[int, int, int, int], jumps: bool) -> None:
    assert is_jump(*numbers) is jumps


def test_what_went_before_it_was_read_is_said_until_a_copy_has_it(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    spool(home, [(NOW - HOUR_NS, line("job-1", "stub", "STUB", "KILL_SWITCH", 1))])
    seat = seated(home)
    try:
        with seat.store.transaction() as cursor:
            for at_ns, to in (
                (NOW - MINUTE_NS, 5_000),
                (NOW - 2 * MINUTE_NS, 10),
                (NOW - 2 * HOUR_NS, 6_000),
            ):
                record_gap(cursor, Gap(1, "/var/log/app.log", 10, to, at_ns, "truncated"))
            record_event(cursor, NOW - MINUTE_NS, "restarted", 1, "`/var/log/app.log` began anew")
            record_event(cursor, NOW - 2 * MINUTE_NS, "unread", None, "`/var/log/b.log` went away")
            record_event(cursor, NOW - 2 * HOUR_NS, "restarted", 1, "long ago")
            read_to = cursor.execute('SELECT ending."offset" FROM source').fetchall()[0][0]
        found = [one for one in of_telemetry(seat.store.cursor(), NOW) if one.kind in (Kind.GAP, Kind.CUT)]
    finally:
        seat.store.close()
    missing = f"{5_000 - read_to:,} bytes"
    assert [one.said for one in found] == [
        f"`/var/log/app.log` was truncated before {missing} of it were read; no copy has it so far",
        "`/var/log/app.log` began anew",
        "`/var/log/b.log` went away",
    ]
    assert [one.at_ns for one in found] == [NOW - MINUTE_NS, NOW - MINUTE_NS, NOW - 2 * MINUTE_NS]
