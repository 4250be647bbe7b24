"""`budget.v1`: what a home may spend in a UTC day before it stops by itself."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import WHOLE, Document, NonEmpty
from schemas.prices import Currency

Most = Annotated[int, Field(ge=1, le=10**15), WHOLE]


class BudgetDocument(Document):
    """Each limit is for a UTC day, null or absent: none. `environment` is that of the home.

    `currency` names that of `money_per_day`, and stands only with it. `unknown` says what happens where
    usage that a limit needs is not known: warn, or stop as if it were used up.
    """

    version: Literal["budget.v1"]
    environment: NonEmpty
    calls_per_day: Most | None = None
    tokens_per_day: Most | None = None
    money_per_day: Annotated[float, Field(gt=0, le=10**12)] | None = None
    currency: Currency | None = None
    unknown: Literal["warn", "kill"] = "warn"
