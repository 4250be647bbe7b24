"""How a stub server behaves when a request does not say: which scenarios, how often, how fast."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Scenario weights, and a log-normal latency before every reply.

    The n-th request always meets the same fate for the same `seed`. `stall_s` is how long `slow`
    waits, `drip_s` the pause between two bytes of `drip`.
    """

    scenarios: Mapping[str, float] = field(default_factory=lambda: {"ok": 1.0})
    median_s: float = 0.0
    sigma: float = 0.0
    stall_s: float = 600.0
    drip_s: float = 0.2
    seed: int = 0

    def scenario(self, number: int) -> str:
        """The scenario of request `number`."""
        names = list(self.scenarios)
        return self._dice(number, "scenario").choices(names, [self.scenarios[name] for name in names])[0]

    def latency_s(self, number: int) -> float:
        """Seconds before request `number` is answered."""
        return self.median_s * exp(self.sigma * self._dice(number, "latency").gauss(0.0, 1.0))

    def _dice(self, number: int, what: str) -> random.Random:
        return random.Random(f"{self.seed}/{what}/{number}")  # noqa: S311  a script, not a secret
