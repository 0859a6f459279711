"""Decide about orders."""

from collections.abc import Sequence

from portal.attribution import deciding, queries, rules
from portal.attribution.deciding import Verdict
from portal.attribution.models import Attribution, Outcome
from portal.kernel.errors import NotFound
from portal.sales.models import Order
from portal.storage.locks import lock_each


def attribute_order(order_id: int) -> Attribution:
    """Decide who is credited, once. Repeating it changes nothing. Raises NotFound.

    An order that nobody was credited with (waiting for its payment, or not credited) is judged
    again, by the code and click of order time (R48), and gets a new version when the answer
    differs. A credited order stays as it is (UX 6.9).
    """
    attribute_each([order_id])
    found = queries.of_order(order_id)
    if found is None:
        raise NotFound()
    return found


def attribute_each(order_ids: Sequence[int]) -> None:
    """`attribute_order` for many, written in sets."""
    orders = lock_each(Order, order_ids)
    latest = queries.of_orders([order.id for order in orders])
    verdicts = (_verdict(order, latest.get(order.id)) for order in orders)
    deciding.write([one for one in verdicts if one is not None])


def _verdict(order: Order, latest: Attribution | None) -> Verdict | None:
    """What to write about an order; None when what stands is right."""
    if latest is not None and latest.outcome is Outcome.CREDITED:
        return None
    inputs = queries.inputs_of(order)
    decision = rules.credit_for(*queries.facts_for(order.brand_id, inputs))
    if latest is not None and queries.agrees(latest, decision):
        return None
    return Verdict(order, latest.version + 1 if latest else 1, decision, inputs)
