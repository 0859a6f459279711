"""Decide about orders."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.attribution import deciding, gathering, queries, replay, rules, wording
from portal.attribution.deciding import Verdict
from portal.attribution.facts import Facts
from portal.attribution.models import Attribution, Outcome, SaleCheck
from portal.attribution.rules import Decision
from portal.audit import commands as audit
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.sales.models import Order
from portal.storage.locks import lock, lock_each
from portal.storage.model import db

CHECKS_A_DAY = 10


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


def reassign(order_id: int, ambassador_id: int, *, by: int, reason: str) -> Attribution:
    """Credit an order to this ambassador, decided by a person, on her program's terms at order
    time; the next version, which no later report of the shop changes.

    Announces OrderAttributed: what was earned before is taken back and earned anew
    (`commissions.commands.earn` may be called at once; both are idempotent). Raises NotFound for
    an order or an ambassador of another brand; InvalidInput without a reason; Conflict when she is
    credited already, when there were no terms yet, or when the order is a test, cancelled or
    unpaid.
    """
    if not reason.strip():
        raise InvalidInput("reason", "Say why: the reason is kept with the order.")
    order, member = lock(Order, order_id), ambassadors.ambassador(ambassador_id)
    if member.brand_id != order.brand_id:
        raise NotFound()
    latest = queries.of_order(order_id)
    if latest is not None and latest.ambassador_id == ambassador_id and _is_credited(latest):
        raise Conflict("The order is credited to this ambassador already.")
    facts = gathering.facts_of([order], {order_id: ambassador_id})[order_id]
    if member.program_id not in facts.policy:
        raise Conflict("No commission terms were in force when the order was placed.")
    decision = rules.decide(facts)
    if decision.outcome is not Outcome.CREDITED:
        raise Conflict(f"{wording.HEADLINES[decision.reason]}, so nobody can be credited with it.")
    found = _by_hand(order, latest, facts, decision, by, reason)
    audit.note(by, "order.reassigned", order.id, brand_id=order.brand_id, version=found.version,
               ambassador_id=ambassador_id, was=latest.ambassador_id if latest else None,
               reason=found.note)  # fmt: skip
    return found


def decline(order_id: int, word: str, reason: str, *, by: int) -> Attribution:
    """Credit nobody with an order that waited for a person, who says why in a sentence that the
    creators with a part in it read (R62); the next version, which no later report of the shop
    changes. Announces OrderAttributed.

    `word` is the reason's code, kept with the facts. Raises InvalidInput without a reason, Conflict
    unless the order waits for a decision.
    """
    if not reason.strip():
        raise InvalidInput("reason", "Say why: the creator reads it.")
    order = lock(Order, order_id)
    latest = queries.of_order(order_id)
    if latest is None or latest.outcome is not Outcome.NEEDS_DECISION:
        raise Conflict("This order does not wait for a decision any more.")
    facts = gathering.facts_of([order])[order_id]
    facts = replace(facts, order=replace(facts.order, declined=word))
    found = _by_hand(order, latest, facts, rules.decide(facts), by, reason)
    audit.note(by, "order.declined", order.id, brand_id=order.brand_id, version=found.version,
               word=word, reason=found.note)  # fmt: skip
    return found


def reopen(order_id: int, *, by: int) -> Attribution:
    """Take a decision by hand back: the rules judge the order again, as if nobody had. The next
    version. Announces OrderAttributed. Raises Conflict where no person decided."""
    order = lock(Order, order_id)
    latest = queries.of_order(order_id)
    if latest is None or latest.by_id is None:
        raise Conflict("Nobody decided about this order by hand.")
    facts = gathering.facts_of([order])[order_id]
    verdict = Verdict(order, latest.version + 1, rules.decide(facts), facts.plain())
    (row_id,) = deciding.write([verdict])
    audit.note(by, "order.reopened", order.id, brand_id=order.brand_id, version=verdict.version)
    return queries.attribution(row_id)


def note_check(
    ambassador_id: int, asked: dict[str, Any], answer: str, order_id: int | None
) -> SaleCheck:
    """Keep that a creator asked about an order, and what was answered.

    Raises Conflict after CHECKS_A_DAY of the program's creator in 24 hours (UX 2.4).
    """
    lock(Ambassador, ambassador_id)
    if queries.checks_since(ambassador_id, clock.now() - timedelta(days=1)) >= CHECKS_A_DAY:
        raise Conflict(
            f"You can ask about {CHECKS_A_DAY} orders a day in each program. Ask again tomorrow."
        )
    check = SaleCheck(
        ambassador_id=ambassador_id, asked=asked, answer=answer, order_id=order_id, at=clock.now()
    )
    db.session.add(check)
    db.session.flush()
    return check


def _by_hand(
    order: Order, latest: Attribution | None, facts: Facts, decision: Decision, by: int, why: str
) -> Attribution:
    """Keep a person's decision as the next version."""
    version = latest.version + 1 if latest else 1
    verdict = Verdict(order, version, decision, facts.plain(), by=by, note=why.strip()[:500])
    (row_id,) = deciding.write([verdict])
    return queries.attribution(row_id)


def _decide(orders: Sequence[Order]) -> list[Order]:
    """Decide about these at once; returns those that somebody is credited with now."""
    latest = queries.of_orders([order.id for order in orders])
    open_ = [one for one in orders if not _is_settled(latest.get(one.id))]
    facts = gathering.facts_of(open_)
    verdicts = []
    for order in open_:
        stands, decision = latest.get(order.id), rules.decide(facts[order.id])
        if stands is None or not replay.agrees(stands, decision):
            version = stands.version + 1 if stands else 1
            verdicts.append(Verdict(order, version, decision, facts[order.id].plain()))
    deciding.write(verdicts)
    return [one.order for one in verdicts if one.decision.outcome is Outcome.CREDITED]


def _is_settled(latest: Attribution | None) -> bool:
    """Whether reports of the shop change nothing any more: credited, or decided by a person."""
    return _is_credited(latest) or (latest is not None and latest.by_id is not None)


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
