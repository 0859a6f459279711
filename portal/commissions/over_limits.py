"""What goes above a limit of its terms is written down whole, and held: a person decides (R9)."""

from collections.abc import Sequence

from sqlalchemy import case, func, select

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.commissions import holding
from portal.commissions.limit_rules import exceeded, is_measured, period_of, unmeasured
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.commissions.posting import note
from portal.identity import queries as identity
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.programs.models import Program
from portal.programs.rules import TermsFacts
from portal.sales.models import Order
from portal.storage.locks import lock
from portal.storage.model import db


def hold_what_exceeds(written: Sequence[Commission]) -> None:
    """Hold those of these commissions that go above a limit, in the order they were earned.

    What was earned before in the same period counts, held or not; what is void does not, nor an
    order that earned 0.00. Orders are counted in whatever currency; what is earned in another than
    that of a limited amount is held too, since nobody can say whether it fits. The
    program is locked, so that two at the same moment do not both fit.
    """
    limited = [one for one in written if one.explanation.get("limits")]
    if not limited:
        return
    versions = programs.facts_by_id({one.terms_id for one in limited if one.terms_id})
    for commission in sorted(limited, key=lambda one: one.id):
        terms = versions[commission.terms_id or 0]
        reason = _exceeded(commission, terms)
        if reason and commission.net:
            found = lock(Commission, commission.id)
            found.explanation = {**found.explanation, "exceeded_cap": reason}
            if found.status is CommissionStatus.ON_HOLD:  # disputed; this outlasts the dispute
                found.hold_reason = reason
                note(found, "held", None, reason=reason)
            else:
                holding.put_on_hold(found, reason, None)


def _exceeded(commission: Commission, terms: TermsFacts) -> str:
    currency = commission.currency
    order = db.session.get(Order, commission.order_id)
    if order is None or not commission.amount:
        return ""
    if not is_measured(terms, currency):
        return unmeasured(terms, currency)
    member = ambassadors.ambassador(commission.ambassador_id)
    program = lock(Program, member.program_id)
    zone = identity.brand(program.brand_id).zone
    since, until = period_of(order.placed_at, terms.rates.period, zone)
    net = Commission.amount_minor - Commission.reversed_minor
    of_currency = func.sum(case((Commission.currency == currency, net), else_=0))
    before = (
        select(func.count(), of_currency)
        .join(Order, Order.id == Commission.order_id)
        .where(
            Commission.kind == CommissionKind.SALE, Commission.amount_minor > 0,
            Commission.status != CommissionStatus.VOID, Commission.id <= commission.id,
            Order.placed_at >= since, Order.placed_at < until,
        )
    )  # fmt: skip
    orders, own = db.session.execute(
        before.where(Commission.ambassador_id == commission.ambassador_id)
    ).one()
    everybody = own
    if terms.rates.budget_minor:
        members = select(Ambassador.id).where(Ambassador.program_id == program.id)
        of_all = before.where(
            Commission.brand_id == program.brand_id, Commission.ambassador_id.in_(members)
        )
        everybody = db.session.execute(of_all).one()[1]
    return exceeded(
        terms.rates, currency, int(orders), Money(int(own), currency),
        Money(int(everybody), currency),
    )  # fmt: skip
