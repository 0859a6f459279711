"""Look at orders a person decides about: who had a part, what each would earn, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from portal.ambassadors import queries as ambassadors
from portal.attribution import queries as decisions
from portal.attribution.models import Attribution, Outcome
from portal.attribution.rules import Decision, Touch
from portal.commissions import base_rules
from portal.commissions import rules as commissions
from portal.commissions.purchase_queries import basket_of, purchase_of
from portal.commissions.refund_rules import target_after_refunds
from portal.commissions.tier_queries import place_of
from portal.creators import queries as creators
from portal.decisions.models import Proposal, ProposalStatus
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.sales import queries as sales
from portal.sales.models import Connection, Order
from portal.storage.model import db
from portal.tracking import queries as tracking

TWIN_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Worth:
    """What an order would earn somebody: whole, and what refunds leave of it."""

    amount: Money
    left: Money


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody the order could be credited to: her part in it, and what she would earn; or why it
    cannot be hers."""

    ambassador_id: int
    public_id: str
    name: str
    parts: Sequence[Touch]
    worth: Worth | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Twin:
    """The same order as another shop told it."""

    order: Order
    shop: str
    creator_name: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal, its order's number, and whom it is for."""

    proposal: Proposal
    number: str
    creator_name: str


def worth(order: Order, ambassador_id: int) -> Worth:
    """What crediting the order to her by hand would earn. Raises NotFound for an ambassador of
    another brand, Conflict when it cannot be credited."""
    member = ambassadors.ambassador(ambassador_id)
    if member.brand_id != order.brand_id:
        raise NotFound()
    decision, facts = decisions.judged(order, ambassador_id)
    if decision.outcome is not Outcome.CREDITED or decision.terms_id is None:
        raise Conflict("Nobody can be credited with this order any more.")
    terms = programs.facts_by_id([decision.terms_id])[decision.terms_id]
    standing = sales.standing(order.id)
    lines = sales.lines_of(order.id)
    bought = purchase_of(
        order, lines, member, rate_bp=decision.rate_bp, code=_code_of(decision),
        is_new_customer=facts.order.is_new_customer,
        source=sales.sources_of([order.connection_id])[order.connection_id],
        place=place_of(order, member), base=terms.base,
    )  # fmt: skip
    earned = commissions.commission_for(bought, terms)
    basket = basket_of(lines, bought, earned, terms)
    is_left = base_rules.left_of(order.worth, standing.back, terms.base, is_gone=standing.is_gone)
    left = target_after_refunds(earned.total, basket, is_left)
    return Worth(earned.total, left)


def _code_of(decision: Decision) -> str | None:
    return tracking.code(decision.code_id).code if decision.code_id else None


def candidates(order: Order, decision: Attribution, named: int | None = None) -> list[Candidate]:
    """Everybody with a part in the order, by the facts the decision was made from, and whoever
    was `named`; who would not earn stands last."""
    touches = decisions.touches_of(decision)
    who = list(dict.fromkeys(one.ambassador_id for one in touches))
    if named is not None and named not in who:
        who.append(named)
    members = ambassadors.members(who)
    found = []
    for one in who:
        member = members[one]
        if member.ambassador.brand_id != order.brand_id:
            continue
        parts = tuple(touch for touch in touches if touch.ambassador_id == one)
        value, refusal = None, ""
        try:
            value = worth(order, one)
        except Conflict as no:
            refusal = no.message
        found.append(
            Candidate(one, member.ambassador.public_id, member.creator.name, parts, value, refusal)
        )
    return sorted(found, key=lambda one: one.worth is None)


def ambassador_named(brand_id: int, typed: str) -> int:
    """The membership that a code or a handle names. Raises InvalidInput for one nobody has."""
    typed = typed.strip().lstrip("@")
    code = tracking.code_matching(brand_id, typed, clock.now()) if typed else None
    if code is not None:
        return code.ambassador_id
    try:
        creator = creators.by_handle(typed)
        mine = [one for one in ambassadors.of_creator(creator.id) if one.brand_id == brand_id]
    except NotFound:
        mine = []
    if not mine:
        raise InvalidInput("who", f"No ambassador of yours has the code or handle {typed}.")
    return mine[0].id


def twin_of(order: Order) -> Twin | None:
    """The earlier report of the same order by another shop of the brand (R36)."""
    row = db.session.execute(
        select(Order, Connection.name)
        .join(Connection, Connection.id == Order.connection_id)
        .where(
            Order.brand_id == order.brand_id, Order.number == order.number, Order.id < order.id,
            Order.connection_id != order.connection_id, Order.total_minor == order.total_minor,
            Order.placed_at.between(order.placed_at - TWIN_WITHIN, order.placed_at + TWIN_WITHIN),
        )
        .order_by(Order.id)
        .limit(1)
    ).first()  # fmt: skip
    if row is None:
        return None
    decision = decisions.of_order(row.Order.id)
    who = decision.ambassador_id if decision else None
    name = ambassadors.members([who])[who].creator.name if who is not None else ""
    return Twin(row.Order, row.name, name)


def next_waiting(brand_id: int, after: int | None = None) -> Order | None:
    """The oldest order that waits for a decision, other than this one."""
    found: Order | None = db.session.scalar(
        select(Order)
        .join(Attribution, (Attribution.order_id == Order.id) & Attribution.is_latest)
        .where(
            Attribution.brand_id == brand_id, Attribution.outcome == Outcome.NEEDS_DECISION,
            Order.id != (after or 0),
            Order.id.not_in(
                select(Proposal.order_id).where(Proposal.status == ProposalStatus.WAITING_FINANCE)
            ),
        )
        .order_by(Order.placed_at, Order.id)
        .limit(1)
    )  # fmt: skip
    return found


def finance_limit(brand_id: int) -> Money | None:
    """From which amount on finance must agree; None for never."""
    found = decisions.rules_of(brand_id)
    if found is None or found.finance_above_minor is None:
        return None
    return Money(found.finance_above_minor, found.currency)


def proposal_of(order_id: int) -> Proposal | None:
    """What was last put forward about an order."""
    found: Proposal | None = db.session.scalar(
        select(Proposal).where(Proposal.order_id == order_id)
    )
    return found


def proposal(proposal_id: int) -> Proposal:
    """A proposal by row id. Raises NotFound."""
    found = db.session.get(Proposal, proposal_id)
    if found is None:
        raise NotFound()
    return found


def one_of_brand(brand_id: int, public_id: str) -> Proposal:
    """A brand's proposal. Raises NotFound, for another brand's too."""
    found = db.session.scalar(
        select(Proposal).where(Proposal.brand_id == brand_id, Proposal.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found


def waiting_for_finance(brand_id: int, limit: int = 100) -> list[Waiting]:
    """What finance has to answer, oldest first."""
    rows = db.session.scalars(
        select(Proposal)
        .where(Proposal.brand_id == brand_id, Proposal.status == ProposalStatus.WAITING_FINANCE)
        .order_by(Proposal.at, Proposal.id)
        .limit(limit)
    ).all()
    members = ambassadors.members([one.ambassador_id for one in rows])
    orders = sales.by_ids([one.order_id for one in rows])
    return [
        Waiting(one, orders[one.order_id].number, members[one.ambassador_id].creator.name)
        for one in rows
    ]


def words(status: ProposalStatus) -> str:
    """ "agreed to", "refused", "taken back": what became of a proposal."""
    told = {ProposalStatus.AGREED: "agreed to", ProposalStatus.WITHDRAWN: "taken back"}
    return told.get(status, "refused" if status is ProposalStatus.REFUSED else "put forward anew")
