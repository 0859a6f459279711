"""What would be wrong with tiers: a few set queries and the rules, whatever their number."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from portal.ambassadors.models import Ambassador
from portal.commissions.models import Commission
from portal.kernel import clock
from portal.kernel.money import Money
from portal.sales.models import Order
from portal.standings import true_up_queries, true_up_rules
from portal.storage.model import db
from portal.tiers import queries as tiers
from portal.tiers import rules
from portal.tiers.models import MoveKind, TierLadder, TierList, TierMove, TierPeriod, TierStanding
from portal.tiers.rules import Figure, Ladder

LATE = timedelta(days=2)
AT_ONCE = tiers.AT_ONCE


def violations() -> list[str]:
    """Sentences; empty when all is well: standings are the sum of their moves, each move follows
    from the figure written with it, orders earned by the tier that was in force, what a closed
    period adds is what its sales come to, and every program is looked at."""
    ladders = {row.id: tiers.facts_of(row) for row in db.session.scalars(select(TierLadder))}
    if not ladders:
        return []
    return [*_standings(), *_moves(ladders), *_orders(ladders), *_periods(ladders), *_looks()]


def _standings() -> Iterator[str]:
    wanted = select(TierStanding, Ambassador.public_id).join(
        Ambassador, Ambassador.id == TierStanding.ambassador_id
    )
    for rows in _chunks(wanted, TierStanding.id):
        moves = tiers.moves_of([row[0].ambassador_id for row in rows])
        for standing, public_id in rows:
            told = rules.standing_after(moves.get(standing.ambassador_id, ()))
            kept = rules.Standing(standing.step, standing.falls_at, standing.pinned_until)
            if told != kept:
                yield f"Ambassador {public_id} stands on tier {kept.step}; her moves say otherwise."


def _moves(ladders: dict[int, Ladder]) -> Iterator[str]:
    """Each move of a daily look is what its figure leads to."""
    wanted = select(TierMove).where(TierMove.kind.in_((MoveKind.UP, MoveKind.DOWN)))
    for rows in _chunks(wanted, TierMove.id):
        for (move,) in rows:
            ladder = ladders[move.ladder_id]
            figure = ladder.figure(Figure(move.figure_minor, move.sales))
            if ladder.reached(figure).number != move.to_step:
                yield f"Move {move.public_id} to {move.to_name} does not follow from its figure."


def _orders(ladders: dict[int, Ladder]) -> Iterator[str]:
    """Each order earned by the tier its creator stood on when it was bought (R15)."""
    wanted = (
        select(Commission, Order)
        .join(Order, Order.id == Commission.order_id)
        .where(Commission.tier_ladder_id.is_not(None))
    )
    for rows in _chunks(wanted, Commission.id):
        asked = [(one.ambassador_id, order.placed_at) for one, order in rows]
        standings = tiers.standings_at(asked)
        for (one, order), key in zip(rows, asked, strict=True):
            kept = one.explanation["tier"]
            before = Figure(kept["before_minor"], kept["before_sales"])
            worth = Money(kept["order_minor"], kept["order_currency"])
            standing = standings.get(key, rules.Standing())
            ladder = ladders[one.tier_ladder_id]
            found = rules.portions_of(ladder, standing, before, worth, order.placed_at)
            said = [
                [part.step.name, part.step.rate_bp, part.room_minor]
                for part in found
                if part.step.rate_bp is not None
            ]
            if said != kept["rates"]:
                yield f"Commission {one.public_id} earned by {kept['name']}, not by her tier."


def _periods(ladders: dict[int, Ladder]) -> Iterator[str]:
    """What a closed period adds is the sum of its rows, and what its sales come to."""
    wanted = select(TierPeriod).where(TierPeriod.closes_at <= clock.now() - timedelta(hours=1))
    for rows in _chunks(wanted, TierPeriod.id):
        for (row,) in rows:
            added = true_up_queries.rows_of(row)
            if any(one.void_reason for one in added):  # taken back for good, by a person
                continue
            sold = true_up_queries.sold_by(row)
            target = true_up_rules.target(ladders[row.ladder_id], row.step, sold, row.currency)
            net = [one.net - true_up_queries.lost_of(one) for one in added]
            own = Money.total(net, row.currency)
            if own != target:
                yield f"Period row {row.id} adds {own}; its sales come to {target}."


def _looks() -> Iterator[str]:
    last = dict(
        db.session.execute(
            select(TierList.program_id, func.max(TierList.made_at)).group_by(TierList.program_id)
        ).all()
    )
    now = clock.now()
    for program_id, versions in sorted(tiers.versions_of(tiers.tiered_programs()).items()):
        begun = versions[-1].effective_at
        if tiers.in_force(versions, now) and last.get(program_id, begun) <= now - LATE:
            yield f"The tiers of program row {program_id} were not looked at for two days."


def _chunks(wanted: Any, key: Any) -> Iterator[Any]:
    last = 0
    while True:
        rows = db.session.execute(
            wanted.where(key > last).order_by(key).add_columns(key).limit(AT_ONCE)
        ).all()
        if rows:
            yield [tuple(row)[:-1] for row in rows]
        if len(rows) < AT_ONCE:
            return
        last = rows[-1][-1]
