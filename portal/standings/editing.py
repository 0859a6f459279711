"""The editor of tiers: its form, the worked example, and what a new version changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from portal.ambassadors import queries as ambassadors
from portal.commissions.rules import commission_for
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PortalError
from portal.kernel.money import Money
from portal.programs import queries as offers
from portal.programs.hold_terms import HoldFacts, hold_end, hold_words
from portal.programs.models import ClickRule, CodePolicy, CommissionKind, Program
from portal.programs.rate_wording import percent
from portal.programs.resolving_rules import Purchase, TierRate
from portal.programs.rules import TermsFacts
from portal.standings import pages, true_up_rules
from portal.standings.forms import LadderForm, values_of
from portal.tiers import queries as tiers
from portal.tiers import rules, wording
from portal.tiers.models import Mode, MoveKind
from portal.tiers.rules import Figure, Ladder, Standing
from portal.web.forms import HouseForm

LEFT_OUT = frozenset({"csrf_token", "do"})


def begin(program: Program) -> tuple[LadderForm, dict[str, Any]]:
    """The form, as typed or with the newest version's values, and all the editor shows."""
    brand, latest = identity.brand(program.brand_id), tiers.latest_of(program.id)
    form = LadderForm(data=values_of(latest))
    form.currency_code = _currency(program, brand.currency, latest)
    for row in form.steps:
        row.form.currency_code = form.currency_code
    return form, {
        "program": program, "brand": brand, "form": form, "latest": latest, "worked": None,
        "notice_days": program.notice_at(clock.now()), "closing": "",
        "members": ambassadors.active_count(program.id), "wording": wording,
    }  # fmt: skip


def _currency(program: Program, usual: str, latest: Ladder | None) -> str:
    if latest is not None and latest.steps:
        return latest.currency
    try:
        return offers.offered_terms(program.id).currency
    except NotFound:
        return usual


def add_row(form: LadderForm) -> None:
    """One more tier, as long as there is room."""
    if len(form.steps) < (form.steps.max_entries or 0):
        form.steps.append_entry({})


def refuse(form: HouseForm, refusal: PortalError) -> None:
    """Show a refusal at its field, or at the form's head."""
    if refusal.message:
        at = refusal.field if isinstance(refusal, InvalidInput) else ""
        form.refuse(InvalidInput("" if at == "steps" else at, refusal.message))


def proposed(shown: dict[str, Any]) -> tuple[Ladder, datetime | None]:
    """The typed ladder and its start. Raises InvalidInput for what cannot be."""
    form: LadderForm = shown["form"]
    if not form.validate_on_submit():
        raise InvalidInput("", "")
    ladder = form.ladder(shown["latest"])
    if ladder.steps or shown["latest"] is None:
        rules.check_ladder(ladder)
        if not ladder.steps:
            raise InvalidInput("", "A ladder has at least two tiers.")
    zone = shown["brand"].zone
    starts_at = form.starts_at(zone)
    shown["closing"] = closing(shown["program"], ladder, starts_at, zone)
    return ladder, starts_at


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the example order: its tier, what of the order it is, and what that earns."""

    tier: str
    counted: Money
    pays: str
    earned: Money


@dataclass(frozen=True, slots=True)
class Worked:
    """The example, worked out by the function that earns."""

    parts: Sequence[Part]
    order: Money
    total: Money
    note: str


def closing(program: Program, ladder: Ladder, starts_at: datetime | None, zone: str) -> str:
    """Which sales of a period would come too late to count, as a sentence; "" when none would.

    A rate for a whole period counts what was approved before the period closes, and a sale is
    approved when its hold ends. Raises InvalidInput where not even the first sale could count.
    """
    if ladder.mode is not Mode.RETROACTIVE or not ladder.steps:
        return ""
    try:
        terms = offers.facts_of(offers.offered_terms(program.id))
    except NotFound:
        return ""
    period = true_up_rules.period_of(ladder, starts_at or clock.now(), zone)
    first, last = (
        hold_end(HoldFacts(at, at, at, at), terms.hold_days, terms.hold, zone)
        for at in (period.starts_at, period.ends_at - timedelta(seconds=1))
    )
    late, held = last - period.closes_at, hold_words(terms.hold_days, terms.hold)
    if first >= period.closes_at:
        raise InvalidInput(
            "lock_days", f"No sale could ever count: each is held {held}, and by then its period "
            "is closed. Close it later.",
        )  # fmt: skip
    if late < timedelta(0):
        return ""
    days = late // timedelta(days=1) + 1
    which = "day" if days == 1 else f"{days} days"
    return (
        f"Sales of the last {which} of a period would not count: they are held {held}. Close it "
        f"{ladder.lock_days + days} days after its end, and all of them do."
    )


def work_out(form: LadderForm, ladder: Ladder) -> Worked:
    """What the example's order earns by the typed ladder, for somebody on the tier that what was
    approved before gives her; tiers without a rate of their own are left to the terms."""
    before, sales, order = form.example()
    figure = Figure(before.minor, sales)
    ladder = rules.numbered(ladder, 0)
    standing = Standing(ladder.reached(ladder.figure(figure)).number) if ladder.steps else None
    if standing is None:
        return Worked((), order, Money.zero(order.currency), "Without tiers the terms decide.")
    portions = rules.portions_of(ladder, standing, figure, order, clock.now())
    rates = tuple(
        TierRate(one.step.name, one.step.rate_bp, one.room_minor)
        for one in portions
        if one.step.rate_bp is not None
    )
    name = portions[-1].step.name
    if not rates:
        zero = Money.zero(order.currency)
        return Worked((), order, zero, f"{name}: the rates of the terms decide.")
    earned = commission_for(Purchase(order, clock.now(), tier_rates=rates), _bare(order.currency))
    parts = [
        Part(one.tier, one.base, percent(one.rule.rate_bp), one.amount) for one in earned.groups
    ]
    return Worked(parts, order, earned.total, _note(ladder, figure))


def _bare(currency: str) -> TermsFacts:
    """Terms that pay nothing beside the tier."""
    return TermsFacts(
        id=0, version=0, kind=CommissionKind.PERCENT, rate_bp=0, flat=Money.zero(currency),
        hold_days=0, window_days=1, code_policy=CodePolicy.ALWAYS,
        click_rule=ClickRule.LAST_CLICK, pay_on_zero_base=False,
    )  # fmt: skip


def _note(ladder: Ladder, figure: Figure) -> str:
    if ladder.mode is not Mode.RETROACTIVE:
        return ""
    with_it = ladder.reached(ladder.figure(figure) + (0 if ladder.is_by_amount else 1))
    return f"Once approved, the period’s sales are at {with_it.name}: the difference is added."


def consequences(program: Program, ladder: Ladder, starts_at: datetime | None) -> dict[str, Any]:
    """What the check page shows. Raises Conflict with the earliest date where notice is missing."""
    latest, now = tiers.latest_of(program.id), clock.now()
    starts = starts_at or now
    lost = rules.ladder_losses(latest, ladder, tiers.terms_from(program.id, starts), starts)
    days = program.notice_at(now)
    earliest = now + timedelta(days=days) if lost else now
    if starts < earliest:
        zone = identity.brand(program.brand_id).zone
        first = earliest.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
        raise Conflict(
            f"{' '.join(lost)} Ambassadors need {days} days’ notice of that: "
            f"choose {first:%-d %B %Y} or later."
        )
    after = wording.ladder_in_words(ladder) if ladder.steps else []
    before = wording.ladder_in_words(latest) if latest and latest.steps else []
    is_new = {step.number: step for step in ladder.steps}
    moves = pages.preview(program, rules.numbered(ladder, max(is_new, default=0))) if after else {}
    return {
        "ladder": ladder, "losses": lost, "starts": starts, "is_now": starts_at is None,
        "sentences": [(one, one in before) for one in after],
        "gone": [one for one in before if one not in after],
        "moves": [(wording.KINDS[kind], moves[kind]) for kind in MoveKind if kind in moves],
        "typed": [
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in LEFT_OUT
        ],
    }  # fmt: skip
