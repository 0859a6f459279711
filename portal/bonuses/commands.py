"""Set bonuses up, stop them, and look who has reached them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from portal.ambassadors import queries as ambassadors
from portal.audit import commands as audit
from portal.bonuses import queries, rules, wording
from portal.bonuses.models import Award, Bonus, Window
from portal.bonuses.rules import Goal, Period
from portal.commissions import extra_commands
from portal.commissions.extra_commands import Extra
from portal.commissions.models import CommissionKind
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.programs.models import Program
from portal.storage.locks import lock
from portal.storage.model import db


def set_up(program_id: int, goal: Goal, *, by: int | None) -> Bonus:
    """Promise a bonus to the members of a program, from now on; a lifetime counts all they ever
    sold in it, a calendar window the one that runs. Raises InvalidInput, and Conflict for one that
    is promised already: a button pressed twice would pay twice."""
    program = lock(Program, program_id)
    rules.check(goal)
    repeats = goal.repeats and goal.window is not Window.LIFETIME
    goal = replace(goal, title=goal.title.strip(), repeats=repeats)
    if queries.has_promised(program.id, goal):
        raise Conflict("This bonus is promised already.")
    bonus = Bonus(
        brand_id=program.brand_id, program_id=program.id, title=goal.title,
        metric=goal.metric, threshold=goal.threshold, amount_minor=goal.amount.minor,
        currency=goal.amount.currency, window=goal.window, repeats=goal.repeats,
        hold_days=goal.hold_days, starts_at=clock.now(), created_by=by,
    )  # fmt: skip
    db.session.add(bonus)
    db.session.flush()
    audit.note(by, "bonus.set-up", bonus.id, brand_id=bonus.brand_id,
               promise=wording.sentence(goal))  # fmt: skip
    return bonus


def stop(bonus_id: int, *, by: int) -> Bonus:
    """Sales made from now on count no more; those made before still do once they are approved.
    Raises Conflict when it is stopped already."""
    bonus = lock(Bonus, bonus_id)
    if bonus.ends_at is not None:
        raise Conflict("This bonus is stopped already.")
    bonus.ends_at = clock.now()
    db.session.flush()
    audit.note(by, "bonus.stopped", bonus.id, brand_id=bonus.brand_id)
    return bonus


def award_reached(bonus_id: int, ambassador_ids: Sequence[int] | None = None) -> int:
    """Give the bonus to whoever reached it, once (R29), and take back what is not payable yet of
    those who fell below (R76); leaving, or a sale that is stopped, takes nothing (R43). Returns
    how many reached it now.

    One grouped query for each window; repeating it changes nothing.
    """
    bonus = lock(Bonus, bonus_id)
    awards = queries.open_awards(bonus.id, ambassador_ids)
    found = {period.key: period for period in queries.periods_of(bonus)}
    zone = queries.zone_of(bonus)
    for award, _ in awards:
        if award.period not in found:
            found[award.period] = rules.period_of(award.period, bonus.window, zone)
    reached = _reached(bonus, found.values(), ambassador_ids)
    kept = _reached(bonus, found.values(), ambassador_ids, is_given=True) if awards else {}
    for award, commission in awards:
        is_hers = rules.stands(
            award.period, kept.get(award.ambassador_id, {}), repeats=bonus.repeats
        )
        left = bonus.amount if is_hers else Money.zero(bonus.currency)
        if commission.net != left:
            extra_commands.bring_to(commission.id, left)
    return _give(bonus, reached, ambassador_ids)


# ---- inside
def _reached(
    bonus: Bonus, periods: Iterable[Period], ambassador_ids: Sequence[int] | None, *,
    is_given: bool = False,
) -> dict[int, dict[str, int]]:  # fmt: skip
    """Who reached it, in which windows and with how much."""
    found: dict[int, dict[str, int]] = {}
    for period in periods:
        there = queries.reached(bonus, period, ambassador_ids, is_given=is_given)
        for who, value in there.items():
            found.setdefault(who, {})[period.key] = value
    return found


def _give(
    bonus: Bonus, reached: dict[int, dict[str, int]], ambassador_ids: Sequence[int] | None
) -> int:
    given = queries.awarded(bonus.id, ambassador_ids)
    have = {who for who, _ in given}
    new: dict[str, tuple[int, str, int]] = {}
    for who, windows in reached.items():
        if not bonus.repeats and who in have:
            continue
        for key in windows if bonus.repeats else [min(windows)]:
            if (who, key) not in given:
                source = rules.source_of(bonus.id, who, key, repeats=bonus.repeats)
                new[source] = who, key, windows[key]
    members = ambassadors.ambassadors([who for who, _, _ in new.values()])
    extras = [
        _extra(bonus, source, members[who].creator_id, who, key, value)
        for source, (who, key, value) in new.items()
    ]
    for earned in extra_commands.earn_extras(extras):
        who, key, _ = new[earned.source or ""]
        db.session.add(
            Award(bonus_id=bonus.id, ambassador_id=who, period=key, commission_id=earned.id,
                  reached_at=earned.earned_at)
        )  # fmt: skip
    db.session.flush()
    return len(extras)


def _extra(bonus: Bonus, source: str, creator_id: int, who: int, key: str, value: int) -> Extra:
    goal = wording.counted(bonus.metric, bonus.threshold, bonus.currency)
    had = wording.counted(bonus.metric, value, bonus.currency)
    return Extra(
        CommissionKind.BONUS, source, bonus.brand_id, creator_id, who, bonus.amount, bonus.title,
        clock.now() + timedelta(days=bonus.hold_days),
        note=f"For reaching {goal}",
        steps=[
            (f"You reached {goal}",
             f"{wording.of_period(key, bonus.window)}: {had}, returns taken off"),
            ("Earned once", "More sales add nothing, unless the next window counts again"),
        ],
    )  # fmt: skip
