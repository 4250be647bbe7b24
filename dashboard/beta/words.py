"""The checklist in words and as JSON."""

from collections.abc import Iterator
from typing import Any

from gates.beta.checklist import Checklist, Result, State
from gates.beta.items import BetaList
from gates.controls.instant import timestamp
from gates.verdict.words import VerdictWord

TITLES = {
    BetaList.PRECONDITIONS: "preconditions of a rollout",
    BetaList.PREFLIGHT: "pre-flight",
    BetaList.AFTER_CHANGE: "after every change",
    BetaList.BETA_STABLE: "beta stable",
    BetaList.BETA_READY: "beta ready",
    BetaList.GA_EXIT: "exit to GA",
}
_WIDTH = max(map(len, State))
ROLL_BACK_BY = "`slotgate revert` undoes the last change, `slotgate kill` stops everything"


def in_words(found: Checklist, only: BetaList | None) -> Iterator[str]:
    """Line by line; what requires rollback first, whichever list is shown."""
    for stop in found.hard_stops:
        yield f"the plans require rollback: {stop.item.title} ({verdict(stop.causes)}): {stop.reason}"
    if found.hard_stops:
        yield ROLL_BACK_BY
    for belongs in BetaList:
        if only not in (None, belongs):
            continue
        results = found.of(belongs)
        met = sum(result.is_met for result in results)
        yield f"{TITLES[belongs]} ({belongs}): {met} of {len(results)} met"
        for result in results:
            yield from _item(result)
    if only is None:
        steady = "met and signed" if found.permits_steady else "not all met and signed"
        yield f"beta criteria, which `steady` asks for (every list but {BetaList.GA_EXIT}): {steady}"


def as_record(found: Checklist, only: BetaList | None) -> dict[str, Any]:
    """For scripts. `rollbackRequired` names the hard stops, whichever list is shown."""
    shown = found.results if only is None else found.of(only)
    return {
        "met": all(result.is_met for result in shown),
        "permitsSteady": found.permits_steady,
        "rollbackRequired": [
            {"item": stop.item.item_id, "verdict": None if stop.causes is None else stop.causes.value}
            for stop in found.hard_stops
        ],
        "items": [_record(result) for result in shown],
    }


def verdict(word: VerdictWord | None) -> str:
    """A verdict as people write it."""
    return "" if word is None else word.replace("_", " ")


def _item(result: Result) -> Iterator[str]:
    yield f"  {result.state:<{_WIDTH}}  {result.item.item_id}: {result.item.title}; {result.reason}"
    statement = result.statement
    if statement is not None and result.state is State.SIGNED and result.expires_ns is not None:
        until = timestamp(result.expires_ns)[:16]
        yield f"  {'':<{_WIDTH}}  {statement.link} until {until}Z: {statement.text}"


def _record(result: Result) -> dict[str, Any]:
    item, statement = result.item, result.statement
    return {
        "id": item.item_id,
        "list": item.belongs.value,
        "title": item.title,
        "shownBy": "statement" if item.is_signed else "evidence",
        "ci": item.ci,
        "state": result.state.value,
        "met": result.is_met,
        "reason": result.reason,
        "causes": None if result.causes is None else result.causes.value,
        "statement": None
        if statement is None
        else {
            "author": statement.author,
            "at": timestamp(statement.at_ns),
            "link": statement.link,
            "text": statement.text,
            "expiresAt": None if result.expires_ns is None else timestamp(result.expires_ns),
        },
    }
