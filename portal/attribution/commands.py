"""Decide about orders."""

from sqlalchemy import update

from portal.attribution import queries, rules
from portal.attribution.events import OrderAttributed
from portal.attribution.models import Attribution, Outcome
from portal.attribution.rules import Decision
from portal.audit import commands as audit
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.sales.models import Order
from portal.storage.locks import lock
from portal.storage.model import db


def attribute_order(order_id: int) -> Attribution:
    """Decide who is credited, once. Repeating it changes nothing.

    An order that nobody was credited with (waiting for its payment, or not credited) is judged
    again, by the code and click of order time (R48), and gets a new version when the answer
    differs. A credited order stays as it is (UX 6.9).
    """
    order = lock(Order, order_id)
    latest = queries.of_order(order_id)
    if latest is not None and latest.outcome is Outcome.CREDITED:
        return latest
    inputs = queries.inputs_of(order)
    decision = rules.credit_for(*queries.facts_for(order.brand_id, inputs))
    if latest is not None and queries.agrees(latest, decision):
        return latest
    return _store(order, latest, decision, inputs)


def _store(
    order: Order, latest: Attribution | None, decision: Decision, inputs: dict[str, object]
) -> Attribution:
    if latest is not None:
        db.session.execute(
            update(Attribution).where(Attribution.id == latest.id).values(is_latest=False)
        )
    found = Attribution(
        order_id=order.id, brand_id=order.brand_id, version=latest.version + 1 if latest else 1,
        outcome=decision.outcome, reason=decision.reason, ambassador_id=decision.ambassador_id,
        program_id=decision.program_id, terms_id=decision.terms_id, code_id=decision.code_id,
        click_id=decision.click_id, trace=decision.trace, inputs=inputs, decided_at=clock.now(),
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    audit.note(
        None, "order.attributed", order.id, brand_id=order.brand_id, version=found.version,
        outcome=found.outcome.value, reason=found.reason.value, ambassador_id=found.ambassador_id,
    )  # fmt: skip
    announce(OrderAttributed(order.id, found.id))
    return found
