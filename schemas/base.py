"""What every document has in common: strict, frozen, unknown keys refused."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel


class Document(BaseModel):
    """Base of all contract models.

    Keys are camelCase in JSON and snake_case in Python. Values are never coerced: "true" is not
    a bool, 1 is not a bool, "1" is not a number.
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        allow_inf_nan=False,
    )


def _whole_number(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# JSON has one number type: 10.0 is the integer 10, in JSON Schema and in JavaScript. Here too, so
# that the models and the exported schemas accept the same documents.
# Bounds stand before it (`Annotated[int, Field(ge=0), WHOLE]`): after a before-validator pydantic
# writes them into the JSON Schema as `ge` and `le`, which every checker ignores.
WHOLE = BeforeValidator(_whole_number)
NonEmpty = Annotated[str, Field(min_length=1)]

# RFC 3339 date-time with a zone, upper case, up to nanoseconds. A pattern, not a `datetime`: the
# text is part of what is signed and must survive unchanged.
TIMESTAMP_PATTERN = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
Timestamp = Annotated[str, Field(pattern=TIMESTAMP_PATTERN)]


def _never_null(value: object) -> object:
    if value is None:
        raise ValueError("may be left out, but not null")
    return value


# A key that may be absent and is never null; None in Python means absent, and is not written back.
OptionalText = Annotated[
    str | None,
    BeforeValidator(_never_null),
    WithJsonSchema({"type": "string"}),
    Field(exclude_if=lambda text: text is None),
]
