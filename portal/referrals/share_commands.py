"""Earn shares of recruits' sales, and let them follow what becomes of those (R75)."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta

from portal.ambassadors import queries as ambassadors
from portal.ambassadors import rules as membership
from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.commissions import commands as commissions
from portal.commissions import extra_commands
from portal.commissions.extra_commands import Extra
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.creators import queries as creators
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.programs import queries as programs
from portal.referrals import queries, rules, wording
from portal.referrals.models import Override, Recruit, ReferralTerms
from portal.storage.locks import lock, lock_each
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint

HOLDABLE = (CommissionStatus.PENDING, CommissionStatus.PAYABLE)
Chain = list[int]  # memberships above one, the recruiter's first


def earn(commission_ids: Sequence[int]) -> list[Commission]:
    """What sales earn those who recruited their ambassadors, once for each sale and level, by the
    plan in force when the order was bought (R15), and to whoever was active then (R43). A sale
    that lost something since is followed at once.
    """
    sales = queries.sales(commission_ids)
    chains = _chains([sale.ambassador_id for sale, _ in sales])
    if not chains:
        return []
    people = {one for chain in chains.values() for one in chain} | set(chains)
    members = ambassadors.ambassadors(sorted(people))
    plans = queries.versions_of([one.program_id for one in members.values()])
    names = _names([one.creator_id for one in members.values()])
    histories = ambassadors.histories(sorted(people))
    wanted: dict[str, tuple[Extra, Override]] = {}
    for sale, bought_at in sales:
        chain = chains.get(sale.ambassador_id, [])
        program_id = members[sale.ambassador_id].program_id if chain else 0
        terms = queries.in_force(plans.get(program_id, ()), bought_at)
        if terms is not None:
            active = {
                one
                for one in chain
                if _was_active(histories.get(one, ()), bought_at, is_now=members[one].is_active)
            }
            wanted |= _shares(sale, chain, active, terms, members, names)
    earned = extra_commands.earn_extras([extra for extra, _ in wanted.values()])
    for one in earned:
        override = wanted[one.source or ""][1]
        override.commission_id = one.id
        db.session.add(override)
    db.session.flush()
    for sale, _ in sales:
        if sale.taken_back or sale.status not in HOLDABLE:
            follow(sale.id)
    return earned


def follow(child_id: int) -> None:
    """Bring the shares of a sale to what is left of it, in the same ratio (R75), and hold, release
    and delay them with it. Works from the state as it is, so the order of events does not matter.
    """
    share_ids = queries.shares_of(child_id)
    if not share_ids:
        return
    child = lock(Commission, child_id)
    for share in sorted(lock_each(Commission, share_ids), key=_account):
        left = rules.left_of(share.amount, child.amount, child.net)
        extra_commands.bring_to(share.id, left)
        _hold_with(share, child)


def reward_first_sales() -> int:
    """Earn what is promised for recruits' first approved sales, once for each (R80), and take
    back what is not payable yet of those of whom no sale is left. Returns how many are new."""
    for commission, still in queries.open_first_sales():
        left = commission.amount if still else Money.zero(commission.currency)
        if commission.net != left:
            extra_commands.bring_to(commission.id, left)
    found = queries.first_sales()
    plans = queries.versions_of([recruit.program_id for recruit, _ in found])
    members = ambassadors.ambassadors([recruit.parent_id for recruit, _ in found])
    names = _names([recruit.creator_id for recruit, _ in found])
    wanted: dict[str, Extra] = {}
    whose: dict[str, Recruit] = {}
    for recruit, bought_at in found:
        terms = queries.in_force(plans.get(recruit.program_id, ()), bought_at)
        parent = members[recruit.parent_id]
        if terms is None or not terms.first_sale_minor or not parent.is_active:
            continue
        source = f"first-sale:{recruit.id}"
        whose[source] = recruit
        wanted[source] = _first_sale(source, parent, terms, names[recruit.creator_id])
    for earned in extra_commands.earn_extras(list(wanted.values())):
        whose[earned.source or ""].bonus_id = earned.id
    db.session.flush()
    return len(wanted)


# ---- inside
def _account(share: Commission) -> str:
    """What the books know its owner by: they are locked in this order, by a run too."""
    return accounts.payable(share.brand_id, share.creator_id)


def _chains(ambassador_ids: Sequence[int]) -> dict[int, Chain]:
    """Who stands above these memberships, two levels at most."""
    first = queries.parents_of(ambassador_ids) if ambassador_ids else {}
    second = queries.parents_of(list(first.values())) if first else {}
    return {
        child: [parent, *([second[parent]] if parent in second else [])]
        for child, parent in first.items()
    }


def _shares(
    sale: Commission, chain: Chain, active: Set[int], terms: ReferralTerms,
    members: Mapping[int, Ambassador], names: Mapping[int, str],
) -> dict[str, tuple[Extra, Override]]:  # fmt: skip
    plan = queries.plan_of(terms)
    amounts = rules.overrides_for(_counted(sale), sale.amount, plan)
    found: dict[str, tuple[Extra, Override]] = {}
    child = members[sale.ambassador_id]
    known = [child.creator_id, *(members[one].creator_id for one in chain)]
    for level, (who, amount) in enumerate(zip(chain, amounts, strict=False), start=1):
        if not amount or who not in active:
            continue
        source = f"override:{sale.id}:{level}"
        title = wording.title_of(level, names[known[level - 1]])
        note = wording.note_of(plan.basis, plan.levels[level - 1])
        extra = Extra(
            CommissionKind.OVERRIDE, source, sale.brand_id, members[who].creator_id, who, amount,
            title, sale.hold_until, note=note,
            steps=[(title, f"{note}. It is paid beside it, never taken from it")],
        )  # fmt: skip
        found[source] = extra, Override(child_id=sale.id, level=level, terms_id=terms.id)
    return found


def _was_active(
    history: Sequence[tuple[datetime, MembershipStatus]], bought_at: datetime, *, is_now: bool
) -> bool:
    """Whether she was a member when an order was bought: what she brought before she left stays
    hers, however late it is paid (R43). For an order from before her history, as she is now: both
    may have been imported."""
    standing = membership.standing_at(history, bought_at)
    return is_now if standing is None else standing[1] is MembershipStatus.ACTIVE


def _names(creator_ids: Sequence[int]) -> dict[int, str]:
    return {one.id: one.name for one in creators.creators(creator_ids).values()}


def _counted(sale: Commission) -> Money:
    """What counted of the sale for her: her part of it, where several share (R50)."""
    share = sale.explanation.get("share")
    return sale.base.scaled(share["weight"], share["of"]) if share else sale.base


def _hold_with(share: Commission, child: Commission) -> None:
    is_held = child.status is CommissionStatus.ON_HOLD
    if share.status is CommissionStatus.PENDING and share.hold_until != child.hold_until:
        extra_commands.hold_until(share, child.hold_until)
    if is_held and share.status in HOLDABLE and share.net:
        try:
            with savepoint():
                commissions.hold(share.id, wording.HELD, by=None)
        except Conflict:  # in a run or paid: what comes off is a negative line (R69)
            db.session.refresh(share)
    elif not is_held and share.hold_reason == wording.HELD:
        if share.status is CommissionStatus.ON_HOLD:
            commissions.release(share.id, by=None)
        else:
            share.hold_reason = ""


def _first_sale(source: str, parent: Ambassador, terms: ReferralTerms, name: str) -> Extra:
    program = programs.program(parent.program_id)
    held_until: datetime = clock.now() + timedelta(days=terms.hold_days)
    return Extra(
        CommissionKind.BONUS, source, parent.brand_id, parent.creator_id, parent.id,
        terms.first_sale, f"First sale of {name}", held_until,
        note=f"Promised for whom you bring to {program.name}",
        steps=[(f"{name} joined on your invitation", "Her first sale is approved, returns over")],
    )  # fmt: skip
