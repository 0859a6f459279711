"""Who might be paid, and how much: read from the accounts' balances in a handful of set queries.

A run never reads commissions: its cost does not grow with what was settled before (PERFORMANCE C).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Row, Select, case, exists, func, literal, select, union_all
from sqlalchemy.orm import aliased

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.creators import queries as creators
from portal.creators.models import PayoutDestination
from portal.kernel.money import Money
from portal.payee_holds import queries as payee_holds
from portal.payee_holds import sharing_queries as sharing
from portal.payouts import owing_queries as owing
from portal.payouts import rules
from portal.payouts.coming_queries import day_of
from portal.payouts.leaving_queries import leavings
from portal.payouts.models import BlockedReason, PayoutRun
from portal.storage.model import db
from portal.tax import queries as tax
from portal.tax.rules import Payee

T = TypeVar("T")
IDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether one creator could be paid by a run, and how much."""

    creator_id: int
    amount: Money
    destination: rules.Destination | None
    blocked: tuple[BlockedReason, ...]
    withheld: Money
    leaving: rules.Leaving | None = None


def standings(run: PayoutRun, now: Any) -> list[Standing]:
    """Every creator with a payable balance at the run's cut-off, by row id: enough to say what a
    run would come to. A run's own lines are decided by the same rules as a set (`line_sets`)."""
    due = owing.due(run)
    rows = db.session.execute(select(due.c.creator_id, due.c.amount).order_by(due.c.creator_id))
    amounts = {row.creator_id: Money(int(row.amount), run.currency) for row in rows}
    stored = _by_slices(list(amounts), creators.destination_facts_of)
    destinations = {creator_id: facts_of(one, one.home) for creator_id, one in stored.items()}
    stopped = _stopped(run)
    minimum = Money(run.minimum_minor, run.currency)
    verdicts = tax.gate(run.brand_id, payees_of(amounts, destinations), day_of(run))
    found, nothing = [], Money.zero(run.currency)
    leave = leavings(run.brand_id, now)
    for creator_id, amount in amounts.items():
        destination, verdict = destinations.get(creator_id), verdicts.get(creator_id)
        candidate = rules.Candidate(
            creator_id, amount, destination, creator_id in stopped["barred"], verdict,
            creator_id in stopped["held"], creator_id in stopped["unaccepted"],
            destination is not None
            and (creator_id, destination.rail, destination.account_ref) in stopped["shared"],
        )  # fmt: skip
        blocked = rules.readiness(candidate, minimum, now)
        withheld = verdict.withheld if verdict and not blocked else nothing
        leaving = leave(amount - withheld, destination.rail) if destination else None
        if destination and leaving is None:
            blocked = (*blocked, BlockedReason.CURRENCY)
        found.append(Standing(creator_id, amount, destination, blocked, withheld, leaving))
    return found


def owed_at(run: PayoutRun) -> tuple[int, Money]:
    """How many creators a run would consider, and what it owes those above zero: two sums, for a
    page that must not read thousands of balances."""
    amount = owing.due(run).c.amount
    row = db.session.execute(
        select(func.count(), func.coalesce(func.sum(case((amount > 0, amount))), 0))
    ).one()
    return int(row[0]), Money(int(row[1]), run.currency)


def facts_of(destination: PayoutDestination | Row[Any], home: str) -> rules.Destination:
    """A stored destination as rules see it, of a creator who lives there."""
    return rules.Destination(
        destination.rail,
        destination.account_ref,
        destination.state,
        destination.changed_at,
        destination.label_masked,
        destination.cooling_until,
        destination.country,
        home,
    )


def payees_of(
    amounts: Mapping[int, Money], destinations: Mapping[int, rules.Destination | None]
) -> list[Payee]:
    """Those with something to be paid, as the tax gate wants to know them."""
    found = []
    for creator_id, amount in amounts.items():
        to = destinations.get(creator_id)
        if amount.minor > 0:
            way = (to.rail.value, to.account_ref) if to else ("", "")
            found.append(Payee(creator_id, amount, *way))
    return found


def barred_of(run: PayoutRun) -> Select[Any]:
    """Row ids of the creators whose membership with the brand was ended for cause."""
    return select(Ambassador.creator_id).where(
        Ambassador.brand_id == run.brand_id, Ambassador.status == MembershipStatus.BANNED
    )


def unaccepted_of(run: PayoutRun) -> Select[Any]:
    """Row ids of the creators of the brand for whom an agreement waits: one that lapsed, or the
    first of all."""
    return unaccepted().where(Ambassador.brand_id == run.brand_id)


def unaccepted() -> Select[Any]:
    """As `unaccepted_of`, of every brand."""
    member = aliased(Ambassador)
    was_active = exists().where(
        member.brand_id == Ambassador.brand_id, member.creator_id == Ambassador.creator_id,
        member.activated_at.is_not(None),
    )  # fmt: skip
    lapsed = Ambassador.status == MembershipStatus.TERMS_NEEDED
    never = (Ambassador.status == MembershipStatus.ONBOARDING) & ~was_active
    return select(Ambassador.creator_id).where(lapsed | never)


def _stopped(run: PayoutRun) -> dict[str, set[Any]]:
    """The creators who are barred, those whom finance holds, those for whom an agreement waits,
    and the accounts that are shared: one query."""
    parts = {
        "barred": barred_of(run), "held": payee_holds.held_by_brand(run.brand_id),
        "unaccepted": unaccepted_of(run),
    }  # fmt: skip
    each = [one.add_columns(literal(""), literal(""), literal(why)) for why, one in parts.items()]
    shared = sharing.shared(run.brand_id).add_columns(literal("shared"))
    found: dict[str, set[Any]] = {why: set() for why in (*parts, "shared")}
    for who, rail, ref, why in db.session.execute(union_all(*each, shared)):
        found[why].add((who, rail, ref) if ref else who)
    return found


def _by_slices(ids: Sequence[int], query: Callable[[Sequence[int]], dict[int, T]]) -> dict[int, T]:
    found: dict[int, T] = {}
    for start in range(0, len(ids), IDS_AT_ONCE):
        found |= query(ids[start : start + IDS_AT_ONCE])
    return found
