"""`prices.v1`: what a model's tokens cost, as an operator knows it. Costs computed from it are estimates."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Document, NonEmpty

Date = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
PerMillion = Annotated[float, Field(ge=0, le=1_000_000)]


class Price(Document):
    """What a million tokens of `model` cost from the UTC day `valid_from` on, until a later entry."""

    model: NonEmpty
    valid_from: Date
    input_per_million: PerMillion
    output_per_million: PerMillion


class PricesDocument(Document):
    """The whole table. `as_of` is the day on which it was last checked against the vendor's own."""

    version: Literal["prices.v1"]
    currency: Currency
    as_of: Date
    prices: Annotated[list[Price], Field(min_length=1)]
