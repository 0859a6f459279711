"""On which tier an order found whoever is credited with it, and what that tier pays (R15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.ambassadors.models import Ambassador
from portal.commissions import figure_queries
from portal.commissions.figure_queries import Before
from portal.consents import tier_queries as consents
from portal.identity import queries as identity
from portal.kernel.money import Money
from portal.programs.resolving_rules import TierRate
from portal.sales.models import Order
from portal.tiers import queries as tiers
from portal.tiers import rules
from portal.tiers.models import Mode
from portal.tiers.rules import NOTHING, Figure, Ladder, Portion, Standing

Asked = tuple[Order, Ambassador]
Key = tuple[int, int]  # order row id, ambassador row id


@dataclass(frozen=True, slots=True)
class Place:
    """The tier that an order is of, with what led there; kept with its commission (R16)."""

    ladder: Ladder
    name: str
    rates: tuple[TierRate, ...]
    before: Figure
    worth: Money  # what of the order counts towards a tier: its goods, whatever the terms pay on
    names: tuple[str, ...] = ()  # what else the tier is or was called, for rates made by its name

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "name": self.name, "ladder": self.ladder.id, "version": self.ladder.version,
            "mode": self.ladder.mode.value, "currency": self.ladder.currency,
            "order_minor": self.worth.minor, "order_currency": self.worth.currency,
            "before_minor": self.before.minor, "before_sales": self.before.sales,
            "rates": [[one.name, one.rate_bp, one.room_minor] for one in self.rates],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bought:
    """An order, stored or pretended, of somebody who is or might be credited."""

    key: Key
    member: Ambassador
    base: Money
    at: datetime


def place_of(order: Order, member: Ambassador) -> Place | None:
    """`places_of` for one."""
    return places_of([(order, member)]).get((order.id, member.id))


def place_now(member: Ambassador, base: Money, at: datetime) -> Place | None:
    """The tier an order would be of that nobody placed."""
    return _places([Bought((0, member.id), member, base, at)]).get((0, member.id))


def places_of(asked: Sequence[Asked]) -> dict[Key, Place]:
    """Where each stood when the order was made, by the ladder then hers, in a few statements.

    Programs without a ladder at that time are left out.
    """
    return _places(
        [
            Bought((order.id, member.id), member, order.base, order.placed_at)
            for order, member in asked
        ]
    )


def _places(asked: Sequence[Bought]) -> dict[Key, Place]:
    versions = tiers.versions_of({one.member.program_id for one in asked})
    if not versions:
        return {}
    own = consents.ladders_of(versions, {one.member.id for one in asked})
    ladders = {
        one.key: ladder
        for one in asked
        if (ladder := own.at(one.member.id, one.member.program_id, one.at))
    }
    climbing = [one for one in asked if one.key in ladders]
    standings = tiers.standings_at([(one.member.id, one.at) for one in climbing])
    windows = {one.key: _before(one, ladders[one.key]) for one in climbing}
    figures = figure_queries.before([one for one in windows.values() if one])
    found = {}
    for one in climbing:
        window, standing = windows[one.key], standings.get((one.member.id, one.at), Standing())
        figure = figures.get(window, NOTHING) if window else NOTHING
        steps = [step for row in versions[one.member.program_id] for step in row.steps]
        found[one.key] = _place(one, ladders[one.key], standing, figure, steps)
    return found


def _before(one: Bought, ladder: Ladder) -> Before | None:
    """What of hers counts before an order; a period's rate asks for nothing."""
    if ladder.mode is Mode.RETROACTIVE:
        return None
    zone = identity.brand(one.member.brand_id).zone
    since, _ = rules.window_at(ladder, one.at, zone)
    return Before(one.member.id, one.member.creator_id, ladder, (since, one.at))


def _place(
    one: Bought, ladder: Ladder, standing: Standing, before: Figure, steps: Sequence[dict[str, Any]]
) -> Place:
    portions = rules.portions_of(ladder, standing, before, one.base, one.at)
    step = portions[-1].step
    names = rules.other_names(ladder, step, [(was["number"], was["name"]) for was in steps])
    return Place(ladder, step.name, _rates(portions), before, one.base, names)


def _rates(portions: Sequence[Portion]) -> tuple[TierRate, ...]:
    return tuple(
        TierRate(one.step.name, one.step.rate_bp, one.room_minor)
        for one in portions
        if one.step.rate_bp is not None
    )
