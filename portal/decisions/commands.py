"""Credit an order, decline it, take that back; finance agrees above the limit."""

from portal.attribution import commands as attribution
from portal.attribution import queries as decisions
from portal.attribution.models import Outcome
from portal.audit import commands as audit
from portal.commissions import commands as earnings
from portal.commissions import queries as commissions
from portal.decisions import queries, rules
from portal.decisions.events import OrderDeclined, OrderPutForward
from portal.decisions.models import Proposal, ProposalStatus
from portal.decisions.rules import DeclineReason
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.storage.locks import lock
from portal.storage.model import db


def credit(
    order_id: int, ambassador_id: int, reason: str, *, by: int, seen: int | None = None
) -> Proposal | None:  # fmt: skip
    """Credit an order to this ambassador now; or, above the brand's limit, put it forward to
    finance, and return the proposal.

    What another had earned with it is taken back. Raises InvalidInput without a reason, NotFound
    for an ambassador of another brand, and Conflict when the order cannot be credited, when what
    it earned is payable already, when it waits for finance, or when `seen`, the version of the
    decision that was looked at, is not the latest any more.
    """
    if not reason.strip():
        raise InvalidInput("reason", "Say why: the reason is kept with the order.")
    order = _open(order_id)
    rules.check_seen(seen, decisions.of_order(order.id))
    worth = queries.worth(order, ambassador_id)
    limit = queries.finance_limit(order.brand_id)
    if rules.needs_finance(worth.amount, limit):
        return _put_forward(order, ambassador_id, reason, worth.amount, by)
    _credit(order, ambassador_id, reason, by)
    return None


def decline(order_id: int, reason: DeclineReason, note: str, *, by: int) -> None:
    """Credit nobody with an order that waits for a decision; the creators with a part in it read
    why. Announces OrderDeclined. Raises Conflict unless it waits."""
    order = _open(order_id)
    words = rules.declined_words(reason, note)
    found = attribution.decline(order.id, reason.value, words, by=by)
    announce(OrderDeclined(order.id, found.id))


def undo(order_id: int, *, by: int) -> bool:
    """Take a decision back: the rules judge the order again, and what it earned by hand is taken
    back; a proposal that waits is withdrawn. Whether it was a decision. Raises Conflict where
    nobody decided, or when what it earned is payable already."""
    order = lock(Order, order_id)
    waiting = queries.proposal_of(order.id)
    if waiting is not None and waiting.is_waiting:
        _answer(waiting, ProposalStatus.WITHDRAWN, by, "")
        return False
    _check_movable(order)
    found = attribution.reopen(order.id, by=by)
    earnings.earn(found.id)
    return True


def agree(proposal_id: int, *, by: int) -> None:
    """Finance agrees: the order is credited now, in the name of whoever put it forward.

    Raises NotAllowed for that person herself, Conflict when it does not wait any more, or would
    earn more than was put forward.
    """
    proposal = _waiting(proposal_id, by)
    order = sales.by_id(proposal.order_id)
    rules.check_can_decide(_outcome(order))
    _check_movable(order)
    rules.check_as_put_forward(queries.worth(order, proposal.ambassador_id).amount, proposal.amount)
    _credit(order, proposal.ambassador_id, proposal.reason, proposal.by_id)
    _answer(proposal, ProposalStatus.AGREED, by, "")


def refuse(proposal_id: int, answer: str, *, by: int) -> None:
    """Finance does not agree: the order waits for a decision as before, with this answer beside
    it. Raises InvalidInput without one."""
    if not answer.strip():
        raise InvalidInput("answer", "Say why: whoever put it forward reads it.")
    _answer(_waiting(proposal_id, by), ProposalStatus.REFUSED, by, answer.strip()[:500])


def _open(order_id: int) -> Order:
    order = lock(Order, order_id)
    rules.check_can_decide(_outcome(order))
    waiting = queries.proposal_of(order.id)
    if waiting is not None and waiting.is_waiting:
        raise Conflict("This order waits for finance already. Take that back first.")
    _check_movable(order)
    return order


def _outcome(order: Order) -> Outcome | None:
    latest = decisions.of_order(order.id)
    return latest.outcome if latest else None


def _check_movable(order: Order) -> None:
    earned = commissions.sales_of_orders([order.id]).get(order.id, {})
    rules.check_can_move([commissions.commission(one).status for one in earned])


def _credit(order: Order, ambassador_id: int, reason: str, by: int) -> None:
    found = attribution.reassign(order.id, ambassador_id, by=by, reason=reason)
    earnings.earn(found.id)


def _put_forward(
    order: Order, ambassador_id: int, reason: str, amount: Money, by: int
) -> Proposal:  # fmt: skip
    proposal = queries.proposal_of(order.id)
    if proposal is None:
        proposal = Proposal(brand_id=order.brand_id, order_id=order.id, times=0)
        db.session.add(proposal)
    proposal.ambassador_id, proposal.reason = ambassador_id, reason.strip()[:500]
    proposal.amount_minor, proposal.currency = amount.minor, amount.currency
    proposal.status, proposal.by_id = ProposalStatus.WAITING_FINANCE, by
    proposal.at, proposal.answer = clock.now(), ""
    proposal.times += 1
    proposal.answered_by_id = proposal.answered_at = None
    db.session.flush()
    audit.note(by, "order.put-forward", order.id, brand_id=order.brand_id, amount=str(amount),
               ambassador_id=ambassador_id, reason=proposal.reason)  # fmt: skip
    announce(OrderPutForward(proposal.id))
    return proposal


def _waiting(proposal_id: int, by: int) -> Proposal:
    lock(Order, queries.proposal(proposal_id).order_id)  # first, as whoever takes it back does
    proposal = lock(Proposal, proposal_id)
    if not proposal.is_waiting:
        raise Conflict(f"This was {queries.words(proposal.status)} meanwhile.")
    if proposal.by_id == by:
        raise NotAllowed("You put this forward yourself, so somebody else answers.")
    return proposal


def _answer(proposal: Proposal, status: ProposalStatus, by: int, answer: str) -> None:
    proposal.status, proposal.answered_by_id = status, by
    proposal.answered_at, proposal.answer = clock.now(), answer
    db.session.flush()
    audit.note(by, f"order.{status.value}", proposal.order_id, brand_id=proposal.brand_id,
               amount=str(proposal.amount), answer=answer)  # fmt: skip
