"""What the Controls page asks: at most two seconds old, and never older than the last write to the store.

The audit chain is read whole for the divergence report and the reasons, so those are ten seconds old at most.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from dashboard.data.controls_ladder import Rung, ladder
from dashboard.data.controls_page import ControlsNow, controls_now, written
from dashboard.server.seat import Seat
from gates.changes.acceptance import Acceptance
from gates.changes.divergence import Divergence
from gates.changes.preview import Preview
from gates.changes.retelling import Told
from gates.changes.service import ChangeService
from gates.policy.evidence import ReviewEvidence, no_evidence
from gates.policy.intent import Mode
from gates.store.rows import OperatorRow, TokenRow
from gates.verdict.thresholds import Thresholds

Answered = TypeVar("Answered")
TICK_NS, SLOW_TICK_NS = 2 * 10**9, 10 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeReport:
    """What each mode said so far, and whether `enforce` may come."""

    mode: Mode
    divergence: Divergence
    acceptance: Acceptance


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who there is and what tokens they have."""

    operators: tuple[OperatorRow, ...]
    tokens: tuple[TokenRow, ...]


def now_of(place: Seat, now_ns: int) -> ControlsNow:
    """The newest revision and what stands around it. Raises a `StoreError` and others of `controls_now`."""
    return _now(place, str(place.home.root), _written(place), now_ns // TICK_NS)


def ladder_of(place: Seat, now: ControlsNow, now_ns: int) -> tuple[Rung, ...]:
    """The ladder by the verdict that the watch saw last. Raises as `now_of`."""
    evidence = seen_lately(place, now.revision, now_ns)
    return _ladder(
        place, str(place.home.root), _written(place), evidence.digest, now_ns // TICK_NS, now, evidence
    )


def seen_lately(place: Seat, revision: int, now_ns: int) -> ReviewEvidence:
    """What the watch saw of this revision; nothing, where it has not looked yet."""
    reviewed = place.watch.watched.reviewed
    if reviewed is None or reviewed.kept.revision != revision:
        return no_evidence(revision, now_ns)
    return reviewed.kept


def preview_of(place: Seat, patch: Mapping[str, Any], now_ns: int) -> Preview:
    """What a change would do to the jobs seen lately; ten seconds old at most. Raises `InvalidChange`."""
    return _preview(place, str(place.home.root), _written(place), now_ns // SLOW_TICK_NS, dict(patch))


def story_of(place: Seat, now_ns: int) -> tuple[Told, ...]:
    """Every revision, newest first."""
    return _story(place, str(place.home.root), _written(place), now_ns // SLOW_TICK_NS)


def modes_of(place: Seat, now_ns: int) -> ModeReport:
    """What the modes said, and the acceptance checks."""
    return _modes(place, str(place.home.root), _written(place), now_ns // SLOW_TICK_NS)


def people_of(place: Seat, now_ns: int) -> People:
    """Operators and tokens."""
    return _people(place, str(place.home.root), _written(place), now_ns // SLOW_TICK_NS)


def thresholds_of(place: Seat, now_ns: int) -> Thresholds:
    """What verdicts are judged by."""
    return _thresholds(place, str(place.home.root), _written(place), now_ns // SLOW_TICK_NS)


def asked(place: Seat, question: Callable[[ChangeService], Answered]) -> Answered:
    """What depends on what is typed, so nothing keeps it. Raises what the store and `question` raise."""
    with place.to_look() as service:
        return question(service)


def _written(place: Seat) -> tuple[int, ...]:
    return written(place.home.store)


@st.cache_data(max_entries=4, show_spinner=False)
def _now(_place: Seat, home: str, mark: tuple[int, ...], tick: int) -> ControlsNow:  # noqa: ARG001 - the key
    with _place.to_look() as service:
        return controls_now(service)


@st.cache_data(max_entries=8, show_spinner=False)
def _ladder(
    _place: Seat,
    home: str,  # noqa: ARG001 - the key
    mark: tuple[int, ...],  # noqa: ARG001 - the key
    digest: str,  # noqa: ARG001 - stands for the evidence in the key
    tick: int,  # noqa: ARG001 - the key
    _now: ControlsNow,
    _evidence: ReviewEvidence,
) -> tuple[Rung, ...]:
    with _place.to_look() as service:
        return ladder(service, _now, _evidence)


@st.cache_data(max_entries=16, show_spinner=False)
def _preview(
    _place: Seat,
    home: str,  # noqa: ARG001 - the key
    mark: tuple[int, ...],  # noqa: ARG001 - the key
    tick: int,  # noqa: ARG001 - the key
    patch: dict[str, Any],
) -> Preview:
    with _place.to_look() as service:
        return service.preview(patch)


@st.cache_data(max_entries=4, show_spinner=False)
def _story(_place: Seat, home: str, mark: tuple[int, ...], tick: int) -> tuple[Told, ...]:  # noqa: ARG001 - the key
    with _place.to_look() as service:
        return service.story()


@st.cache_data(max_entries=4, show_spinner=False)
def _modes(_place: Seat, home: str, mark: tuple[int, ...], tick: int) -> ModeReport:  # noqa: ARG001 - the key
    with _place.to_look() as service:
        return ModeReport(
            mode=service.mode(), divergence=service.divergence(), acceptance=service.acceptance()
        )


@st.cache_data(max_entries=4, show_spinner=False)
def _people(_place: Seat, home: str, mark: tuple[int, ...], tick: int) -> People:  # noqa: ARG001 - the key
    with _place.to_look() as service:
        return People(operators=service.people(), tokens=service.tokens())


@st.cache_data(max_entries=4, show_spinner=False)
def _thresholds(_place: Seat, home: str, mark: tuple[int, ...], tick: int) -> Thresholds:  # noqa: ARG001 - the key
    with _place.to_look() as service:
        return service.thresholds()
