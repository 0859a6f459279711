"""Who is told what: orders that a person decides about."""

from portal.ambassadors import queries as ambassadors
from portal.attribution import queries as attribution
from portal.attribution import rules as credit
from portal.creators import queries as creators
from portal.decisions import queries as decisions
from portal.decisions.events import OrderDeclined, OrderPutForward
from portal.identity import queries as identity
from portal.notifications.letters import link_to, send
from portal.notifications.subscribers import OPTIONAL, email_of_creator
from portal.sales import queries as sales
from portal.web.formatting import day, money


def on_order_put_forward(event: OrderPutForward) -> None:
    """Those who approve for finance hear of what is above the limit."""
    found = decisions.proposal(event.proposal_id)
    if not found.is_waiting:
        return
    brand, order = identity.brand(found.brand_id), sales.by_id(found.order_id)
    for user in identity.staff_with(brand.id, "finance.approver"):
        send(
            "order_put_forward", found.times * 1_000_000_000 + found.id, user.email,
            number=order.number, why=OPTIONAL, amount=money(found.amount),
            by=identity.user(found.by_id).name,
            link=link_to("decisions_finance.order", brand_id=brand.slug, proposal=found.public_id),
        )  # fmt: skip


def on_order_declined(event: OrderDeclined) -> None:
    """Creators whose code or link led to the order read why it does not count; nothing of the
    buyer, and no other creator’s name."""
    decision, order = attribution.attribution(event.attribution_id), sales.by_id(event.order_id)
    who = {step["facts"].get("ambassador_id") for step in decision.trace} - {None}
    for ambassador_id in sorted(one for one in who if credit.has_part(decision.trace, one)):
        member = ambassadors.ambassador(ambassador_id)
        send(
            "order_declined", decision.id, email_of_creator(member.creator_id),
            brand=identity.brand(order.brand_id).name, reason=decision.note,
            day=day(order.placed_at, creators.creator(member.creator_id).zone),
            link=link_to("commissions_creator.sale_check"),
        )  # fmt: skip
