"""Decide about orders."""

from collections.abc import Iterator, Sequence

from portal.attribution import deciding, gathering, queries, replay, rules
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
    """`attribute_order` for many, written in sets.

    Later charges of a subscription that were not credited are judged again once an earlier one
    is, so that it does not matter in which order they arrive (R45).
    """
    orders, credited = lock_each(Order, order_ids), list[Order]()
    for wave in _waves(orders):
        credited += _decide(wave)
    later = queries.later_charges([order.id for order in credited if order.subscription_ref])
    if later:
        attribute_each(later)


def _decide(orders: Sequence[Order]) -> list[Order]:
    """Decide about these at once; returns those that somebody is credited with now."""
    latest = queries.of_orders([order.id for order in orders])
    open_ = [one for one in orders if not _is_credited(latest.get(one.id))]
    facts = gathering.facts_of(open_)
    verdicts = []
    for order in open_:
        stands, decision = latest.get(order.id), rules.decide(facts[order.id])
        if stands is None or not replay.agrees(stands, decision):
            version = stands.version + 1 if stands else 1
            verdicts.append(Verdict(order, version, decision, facts[order.id].plain()))
    deciding.write(verdicts)
    return [one.order for one in verdicts if one.decision.outcome is Outcome.CREDITED]


def _is_credited(latest: Attribution | None) -> bool:
    return latest is not None and latest.outcome is Outcome.CREDITED


def _waves(orders: Sequence[Order]) -> Iterator[list[Order]]:
    """The orders, oldest first, in sets in which none depends on what is decided of another: of
    one subscription, or of one customer where customers are kept, each set holds one."""
    keeps = any(order.customer_key for order in orders) and gathering.keeps_customers(
        sorted({order.brand_id for order in orders})
    )
    rest = sorted(orders, key=lambda order: (order.placed_at, order.id))
    while rest:
        wave, put_off, taken = list[Order](), list[Order](), set[str]()
        for order in rest:
            keys = {f"sub {order.subscription_ref}"} if order.subscription_ref else set()
            keys |= {f"who {order.customer_key}"} if keeps and order.customer_key else set()
            (put_off if keys & taken else wave).append(order)
            taken |= keys
        yield wave
        rest = put_off
