"""1,500 orders over half a year: codes and clicks, a launch, a weekly rhythm, and returns.

They reach the portal as the bodies of Shopify's webhooks, read by the same readers.
"""

from __future__ import annotations

import json
from bisect import bisect
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from portal.commissions import jobs as commissions
from portal.demo import crowd, finance_chapter, growth_chapter, work_chapter
from portal.demo.joining import Member
from portal.demo.shop import CURRENCY, PRODUCTS, Purchase, order_message, refund_message
from portal.integrations.shopify import reading
from portal.jobs import worker
from portal.kernel import clock
from portal.sales import commands as sales
from portal.sales.commands import Arrival
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands as tracking

if TYPE_CHECKING:
    from portal.demo.story import Stage

FIRST_NUMBER = 1001
LAUNCH_DAY = 96  # days after the start: a new roast, and everybody posts
PAYDAY_BEFORE = 21  # days before now: last month's run
SHARE_REFUNDED, SHARE_BY_LINK, SHARE_NOBODYS = 0.12, 0.3, 0.08


def sell(stage: Stage, members: list[Member], orders: int, chance: Random) -> None:
    """Sell day by day; refunds come days later; holds end as they would."""
    days = 180
    returns: dict[int, list[Purchase]] = {}
    number = FIRST_NUMBER
    for day, count in enumerate(_rhythm(days, orders, chance)):
        noon = stage.now - timedelta(days=days - day)
        with clock.at(noon):
            _refund(stage, returns.pop(day, []), chance)
            for purchase in _day(members, noon, number, count, chance, stage):
                if chance.random() < SHARE_REFUNDED:
                    returns.setdefault(day + chance.randint(2, 40), []).append(purchase)
            number += count
            worker.drain()
            if day % 7 == 0:
                commissions.mature_due()
            growth_chapter.climb(stage, days - day)
            if days - day == work_chapter.DONE_BEFORE:
                work_chapter.first_brief(stage, members)
            if days - day == PAYDAY_BEFORE:
                commissions.mature_due()
                finance_chapter.run_last_month(stage)
    with clock.at(stage.now):
        commissions.mature_due()


def _rhythm(days: int, orders: int, chance: Random) -> list[int]:
    weights = []
    for day in range(days):
        weekend, growth = (1.5 if day % 7 in (4, 5) else 1.0), 0.5 + day / days
        launch = 3.0 if LAUNCH_DAY <= day < LAUNCH_DAY + 5 else 1.0
        weights.append(weekend * growth * launch * chance.uniform(0.7, 1.3))
    steps = list(accumulate(weights))
    counts = [0] * days
    for _ in range(orders):
        counts[bisect(steps, chance.uniform(0, steps[-1]))] += 1
    return counts


def _day(
    members: list[Member], noon: datetime, number: int, count: int, chance: Random, stage: Stage
) -> list[Purchase]:
    there = [member for member in members if member.joined_at < noon - timedelta(days=1)]
    if not there:
        return []
    bought = []
    with unit_of_work():
        for step in range(count):
            placed = noon - timedelta(minutes=chance.randint(1, 1200))
            member = chance.choices(there, [one.weight for one in there])[0]
            bought.append(_purchase(member, placed, number + step, chance))
        crowd.pass_by(stage, there, noon, chance)
        sales.record_orders([_arrival(stage, purchase) for purchase in bought])
        sales.note_event(stage.connection_id, noon)
    return bought


def _arrival(stage: Stage, purchase: Purchase) -> Arrival:
    read = reading.read(json.dumps(order_message(purchase)).encode(), "orders/paid")
    assert read.order is not None
    assert read.currency == CURRENCY
    return Arrival(stage.connection_id, read.order, clock.now())


def _purchase(member: Member, placed: datetime, number: int, chance: Random) -> Purchase:
    way, code, click = chance.random(), member.code, ""
    if way < SHARE_NOBODYS:
        code = ""
    elif way < SHARE_NOBODYS + SHARE_BY_LINK:
        code = ""
        clicked = placed - timedelta(
            days=chance.choice((0, 0, 1, 2, 6, 36)), minutes=chance.randint(2, 50)
        )
        click = str(
            tracking.record_click(
                member.link_id, max(clicked, member.joined_at), visitor=f"v{number}"
            )
        )
    return Purchase(
        number=number,
        product=chance.choice(list(PRODUCTS)),
        quantity=chance.choice((1, 1, 1, 2)),
        code=code,
        discount_bp=1500 if code else 0,
        click_id=click,
        email=f"buyer{chance.randint(1, 900)}@shoppers.example",
        placed_at=placed.isoformat(),
    )


def _refund(stage: Stage, purchases: list[Purchase], chance: Random) -> None:
    with unit_of_work():
        for purchase in purchases:
            amount = purchase.net if chance.random() < 0.6 else purchase.net.scaled(1, 2)
            message = refund_message(purchase, amount, clock.now())
            read = reading.read(json.dumps(message).encode(), "refunds/create")
            for refund in read.refunds:
                sales.record_refund(stage.connection_id, refund, heard_at=clock.now())
