"""A creator objects to an order that nobody was credited with, and a link that looks leaked."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import select

from portal.ambassadors import queries as ambassadors
from portal.appeals import commands as appeals
from portal.appeals import subject_queries as subjects
from portal.attribution.models import Attribution, Reason
from portal.demo import crowd
from portal.demo.joining import Member
from portal.flags import jobs as flags
from portal.jobs import worker
from portal.kernel import clock
from portal.sales.models import Order
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

if TYPE_CHECKING:
    from portal.demo.story import Stage

COUPON_SITE, CLICKS = "couponfollow.com", 9
OBJECTION = (
    "This buyer wrote to me that she ordered after my reel on Sunday, on her other phone. "
    "Her message is under the link."
)


def tell(stage: Stage, members: list[Member]) -> None:
    """What a brand finds waiting: one appeal, one flag. Needs three members."""
    if len(members) < 3:
        return
    with unit_of_work():
        _leak(stage, members[2])
        _object(stage, members[1])
    end_read()
    flags.look()
    worker.drain()


def _leak(stage: Stage, member: Member) -> None:
    chance = Random("leak")
    for day in range(CLICKS):
        noon = stage.now - timedelta(days=day, hours=3)
        crowd.click(stage, member, noon, COUPON_SITE, chance)


def _object(stage: Stage, member: Member) -> None:
    order = db.session.scalar(
        select(Order)
        .join(Attribution, (Attribution.order_id == Order.id) & Attribution.is_latest)
        .where(
            Attribution.reason == Reason.NO_CODE_NO_CLICK,
            Order.placed_at < stage.now - timedelta(days=3),
        )
        .order_by(Order.placed_at.desc())
    )
    if order is None:
        return
    ambassador = ambassadors.ambassador(member.ambassador_id)
    subject = subjects.of_sale(ambassador, order.number, order.placed_at.date())
    handle = member.persona.handle
    with clock.at(stage.now - timedelta(hours=20)):
        appeals.open_appeal(
            subject, OBJECTION, by=member.user_id, link=f"https://instagram.example/{handle}/dm"
        )
