"""Reading the parameters of a call as strictly as Stripe does: unknown ones are refused."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Union

from portal.demo.stripe_simulator.refusals import JSON, Invalid, missing, unknown

Rule = Callable[[Any, str], Any]
Fields = Mapping[str, Union[Rule, "Fields"]]

MOST_METADATA_KEYS, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500
LONGEST_TEXT = 5000
LARGEST_PAGE = 100


def unfold(pairs: Iterable[tuple[str, str]]) -> JSON:
    """`a[b][0]=c` as {"a": {"b": {"0": "c"}}}; of two equal names the later one counts."""
    tree: JSON = {}
    for name, value in pairs:
        *parents, last = [part.removesuffix("]") for part in name.split("[")]
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
            if not isinstance(node, dict):
                raise Invalid(f"Invalid parameter: {name}", param=name)
        node[last or str(len(node))] = value
    return tree


def read(given: JSON, fields: Fields, required: Sequence[str] = (), at: str = "") -> JSON:
    """The parameters by these rules; raises Invalid, naming the parameter, for any misfit."""
    for name in given:
        if name not in fields:
            raise unknown(_spot(at, name))
    for name in required:
        if given.get(name) in (None, "", {}):
            raise missing(_spot(at, name))
    return {name: _value(fields[name], value, _spot(at, name)) for name, value in given.items()}


def _spot(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


def _value(rule: Rule | Fields, value: Any, at: str) -> Any:
    if callable(rule):
        return rule(value, at)
    if not isinstance(value, dict):
        raise Invalid(f"Invalid object: {at} takes named values.", param=at)
    return read(value, rule, at=at)


# ------------------------------------------------------------------ the rules
def text(value: Any, at: str) -> str | None:
    """Any text; an empty one means "unset"."""
    if not isinstance(value, str):
        raise Invalid(f"Invalid string: {at} takes one value.", param=at)
    if len(value) > LONGEST_TEXT:
        raise Invalid(f"Invalid string: {at} is longer than {LONGEST_TEXT}.", param=at)
    return value or None


def whole(value: Any, at: str) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,15}", value):
        raise Invalid(f"Invalid integer: {value}", code="parameter_invalid_integer", param=at)
    return int(value)


def positive(value: Any, at: str) -> int:
    number = whole(value, at)
    if number < 1:
        raise Invalid(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param=at,
        )
    return number


def page_size(value: Any, at: str) -> int:
    number = positive(value, at)
    if number > LARGEST_PAGE:
        raise Invalid(
            f"This value must be less than or equal to {LARGEST_PAGE}.",
            code="parameter_invalid_integer",
            param=at,
        )
    return number


def percent(value: Any, at: str) -> Any:
    """More than 0 and at most 100, with at most two decimals, as the JSON number it will be."""
    try:
        number = Decimal(value if isinstance(value, str) else "")
    except InvalidOperation:
        raise Invalid(f"Invalid decimal: {value}", param=at) from None
    if not number.is_finite() or not 0 < number <= 100 or number != round(number, 2):
        raise Invalid("This value must be above 0 and at most 100.", param=at)
    return json.loads(f"{number:f}")


def flag(value: Any, at: str) -> bool:
    if value not in ("true", "false"):
        raise Invalid(f"Invalid boolean: {value}", param=at)
    return bool(value == "true")


def texts(value: Any, at: str) -> list[str]:
    """A list, as `a[]=x` or `a[0]=x`."""
    if value == "":
        return []
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise Invalid(f"Invalid array: {at} takes a list.", param=at)
    return list(value.values())


def metadata(value: Any, at: str) -> dict[str, str]:
    """Up to 50 short texts by name; an empty text is kept here and removes the name later."""
    if value == "":
        return {}
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise Invalid(f"Invalid object: {at} takes texts by name.", param=at)
    if len(value) > MOST_METADATA_KEYS:
        raise Invalid(f"Metadata can hold at most {MOST_METADATA_KEYS} keys.", param=at)
    for name, one in value.items():
        if len(name) > LONGEST_KEY or len(one) > LONGEST_VALUE:
            raise Invalid(
                f"Metadata keys hold up to {LONGEST_KEY} characters, values {LONGEST_VALUE}.",
                param=_spot(at, name),
            )
    return value


def currency(value: Any, at: str) -> str:
    code = str(value).lower()
    if not re.fullmatch(r"[a-z]{3}", code):
        raise Invalid(f"Invalid currency: {value}.", param=at)
    return code


def web_address(value: Any, at: str) -> str:
    if not isinstance(value, str) or not re.match(r"https?://[^/\s]+", value):
        raise Invalid("Not a valid URL", code="url_invalid", param=at)
    return value


def choice(*options: str) -> Rule:
    def chosen(value: Any, at: str) -> str:
        if value not in options:
            raise Invalid(f"Invalid {at}: must be one of {', '.join(options)}", param=at)
        return str(value)

    return chosen


def unsupported(_: Any, at: str) -> None:
    """Stripe knows it, the simulator does not: said aloud rather than silently ignored."""
    raise Invalid(f"The Stripe simulator does not support the parameter {at}.", param=at)


def expand(value: Any, at: str) -> None:
    if wanted := texts(value, at):
        raise Invalid(f"This property cannot be expanded here ({wanted[0]}).", param=at)


def instants(value: Any, at: str) -> dict[str, int]:
    """A `created` filter: one instant, or bounds, in Unix seconds."""
    if isinstance(value, str):
        number = whole(value, at)
        return {"gte": number, "lte": number}
    return read(value, {"gt": whole, "gte": whole, "lt": whole, "lte": whole}, at=at)


def merged(old: dict[str, str], change: dict[str, str] | None) -> dict[str, str]:
    """Metadata after an update: empty texts remove their names, an empty object removes all."""
    if change == {}:
        return {}
    return {name: value for name, value in {**old, **(change or {})}.items() if value}
