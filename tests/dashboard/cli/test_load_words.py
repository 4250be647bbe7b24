"""What a load and a follower say of records that are older than what is kept."""

from dashboard.cli.follow_words import Teller
from dashboard.cli.load_words import in_words
from dashboard.telemetry.port import Loaded
from ingest.follow.follower import Followed
from ingest.loading.summary import LoadSummary, SourceSummary
from ingest.sources.counts import Counts

HELD = Counts(lines=5, record_lines=5, held_elsewhere=5)
SUMMARY = LoadSummary((SourceSummary("a.json", "new", 1, 0, HELD, Counts(), None, taken_for_gone=4),))
WORDS = (
    "KEPT OUT 4 records: retention removed lines with ids of the same origin and hours, so they count as"
    " duplicates"
)


def test_a_load_says_what_it_kept_out_and_how_to_look_at_it() -> None:
    said = in_words(Loaded(summary=SUMMARY, history=None, revisions=0)).splitlines()
    assert f"{WORDS}; to look at them, load them into another home" in said
    assert "  a.json: new; 5 lines, 0 accepted, 5 duplicate, 0 quarantined" in said


def test_a_follower_says_at_its_end_what_it_kept_out() -> None:
    said: list[str] = []
    teller = Teller(said.append, None)
    teller.passed(Followed(SUMMARY, ()))
    teller.passed(Followed(SUMMARY, ()))
    teller.ended()
    assert said[-1] == WORDS.replace("4 records", "8 records")
