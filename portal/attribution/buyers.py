"""What earlier orders tell of who bought: new or returning, brought by whom, the creator herself.

Queries in sets; an order whose shop tells nothing of its buyer costs nothing here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.queries import Member
from portal.attribution.evidence import Purchase
from portal.attribution.models import Attribution, Outcome
from portal.identity import queries as identity
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.storage.model import db

Key = tuple[int, str]  # brand id, and the key of a customer or a subscription
SAME_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge of a subscription, and whom it is credited to."""

    order_id: int
    at: datetime
    counts: bool  # paid, not cancelled, more than nothing (R47)
    ambassador_id: int | None


@dataclass(frozen=True, slots=True)
class Buyers:
    """What is known of the buyers of some orders."""

    first_paid: dict[Key, datetime] = field(default_factory=dict)
    charges: dict[Key, list[Charge]] = field(default_factory=dict)
    purchases: dict[Key, list[Purchase]] = field(default_factory=dict)
    duplicates: frozenset[int] = frozenset()
    evidence: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)

    def creators(self) -> set[int]:
        """The ambassadors who brought these customers and subscriptions."""
        brought = {one.ambassador_id for all_ in self.charges.values() for one in all_}
        bound = {one.ambassador_id for all_ in self.purchases.values() for one in all_}
        return {one for one in brought | bound if one is not None}

    def is_new(self, order: Order) -> bool | None:
        """No earlier paid order that the customer kept anything of (R19), by the shop's id of the
        customer or by the e-mail; None when unnamed."""
        if order.customer_key is None:
            return None
        known = [
            (order.brand_id, key) for key in (order.customer_key, order.customer_id_key) if key
        ]
        return all(self.first_paid.get(key, order.placed_at) >= order.placed_at for key in known)

    def charges_before(self, order: Order) -> int:
        """The successful charges of its subscription before this one (R45, R47).

        Charges told late count too: never fewer than were credited already.
        """
        others = [one for one in self._charges_of(order) if one.order_id != order.id and one.counts]
        here = (order.placed_at, order.id)
        earlier = sum((one.at, one.order_id) < here for one in others)
        return max(earlier, sum(one.ambassador_id is not None for one in others))

    def origin_of(self, order: Order) -> Purchase | None:
        """The first credited charge of its subscription before this order; None when it is
        itself the first (R45)."""
        here = (order.placed_at, order.id)
        for one in self._charges_of(order):  # oldest first
            if one.ambassador_id is not None and (one.at, one.order_id) < here:
                return Purchase(one.order_id, one.at, one.ambassador_id)
        return None

    def purchases_of(self, order: Order) -> list[Purchase]:
        """The customer's credited orders before this one, oldest first."""
        found = self.purchases.get((order.brand_id, order.customer_key or ""), [])
        here = (order.placed_at, order.id)
        return [one for one in found if (one.at, one.order_id) < here]

    def shared(self, order: Order, ambassador_id: int) -> tuple[str, ...]:
        """What the buyer shares with a creator (R51)."""
        return self.evidence.get((order.id, ambassador_id), ())

    def _charges_of(self, order: Order) -> list[Charge]:
        return self.charges.get((order.brand_id, order.subscription_ref or ""), [])


def known_of(orders: Sequence[Order], *, with_history: bool) -> Buyers:
    """What earlier orders tell; `with_history` where terms keep customers with a creator."""
    brands = {order.brand_id for order in orders}
    customers = {order.customer_key for order in orders if order.customer_key}
    subscriptions = {order.subscription_ref for order in orders if order.subscription_ref}
    ids = {order.customer_id_key for order in orders if order.customer_id_key}
    return Buyers(
        first_paid={
            **(_first_paid(Order.customer_key, brands, customers) if customers else {}),
            **(_first_paid(Order.customer_id_key, brands, ids) if ids else {}),
        },
        charges=_charges(brands, subscriptions) if subscriptions else {},
        purchases=_purchases(brands, customers) if customers and with_history else {},
        duplicates=_duplicates(orders),
    )


def _first_paid(column: Any, brands: Collection[int], keys: Collection[str]) -> dict[Key, datetime]:
    """When each of these prints first bought something and kept any of it."""
    kept = or_(Order.taken_back_minor < Order.base_minor, Order.base_minor == 0)
    rows = db.session.execute(
        select(Order.brand_id, column, func.min(Order.placed_at))
        .where(
            Order.brand_id.in_(brands), column.in_(keys), Order.is_paid,
            Order.is_cancelled.is_(False), Order.is_test.is_(False), kept,
        )
        .group_by(Order.brand_id, column)
    )  # fmt: skip
    return {(brand_id, key): at for brand_id, key, at in rows}


def _charges(brands: Collection[int], subscriptions: Collection[str]) -> dict[Key, list[Charge]]:
    credited = and_(_in_force(), Attribution.outcome == Outcome.CREDITED)
    rows = db.session.execute(
        select(Order, Attribution.ambassador_id)
        .outerjoin(Attribution, credited)
        .where(Order.brand_id.in_(brands), Order.subscription_ref.in_(subscriptions))
        .order_by(Order.placed_at, Order.id)
    )
    found: dict[Key, list[Charge]] = {}
    for order, ambassador_id in rows:
        counts = order.is_paid and not order.is_cancelled and order.base_minor > 0
        charge = Charge(order.id, order.placed_at, counts, ambassador_id)
        found.setdefault((order.brand_id, order.subscription_ref or ""), []).append(charge)
    return found


def _purchases(brands: Collection[int], customers: Collection[str]) -> dict[Key, list[Purchase]]:
    rows = db.session.execute(
        select(
            Order.brand_id, Order.customer_key, Order.id, Order.placed_at,
            Attribution.ambassador_id,
        )
        .join(Attribution, _in_force())
        .where(
            Order.brand_id.in_(brands), Order.customer_key.in_(customers),
            Attribution.outcome == Outcome.CREDITED, Order.is_cancelled.is_(False),
        )
        .order_by(Order.placed_at, Order.id)
    )  # fmt: skip
    found: dict[Key, list[Purchase]] = {}
    for brand_id, key, order_id, at, ambassador_id in rows:
        purchase = Purchase(order_id, at, ambassador_id or 0)
        found.setdefault((brand_id, key or ""), []).append(purchase)
    return found


def _in_force() -> ColumnElement[bool]:
    return and_(Attribution.order_id == Order.id, Attribution.is_latest)


def _duplicates(orders: Sequence[Order]) -> frozenset[int]:
    """Those of the orders that another connection of the brand told of before: same number, same
    total, within a day (R36)."""
    mine, other = aliased(Order), aliased(Order)
    rows = db.session.execute(
        select(mine.id, mine.placed_at, other.placed_at)
        .join(other, and_(other.brand_id == mine.brand_id, other.number == mine.number))
        .where(
            mine.id.in_([order.id for order in orders]), other.id < mine.id,
            other.connection_id != mine.connection_id, other.currency == mine.currency,
            other.total_minor == mine.total_minor, other.is_cancelled.is_(False),
            other.is_test.is_(False),
        )
    )  # fmt: skip
    return frozenset(order_id for order_id, at, was in rows if abs(at - was) <= SAME_DAY)


# ---- the creator herself (R51)
def with_evidence(found: Buyers, orders: Sequence[Order], members: Mapping[int, Member]) -> Buyers:
    """Add what each order's buyer shares with each of these creators."""
    told = [order for order in orders if _tells(order)]
    if not told or not members:
        return found
    users = identity.users([member.creator.user_id for member in members.values()])
    with_address = any("ip" in (order.clues or {}) for order in told)
    addresses = ambassadors.addresses(sorted(members)) if with_address else {}
    evidence: dict[tuple[int, int], tuple[str, ...]] = {}
    own: dict[tuple[int, int], str | None] = {}
    for ambassador_id, member in members.items():
        brand_id = member.ambassador.brand_id
        key = sales.customer_key(brand_id, users[member.creator.user_id].email)
        own[brand_id, ambassador_id] = key
    bought = _own_purchases(told, {key for key in own.values() if key})
    for order in told:
        for (brand_id, ambassador_id), key in own.items():
            if brand_id != order.brand_id or key is None:
                continue
            if key != order.customer_key and key not in bought and not order.clues:
                continue  # nothing they could share: nearly every pair
            name = members[ambassador_id].creator.name
            shared = _shared(order, key, bought, name, addresses.get(ambassador_id, ()))
            if shared:
                evidence[order.id, ambassador_id] = shared
    return replace(found, evidence=evidence)


def _tells(order: Order) -> bool:
    keys = (order.customer_key, order.customer_id_key, order.payment_key, order.clues)
    return any(keys)


def _own_purchases(orders: Sequence[Order], keys: Collection[str]) -> dict[str, set[str]]:
    """Customer key of a creator → the customer ids and cards she has bought with herself."""
    if not any(order.customer_id_key or order.payment_key for order in orders):
        return {}
    rows = db.session.execute(
        select(Order.customer_key, Order.customer_id_key, Order.payment_key).where(
            Order.brand_id.in_({order.brand_id for order in orders}), Order.customer_key.in_(keys)
        )
    )
    found: dict[str, set[str]] = {}
    for key, customer_id, payment in rows:
        found.setdefault(key or "", set()).update(one for one in (customer_id, payment) if one)
    return found


def _shared(
    order: Order, key: str, bought: dict[str, set[str]], name: str, addresses: Iterable[str]
) -> tuple[str, ...]:
    own, clues, brand_id = bought.get(key, set()), order.clues or {}, order.brand_id
    surname = (name.split() or [""])[-1]
    at_home = {sales.clue_of(brand_id, "ip", one) for one in addresses} if "ip" in clues else set()
    met = {
        "email": order.customer_key == key,
        "customer_id": order.customer_id_key in own,
        "payment": order.payment_key in own,
        "ip": clues.get("ip") in at_home,
        "surname": "surname" in clues
        and clues["surname"] == sales.clue_of(brand_id, "surname", surname),
    }
    return tuple(word for word, is_met in met.items() if is_met)
