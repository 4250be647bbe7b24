"""What the people of the demo do to the controls, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Carry:
    """Alice proposes, bob approves, alice applies.

    `exception` is what she records where the evidence is NOT ENOUGH DATA; empty: she records none.
    """

    patch: Mapping[str, Any]
    reason: str
    exception: str = ""


@dataclass(frozen=True, slots=True)
class Narrow:
    """Bob, who is on call, takes away, alone and at once."""

    patch: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Revert:
    """Bob undoes the last change, alone and at once where that narrows."""

    reason: str


@dataclass(frozen=True, slots=True)
class Kill:
    """Bob stops everything."""

    reason: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Alice, who owns the rollout, acknowledges a ROLL BACK."""

    reason: str


Deed = Carry | Narrow | Revert | Kill | Acknowledge
