"""Every state of the confirmation of a kill, its sentence, and that none is green without evidence."""
# ruff: noqa: E501 -- sentences stand as they are said

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.verdict.defaults import DEFAULT
from gates.verdict.evidence import KillFacts, KillOfSource, KillState
from gates.verdict.kill_confirmation import confirm
from tests.gates.verdict.builders import NOW, SECOND, kill

NOTHING = {
    "stubbed_since": 0, "first_stub_ns": None, "in_flight": 0, "in_flight_ended_ns": None,
}  # fmt: skip
LEAK = KillOfSource(
    source="spool/a.log",
    stubbed_since=0,
    openai_since=2,
    last_openai_start_ns=NOW,
    in_flight=0,
    in_flight_ended_ns=None,
)
PROBE = "send a probe: `slotgate probe`"
LAST = "last OpenAI call started 1.2 s before the kill"

TABLE: list[tuple[KillState, dict[str, Any], str]] = [
    (KillState.CONFIRMED, {},
     f"{LAST}, 3 in flight ended by 23:59:25Z, 14 stubbed since, 0 calls since"),
    (KillState.CONFIRMED, {"in_flight": 0, "in_flight_ended_ns": None},
     f"{LAST}, none seen in flight, 14 stubbed since, 0 calls since"),
    (KillState.CONFIRMED, {"last_openai_start_ns": None, "in_flight": 0},
     "no OpenAI call was seen before it, 14 stubbed since, 0 calls since"),
    (KillState.CONFIRMED, {"last_openai_start_ns": NOW - 59_500_000_000},
     ("last OpenAI call started 0.5 s after the kill (within the clock skew), 3 in flight ended by 23:59:25Z, "
     "14 stubbed since, 0 calls since")),
    (KillState.CONFIRMED, {"released_ns": NOW}, (f"{LAST}, 3 in flight ended by 23:59:25Z, 14 stubbed since, "
     "0 calls since")),
    (KillState.ENGAGED, NOTHING,
     f"no line has come since 23:59:00Z; telemetry has 60 s to show it, then {PROBE}"),
    (KillState.DRAINING, {"stubbed_since": 0},
     (f"{LAST}, 3 in flight ended by 23:59:25Z; none decided since 23:59:00Z has been seen; "
     f"telemetry has 60 s to show it, then {PROBE}")),
    (KillState.UNCONFIRMED, {**NOTHING, "engaged_ns": NOW - 300 * SECOND},
     (f"no job has run since, 5 min ago; {PROBE}; "
     "last OpenAI call started 4 min after the kill (within the clock skew), none seen in flight")),
    (KillState.UNCONFIRMED, {"stubbed_since": 0, "engaged_ns": NOW - 61 * SECOND},
     (f"no job has run since, 61 s ago; {PROBE}; last OpenAI call started 0.2 s before the kill, "
     "3 in flight ended by 23:59:25Z")),
    (KillState.UNCONFIRMED, {**NOTHING, "released_ns": NOW - 40 * SECOND},
     ("no job ran in the 20 s until its release; `slotgate drill kill` confirms the next one; "
     f"{LAST}, none seen in flight")),
    (KillState.BREACHED, {"openai_since": 2, "last_openai_start_ns": NOW - 29 * SECOND, "sources": (LEAK,)},
     ("2 OpenAI calls started after the kill of 23:59:00Z, the last 31 s after it, in spool/a.log (2), "
     "14 stubbed since; stop those executors themselves")),
    (KillState.BREACHED, {**NOTHING, "openai_since": 1},
     "1 OpenAI call started after the kill of 23:59:00Z, 0 stubbed since; stop those executors themselves"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "facts", "words"), TABLE, ids=[f"{i}-{t[0]}" for i, t in enumerate(TABLE)])
def test_states_and_sentences(state: KillState, facts: dict[str, Any], words: str) -> None:
    confirmation = confirm(kill(**facts), NOW, DEFAULT)
    assert (confirmation.state, confirmation.sentence) == (state, f"{state}: {words}")


def test_every_state_is_in_the_table() -> None:
    assert {state for state, _, _ in TABLE} == set(KillState)


def test_a_late_line_turns_confirmed_into_breached() -> None:
    assert confirm(kill(), NOW, DEFAULT).state is KillState.CONFIRMED
    assert confirm(kill(openai_since=1), NOW, DEFAULT).state is KillState.BREACHED


def test_how_long_to_wait_is_a_threshold() -> None:
    patient = replace(DEFAULT, kill_confirm_s=600.0)
    facts = kill(**NOTHING, engaged_ns=NOW - 300 * SECOND)
    assert confirm(facts, NOW, DEFAULT).state is KillState.UNCONFIRMED
    assert confirm(facts, NOW, patient).state is KillState.ENGAGED


def test_many_leaking_sources_are_named_worst_first() -> None:
    leaks = tuple(replace(LEAK, source=f"s{n}", openai_since=n) for n in range(1, 6))
    sentence = confirm(kill(openai_since=15, sources=leaks), NOW, DEFAULT).sentence
    assert "in s5 (5), s4 (4), s3 (3) and 2 more" in sentence


FACTS = st.builds(
    kill,
    stubbed_since=st.integers(0, 3),
    openai_since=st.integers(0, 3),
    in_flight=st.integers(0, 3),
    released_ns=st.none() | st.just(NOW - 10 * SECOND),
    last_openai_start_ns=st.none() | st.integers(NOW - 10**12, NOW),
)


@given(FACTS, st.integers(NOW - 60 * SECOND, NOW + 10**13))
def test_never_green_without_evidence(facts: KillFacts, now_ns: int) -> None:
    state = confirm(facts, now_ns, DEFAULT).state
    assert (state is KillState.CONFIRMED) == (facts.stubbed_since > 0 and facts.openai_since == 0)
    assert (state is KillState.BREACHED) == (facts.openai_since > 0)
