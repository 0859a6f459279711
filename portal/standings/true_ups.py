"""A period's rate for every sale of it: the difference is earned by rows of its own (R25, R26).

A period is open from its start until `lock_days` after its end: until then what is earned follows
its approved sales both ways. Its true-ups are held until it closes. What is approved later counts
no more, the tier is never lowered, and a refund takes back only its own part (R61).
"""

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.attribution.wording import day_of
from portal.commissions import extra_commands, figure_queries
from portal.commissions import queries as commissions
from portal.commissions.extra_commands import Extra, Part
from portal.commissions.models import CommissionKind
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.money import Money
from portal.programs.models import Program
from portal.programs.rate_wording import percent
from portal.sales import queries as sales
from portal.standings import true_up_queries, true_up_rules
from portal.standings.true_up_rules import NOTHING_SOLD, Period, Sold
from portal.storage.insert_once import insert_missing
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tiers import queries as tiers
from portal.tiers import wording
from portal.tiers.models import Mode, TierPeriod
from portal.tiers.rules import Ladder, Step


def settle_program(program_id: int) -> None:
    """Bring the true-ups of every open period of a program to what its approved sales make them,
    in a few set statements where nothing was taken back."""
    versions = tiers.versions_of([program_id]).get(program_id, [])
    ladders = [
        tiers.facts_of(row) for row in versions if row.mode is Mode.RETROACTIVE and row.steps
    ]
    if not ladders:
        return
    program = lock(Program, program_id)
    zone = identity.brand(program.brand_id).zone
    for ladder in ladders:
        for period in true_up_rules.open_periods(ladder, clock.now(), zone):
            _settle_period(program, ladder, period)


def settle_after(commission_id: int) -> None:
    """A sale became less, or more again: so do the true-ups it is part of, at once (R78)."""
    commission = commissions.commission(commission_id)
    if commission.tier_ladder_id is None or commission.order_id is None:
        return
    ladder = tiers.ladder_by_id(commission.tier_ladder_id)
    if ladder.mode is not Mode.RETROACTIVE:
        return
    member = ambassadors.ambassador(commission.ambassador_id)
    program = lock(Program, member.program_id)
    zone = identity.brand(program.brand_id).zone
    order = sales.by_id(commission.order_id)
    period = true_up_rules.period_of(ladder, order.placed_at, zone)
    window = period.starts_at, period.ends_at
    figure = figure_queries.of_one(member.id, member.creator_id, ladder, window)
    reached = ladder.reached(ladder.figure(figure)).number
    for row in true_up_queries.periods_of(ladder.id, period, member.id):
        step = reached if row.closes_at > clock.now() else row.step
        _settle_one(program, ladder, row, true_up_queries.sold_by(row), step)


def _settle_period(program: Program, ladder: Ladder, period: Period) -> None:
    window = period.starts_at, period.ends_at
    figures = figure_queries.of_program(program.id, ladder, window, period.closes_at)
    reached = {who: ladder.reached(ladder.figure(one)).number for who, one in figures.items()}
    sold = true_up_queries.sold_in(ladder.id, period)
    insert_missing(TierPeriod, [
        {"program_id": program.id, "ladder_id": ladder.id, "ambassador_id": who, "rows": 0,
         "currency": currency, "starts_at": period.starts_at, "ends_at": period.ends_at,
         "closes_at": period.closes_at, "step": ladder.first.number, "settled_minor": 0}
        for who, currency in sold
        if reached.get(who, ladder.first.number) != ladder.first.number
    ])  # fmt: skip
    new: list[TierPeriod] = []
    for row in true_up_queries.periods_of(ladder.id, period):
        own = sold.get((row.ambassador_id, row.currency), NOTHING_SOLD)
        step = reached.get(row.ambassador_id, ladder.first.number)
        if row.closes_at <= clock.now() and ladder.place(step) < ladder.place(row.step):
            step = row.step
        target = true_up_rules.target(ladder, step, own, row.currency)
        if not row.rows:
            row.step, row.settled_minor = step, target.minor
            new += [row] if target else []
        elif (row.step, row.settled_minor) != (step, target.minor):
            _settle_one(program, ladder, row, own, step)
    _earn(program, ladder, new, sold)


def _earn(
    program: Program, ladder: Ladder, new: list[TierPeriod], sold: true_up_queries.BySeller
) -> None:
    """The first true-ups of a period, all at once."""
    members = ambassadors.ambassadors([row.ambassador_id for row in new])
    extras = []
    for row in new:
        row.rows = 1
        own = sold.get((row.ambassador_id, row.currency), NOTHING_SOLD)
        amount = Money(row.settled_minor, row.currency)
        extras.append(_extra(program, ladder, row, members[row.ambassador_id], own, amount))
    extra_commands.earn_extras(extras)


def _settle_one(program: Program, ladder: Ladder, row: TierPeriod, sold: Sold, step: int) -> None:
    """First what refunds took of the sales at the tier she had, then what another tier makes of
    the rest: a row for each (R26)."""
    _bring(program, ladder, row, sold)
    if row.step != step:
        row.step = step
        _bring(program, ladder, row, sold)


def _bring(program: Program, ladder: Ladder, row: TierPeriod, sold: Sold) -> None:
    """Bring the sum of a period's rows to its target: given back in the order they came, taken
    from the latest first, and a further row for what none of them can hold. One that a person took
    back for good counts as if it stood, and stays as it is (R73)."""
    target = true_up_rules.target(ladder, row.step, sold, row.currency)
    rows = list(true_up_queries.rows_of(row))
    held = (one.amount if one.void_reason else one.net for one in rows)
    missing = target - Money.total(held, row.currency)
    standing = [one for one in rows if not one.void_reason]
    for one in standing if missing.minor > 0 else standing[::-1]:
        left = min(max(one.net + missing, Money.zero(row.currency)), one.amount)
        missing -= left - one.net
        if left != one.net:
            extra_commands.bring_to(one.id, left)
    if missing.minor > 0:
        row.rows += 1
        member = ambassadors.ambassador(row.ambassador_id)
        extra_commands.earn_extra(_extra(program, ladder, row, member, sold, missing))
    row.settled_minor = target.minor
    db.session.flush()


def _extra(
    program: Program, ladder: Ladder, row: TierPeriod, member: Ambassador, sold: Sold, amount: Money
) -> Extra:  # fmt: skip
    step, first = ladder.step(row.step), ladder.first
    zone = identity.brand(program.brand_id).zone
    name = true_up_rules.name_of(row.starts_at, ladder, zone)
    rates = f"at {percent(step.rate_bp or 0)}, not {percent(first.rate_bp or 0)}"
    whole = Money(sold.counted_minor, row.currency)
    parts = _parts(sold, step, name, rates, row.currency)
    if row.rows > 1:
        parts.append(Part("Less what was added for them before"))
    return Extra(
        CommissionKind.TRUE_UP, true_up_queries.source(row, row.rows), program.brand_id,
        member.creator_id, member.id, amount, f"{step.name} for all of {name}", row.closes_at,
        base=whole, parts=parts,
        steps=[
            (f"You reached {step.name}", f"It begins at {wording.amount(ladder, step.threshold)}"),
            (f"{name} closes on {day_of(row.closes_at, zone)}",
             "Until then returns can still change this"),
        ],
        facts={"tier_period": row.id, "step": step.number},
    )  # fmt: skip


def _parts(sold: Sold, step: Step, name: str, rates: str, currency: str) -> list[Part]:
    """Sales at the tier's rate alone together, and what those add that are worked out one by one:
    with the special rates, boosts and caps of their terms."""
    parts, usual = [], sold.sales - len(sold.own)
    if usual:
        whole = Money(sold.net_minor, currency)
        parts.append(Part(f"{wording.sales(usual)} of {name}", whole, note=rates))
    if sold.own:
        added = true_up_rules.own_target(step, sold, currency)
        note = f"what each earns more {rates}, with its special rates, boost and cap"
        parts.append(Part(f"{wording.sales(len(sold.own))} of {name}", added, note=note))
    return parts
