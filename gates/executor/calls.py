"""The calls to the model that one run made, and what they cost in tokens."""

from dataclasses import astuple

from gates.executor.classify import MOST_TOKENS
from gates.executor.model import Failed, ModelOutcome, Usage

_NOTHING = Usage(input_tokens=0, output_tokens=0, total_tokens=0)


class Calls:
    """Counts along, so that a run that breaks half-way still tells what it spent.

    `count` is how many calls were begun, `request_id` what the server named the last that it answered.
    """

    def __init__(self) -> None:
        self.count = 0
        self.request_id: str | None = None
        self._told = 0  # calls of which the tokens are known
        self._sum = _NOTHING

    @property
    def usage(self) -> Usage | None:
        """The tokens of all calls together; null where there was none, one did not tell, or no line can say
        so many.

        A part is not told as if it were the whole: whoever adds up must see what is missing.
        """
        is_known = 0 < self.count == self._told and max(astuple(self._sum)) <= MOST_TOKENS
        return self._sum if is_known else None

    def begin(self) -> None:
        """A call goes out."""
        self.count += 1

    def end(self, outcome: ModelOutcome) -> None:
        """It came back. What the server refused cost nothing; what got no answer may have cost."""
        facts = outcome.facts
        self.request_id = facts.request_id
        was_refused = isinstance(outcome, Failed) and (facts.http_status or 0) >= 300
        spent = _NOTHING if was_refused else facts.usage
        if spent is None:
            return
        self._told += 1
        self._sum = Usage(
            input_tokens=self._sum.input_tokens + spent.input_tokens,
            output_tokens=self._sum.output_tokens + spent.output_tokens,
            total_tokens=self._sum.total_tokens + spent.total_tokens,
        )
