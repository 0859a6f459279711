"""Promise that a program gives something by itself, stop that, and keep it."""

from dataclasses import dataclass

from portal.ambassadors import queries as ambassadors
from portal.audit import commands as audit
from portal.bonuses import queries as bonuses
from portal.bonuses.models import Metric, Window
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.programs.models import Program
from portal.rewards import commands, promise_queries, queries, rules
from portal.rewards.models import Occasion, RewardItem, RewardPromise
from portal.storage.locks import lock
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class Reached:
    """A goal, as bonuses count it: only approved sales, with returns taken off (R22, R76)."""

    metric: Metric = Metric.SALES
    threshold: int = 1
    window: Window = Window.LIFETIME
    repeats: bool = False


JOINING = Reached()


def promise(
    program_id: int, item_id: int, quantity: int, occasion: Occasion, goal: Reached = JOINING, *,
    by: int | None,
) -> RewardPromise:  # fmt: skip
    """From now on a program gives so many of an item to whoever joins, or reaches a goal.

    Raises NotFound for another brand's item, InvalidInput for a goal of nothing, Conflict for what
    is given no more or promised already.
    """
    program, item = lock(Program, program_id), queries.item(item_id)
    if item.brand_id != program.brand_id:
        raise NotFound()
    rules.check_quantity(quantity)
    if goal.threshold <= 0:
        raise InvalidInput("threshold", "The goal is more than zero.")
    if not item.is_active:
        raise Conflict("This is not given any more.")
    made = RewardPromise(
        brand_id=program.brand_id, program_id=program.id, item_id=item.id, quantity=quantity,
        occasion=occasion, metric=goal.metric, threshold=goal.threshold, currency=item.currency,
        window=goal.window, repeats=goal.repeats and goal.window is not Window.LIFETIME,
        starts_at=clock.now(), created_by=by,
    )  # fmt: skip
    if promise_queries.has_promised(made):
        raise Conflict("This is promised already.")
    db.session.add(made)
    db.session.flush()
    audit.note(by, "reward-promise.set-up", made.id, brand_id=made.brand_id,
               occasion=occasion.value, what=item.name, quantity=quantity)  # fmt: skip
    return made


def stop(promise_id: int, *, by: int) -> RewardPromise:
    """Who joins and what is sold from now on gets nothing of it; sales made before still count
    once they are approved. Raises Conflict when it is stopped already."""
    found = lock(RewardPromise, promise_id)
    if found.ends_at is not None:
        raise Conflict("This is stopped already.")
    found.ends_at = clock.now()
    audit.note(by, "reward-promise.stopped", found.id, brand_id=found.brand_id)
    return found


def keep_promise(promise_id: int) -> int:
    """Give it to whoever is due, once each (R29). What has run out, or is given no more, waits
    until there is some. Returns how many got it now."""
    found = lock(RewardPromise, promise_id)
    item = lock(RewardItem, found.item_id)
    due, given = _due(found), promise_queries.sources_of(found.id)
    count = 0
    for source, (creator_id, note) in due.items():
        is_there = item.is_active and (item.stock is None or item.stock >= found.quantity)
        if source not in given and is_there:
            commands.give(
                item.id, creator_id, found.quantity, source=source, note=note, promise_id=found.id
            )
            count += 1
    return count


def _due(found: RewardPromise) -> dict[str, tuple[int, str]]:
    """Source → whose it is, and what she reads."""
    if found.occasion is Occasion.JOINED:
        return {
            f"{queries.GIFT}joined:{found.id}:{who}": (creator_id, "For joining")
            for who, creator_id in promise_queries.joined_since(found).items()
        }
    due: dict[str, tuple[int, str]] = {}
    for period in bonuses.periods_of(found):
        reached = bonuses.reached(found, period)
        members = ambassadors.ambassadors(list(reached))
        for who in sorted(reached):
            again = f":{period.key}" if found.repeats else ""
            due[f"goal:{found.id}:{who}{again}"] = members[who].creator_id, "For reaching a goal"
    return due
