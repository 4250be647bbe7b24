"""A change of what the budget guard goes by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingChange:
    """The budget, or the price table, shall become another.

    `loosens` names what that takes off the guard, in words; `same`: it changes nothing.
    """

    loosens: tuple[str, ...]
    same: bool = False
