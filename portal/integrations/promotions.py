"""Stripe's checkouts name a promotion by its id; attribution knows codes. The ids become codes."""

from dataclasses import replace

from portal.integrations import code_queries
from portal.integrations.models import InboundEvent
from portal.integrations.payloads import distinct
from portal.jobs import commands as jobs
from portal.sales.rules import Reading


def named(event: InboundEvent, reading: Reading) -> Reading:
    """The reading with its promotions' codes written out as far as they are known.

    Unknown ones are asked for at Stripe when it lets us in; the message is then read again.
    """
    order, connection_id = reading.order, event.connection_id
    if order is None or not order.promotions or connection_id is None:
        return reading
    known = code_queries.promotions(connection_id, order.promotions)
    unknown = [one for one in order.promotions if one not in known]
    if unknown and code_queries.reach_of(connection_id) is not None:
        jobs.enqueue(
            "integrations.learn_promotions", {"event_id": event.id, "references": unknown},
            dedupe=f"learn-promotions:{event.id}",
        )  # fmt: skip
    codes = distinct([*order.codes, *(known[one] for one in order.promotions if one in known)])
    return replace(reading, codes=codes, order=replace(order, codes=codes))
