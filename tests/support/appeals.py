"""Appeals for tests: a creator objects, in one line."""

from __future__ import annotations

from typing import Any

from portal.ambassadors.models import Ambassador
from portal.appeals import commands, subject_queries
from portal.appeals.models import Appeal
from portal.commissions import queries as commissions
from portal.creators import queries as creators
from portal.kernel import clock
from portal.storage.unit_of_work import unit_of_work


def user_of(member: Ambassador) -> int:
    """The user behind a membership."""
    return creators.creator(member.creator_id).user_id


def about_sale(member: Ambassador, number: str, **more: Any) -> Appeal:
    """She says that the order of this number was hers."""
    subject = subject_queries.of_sale(member, number, clock.today("UTC"))
    return _open(subject, member, **more)


def about_commission(member: Ambassador, order_id: int, **more: Any) -> Appeal:
    """She objects to what an order earned her: to the hold while it is held, else the amount."""
    found = commissions.of_order(order_id)
    assert found is not None
    return _open(subject_queries.of_commission(member.creator_id, found.public_id), member, **more)


def about_membership(member: Ambassador, **more: Any) -> Appeal:
    """She objects to a membership that was stopped."""
    return _open(subject_queries.of_membership(member.creator_id, member.public_id), member, **more)


def _open(subject: Any, member: Ambassador, **more: Any) -> Appeal:
    values = {"body": "It was mine.", "link": "https://posts.example/1", **more}
    with unit_of_work():
        return commands.open_appeal(subject, values.pop("body"), by=user_of(member), **values)
