"""Pages of a list as Stripe gives them: newest first, walked by the last id seen."""

from collections.abc import Callable, Sequence

from portal.demo.stripe_simulator import objects
from portal.demo.stripe_simulator.fields import Fields, expand, instants, page_size, text
from portal.demo.stripe_simulator.refusals import JSON, no_such

DEFAULT_PAGE = 10

FILTERS: Fields = {
    "created": instants,
    "ending_before": text,
    "expand": expand,
    "limit": page_size,
    "starting_after": text,
}
"""What every list understands."""

_BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


def page(rows: Sequence[JSON], asked: JSON, url: str) -> JSON:
    """One page of these rows, given oldest first; raises Refusal for an id not among them."""
    found = [row for row in reversed(rows) if _is_within(row["created"], asked)]
    size = asked.get("limit", DEFAULT_PAGE)
    if before := asked.get("ending_before"):
        found = found[: _place(found, before, "ending_before")]
        return objects.listing(url, found[-size:], has_more=len(found) > size)
    if after := asked.get("starting_after"):
        found = found[_place(found, after, "starting_after") + 1 :]
    return objects.listing(url, found[:size], has_more=len(found) > size)


def _is_within(created: int, asked: JSON) -> bool:
    bounds = asked.get("created", {})
    return all(_BOUNDS[name](created, instant) for name, instant in bounds.items())


def _place(rows: Sequence[JSON], id_: str, param: str) -> int:
    for place, row in enumerate(rows):
        if row["id"] == id_:
            return place
    raise no_such("object", id_, param)
