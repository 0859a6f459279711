"""What goes over the wire: one model per message, used to check requests, to write answers and to
make the OpenAPI document. Field descriptions are what the reference page says.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

from portal.kernel import clock
from portal.kernel.money import Money

MOST_MINOR = 999_999_999_999
PAGE_ROWS, MOST_ROWS = 50, 200
FIRST_YEAR, LAST_YEAR = 2000, 2100

DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
PLAIN = r"^[^\x00-\x1f\x7f]*$"


def _written(moment: datetime) -> str:
    return moment.astimezone(clock.UTC).isoformat().replace("+00:00", "Z")


def _read(value: Any, parse: ValidatorFunctionWrapHandler) -> datetime:
    """An instant of ours is told as it is stored; one that is told to us must be written out (the
    parser also takes numbers as seconds since 1970) and of these years."""
    if isinstance(value, datetime):
        return parse(value)  # type: ignore[no-any-return]
    if not (isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-"):
        raise ValueError("Write it as 2026-03-02T09:00:00Z.")
    moment: datetime = parse(value)
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise ValueError(f"The year must lie between {FIRST_YEAR} and {LAST_YEAR}.")
    return moment.astimezone(clock.UTC)


def text(most: int, least: int = 1) -> StringConstraints:
    """Text without control characters, of so many characters: `Annotated[str, text(60)]`."""
    return StringConstraints(min_length=least, max_length=most, pattern=PLAIN)


Moment = Annotated[
    AwareDatetime,
    Field(strict=False, examples=["2026-03-02T09:00:00Z"]),
    WrapValidator(_read),
    PlainSerializer(_written, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


def _is_a_day(value: Any) -> Any:
    if isinstance(value, str) and DAY.fullmatch(value) is None:
        raise ValueError("Write a day as 2026-03-02.")
    return value


Day = Annotated[
    date,
    Field(examples=["2026-03-02"]),
    BeforeValidator(_is_a_day),
]


class Shape(BaseModel):
    """A message. Unknown fields are refused: a misspelt one would otherwise be lost silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(Shape):
    """What may stand in a query string."""


class Told(Shape):
    """What a request may carry in its body; JSON types are taken as they are, never converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Amount(Told):
    """Money in whole minor units: 12.50 USD is 1250, 1,250 JPY is 1250."""

    amount_minor: Annotated[int, Field(ge=0, le=MOST_MINOR, examples=[8000])]
    currency: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Z]{3}$"),
        Field(description="ISO 4217", examples=["USD"]),
    ]

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)


class Sum(Shape):
    """Money in whole minor units; what was taken back may make it negative."""

    amount_minor: Annotated[int, Field(examples=[800])]
    currency: Annotated[str, Field(description="ISO 4217", examples=["USD"])]

    @classmethod
    def of(cls, amount: Money) -> "Sum":
        return cls(amount_minor=amount.minor, currency=amount.currency)


def _whole_number(value: Any) -> Any:
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) <= 3):
        raise ValueError(f"Write a whole number from 1 to {MOST_ROWS}.")
    return value


class ListAsked(Asked):
    """Which page of a list. A cursor is opaque; it comes from the page before."""

    limit: Annotated[
        int,
        Field(ge=1, le=MOST_ROWS, description="Rows per page"),
        BeforeValidator(_whole_number),
    ] = PAGE_ROWS
    cursor: Annotated[
        str | None,
        Field(
            description="`next_cursor` of the page before; leave it out for the first page",
            max_length=200,
        ),
    ] = None


class Problem(Shape):
    """Every refusal (RFC 9457, application/problem+json)."""

    type: Annotated[str, Field(description="Which kind of problem: an address of this page")]
    title: Annotated[str, Field(description="The kind in words", examples=["Not found"])]
    status: Annotated[int, Field(description="The HTTP status again", examples=[404])]
    detail: Annotated[str, Field(description="What is wrong, as a sentence to show to a person")]
    errors: Annotated[
        list["FieldError"] | None,
        Field(description="With 422: each field that cannot be used"),
    ] = None


class FieldError(Shape):
    """One value that cannot be used."""

    field: Annotated[str, Field(examples=["subtotal.amount_minor"])]
    message: str


class Me(Shape):
    """Whose key this is and what it may do."""

    brand: Annotated[str, Field(description="The brand's word in addresses", examples=["glow"])]
    brand_name: str
    currency: Annotated[str, Field(description="The brand's own currency", examples=["USD"])]
    time_zone: Annotated[str, Field(examples=["America/New_York"])]
    key: Annotated[str, Field(description="The key's id", examples=["key_8kq2f7m3n4p5"])]
    key_name: str
    scopes: list[str]
    requests_per_minute: int


Cursor = Annotated[
    str | None, Field(description="The cursor of the next page; null on the last page")
]
