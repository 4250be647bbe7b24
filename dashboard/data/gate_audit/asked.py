"""What a reader of the gate audit chose, as the address spells it; what is not known is passed over. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeVar

from gates.verdict.evidence import Severity
from gates.verdict.gate_audit import GateCode
from ingest.gate_audit import Filter
from schemas.stages import Step

_LONGEST = 10_000
_MOST, _DIGITS = 2**62, 19
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of the page, each by its name in the address; empty where nothing is restricted."""

    code: str = ""
    severity: str = ""
    step: str = ""
    revision: str = ""
    version: str = ""
    source: str = ""
    history: str = ""

    @property
    def chosen(self) -> Filter:
        """As the queries take them."""
        return Filter(
            code=_member(GateCode, self.code),
            severity=_member(Severity, self.severity),
            step=_member(Step, self.step),
            revision=_number(self.revision),
            executor_version=self.version[:_LONGEST] or None,
            source_id=_number(self.source),
            history=self.history or None,
        )

    @property
    def given(self) -> dict[str, str]:
        """Those that restrict something."""
        return {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name)}


def asked(address: Mapping[str, str]) -> Asked:
    """What the address says, as far as it can be understood."""
    return Asked(**{name: address[name] for name, fits in _FITS.items() if fits(address.get(name, ""))})


def _member(kind: type[E], said: str) -> E | None:
    return kind(said) if said in list(kind) else None


def _number(said: str) -> int | None:
    # So short first: Python itself refuses to read thousands of digits.
    fits = said.isascii() and said.isdigit() and len(said) <= _DIGITS and int(said) < _MOST
    return int(said) if fits else None


_FITS: dict[str, Callable[[str], bool]] = {
    "code": lambda said: said in list(GateCode),
    "severity": lambda said: said in list(Severity),
    "step": lambda said: said in list(Step),
    "revision": lambda said: _number(said) is not None,
    "version": lambda said: 0 < len(said) <= _LONGEST,
    "source": lambda said: _number(said) is not None,
    "history": str.isalnum,
}
