"""What is wrong with a message, in sentences that name the field and what belongs there. Pure."""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

MOST = 20
LONGEST_NAME = 60  # of a field that a program made up, as it is said back
NO_JSON = [("", "The body is not JSON.")]
# What programs call a field elsewhere, and what it is called here.
MEANT = {
    "vclid": "click_id", "click": "click_id", "code": "codes", "coupon": "codes",
    "discount_code": "codes", "coupon_code": "codes", "promo_code": "codes", "id": "order_id",
    "order": "order_id", "total": "subtotal", "amount_total": "subtotal", "revenue": "subtotal",
    "value": "amount_minor", "cents": "amount_minor", "created_at": "placed_at",
    "ordered_at": "placed_at", "date": "placed_at", "email": "customer.email",
    "customer_email": "customer.email", "customer_id": "customer.id", "number": "order_number",
    "items": "lines", "line_items": "lines", "test": "is_test", "paid": "is_paid",
    "cancelled": "is_cancelled", "canceled": "is_cancelled", "url": "destination_url",
    "destination": "destination_url", "from": "day_from", "until": "day_until", "to": "day_until",
}  # fmt: skip
FRACTION = "Write a whole number: amounts are in minor units, so 12.50 is 1250."
KINDS = {
    "string_type": "Write it as text in quotes.",
    "int_type": "Write a whole number, without quotes.",
    "int_parsing": "Write a whole number.",
    "bool_type": "Write true or false, without quotes.",
    "list_type": "Write a list in square brackets.",
    "model_type": "Write an object in curly brackets.",
    "model_attributes_type": "Write an object in curly brackets.",
    "dict_type": "Write an object in curly brackets.",
    "timezone_aware": "Say the zone too: 2026-03-02T09:00:00Z.",
    "datetime_type": "Write it as 2026-03-02T09:00:00Z.",
    "date_from_datetime_parsing": "There is no such day; write one as 2026-03-02.",
    "date_parsing": "There is no such day; write one as 2026-03-02.",
    "date_type": "Write a day as 2026-03-02.",
    "missing": "This field is missing.",
}


def faults(wrong: ValidationError, shape: type[BaseModel]) -> list[tuple[str, str]]:
    """(field, sentence) of everything in a message of this shape that cannot be used; at most 20.

    Of a body that is no JSON at all: NO_JSON.
    """
    found = wrong.errors(include_url=False, include_input=True)
    if any(one["type"] == "json_invalid" for one in found):
        return NO_JSON
    return [(_field(one), _sentence(one, shape)) for one in found[:MOST]]


def named(field: str, sentence: str) -> str:
    """A sentence that says which field it is about."""
    return f"{field}: {sentence}" if field else sentence


def _field(one: ErrorDetails) -> str:
    # A name that a program made up may be endless, or hold a NUL, which PostgreSQL never keeps.
    steps = (str(step).replace("\0", "\ufffd") for step in one["loc"])
    return ".".join(step[:LONGEST_NAME] for step in steps)


def _sentence(one: ErrorDetails, shape: type[BaseModel]) -> str:
    kind, known = one["type"], one.get("ctx", {})
    if kind == "int_type" and isinstance(one["input"], float):
        return FRACTION
    if kind == "extra_forbidden":
        return _unknown(one, shape)
    if kind in KINDS:
        return KINDS[kind]
    if kind in OF_LIMITS:
        return OF_LIMITS[kind](known)
    if kind == "string_pattern_mismatch":
        return _pattern(str(known.get("pattern", "")))
    if kind.startswith("datetime"):
        return "There is no such moment; write it as 2026-03-02T09:00:00Z."
    text = one["msg"].removeprefix("Value error, ").strip()
    return text if text.endswith(".") else f"{text}."


def _pattern(pattern: str) -> str:
    if "A-Z" in pattern:
        return "Write the currency as three capital letters, such as USD."
    return "Leave out line breaks and other control characters."


def _enum(known: Mapping[str, Any]) -> str:
    words = str(known.get("expected", "")).replace("'", "")
    return f"Write one of these: {words}."


def _length(known: Mapping[str, Any]) -> str:
    least = known["min_length"]
    return "This may not be empty." if least == 1 else f"Write at least {least} characters."


OF_LIMITS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "enum": _enum,
    "literal_error": _enum,
    "string_too_short": _length,
    "string_too_long": lambda known: f"Write at most {known['max_length']} characters.",
    "too_long": lambda known: f"Give at most {known['max_length']} of them.",
    "greater_than_equal": lambda known: f"The smallest value is {known['ge']}.",
    "less_than_equal": lambda known: f"The largest value is {known['le']:,}.",
}


def _unknown(one: ErrorDetails, shape: type[BaseModel]) -> str:
    *inner, name = one["loc"]
    here = list(_within(shape, inner).model_fields)
    typed = str(name)
    meant = MEANT.get(typed.casefold(), "")
    if meant.partition(".")[0] in here and meant != typed:
        return f"There is no such field. It is called {meant} here."
    alike = get_close_matches(typed.casefold(), here, n=1)
    if alike:
        return f"There is no such field. The nearest one is {alike[0]}."
    return f"There is no such field. Known here are {_list(here)}."


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _within(shape: type[BaseModel], path: list[Any]) -> type[BaseModel]:
    """The shape that the field at the end of a path is of."""
    for step in path:
        field = shape.model_fields.get(step) if isinstance(step, str) else None
        if field is not None:
            shape = next(_models(field.annotation), shape)
    return shape


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
