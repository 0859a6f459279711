"""Who is told what (UX §5, 31): appeals."""

from portal.appeals import queries as appeals
from portal.appeals.events import (
    AppealAnswered,
    AppealDecided,
    AppealOpened,
    AppealOverdue,
    AppealPutForward,
)
from portal.appeals.models import Appeal, AppealStatus
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.identity.models import User
from portal.notifications.letters import link_to, send
from portal.notifications.subscribers import OPTIONAL, email_of_creator
from portal.web.formatting import day, money, when

OUTCOMES = {
    AppealStatus.UPHELD: "upheld",
    AppealStatus.PARTLY_UPHELD: "upheld in part",
    AppealStatus.REJECTED: "decided: it stays as it was",
    AppealStatus.WITHDRAWN: "closed without your answer",
}


def on_appeal_opened(event: AppealOpened) -> None:
    """The brand's managers, or its owner where it has one, hear of it; she gets the date."""
    found = appeals.appeal(event.appeal_id)
    brand = identity.brand(found.brand_id)
    times = 2 if found.reopened_at else 1
    send(
        "appeal_received", found.id * 10 + times, email_of_creator(found.creator_id),
        title=found.title, brand=brand.name, due=day(found.due_at, brand.zone),
        link=_creator_link(found),
    )  # fmt: skip
    for user in _staff(found):
        send(
            "appeal_opened", found.id * 10 + times, user.email, title=found.title,
            name=creators.creator(found.creator_id).name, why=OPTIONAL,
            due=when(found.due_at, brand.zone), again=times > 1, link=_brand_link(found),
        )  # fmt: skip


def on_appeal_answered(event: AppealAnswered) -> None:
    found, message = appeals.appeal(event.appeal_id), appeals.message(event.message_id)
    brand = identity.brand(found.brand_id)
    if message.is_from_brand:
        zone = creators.creator(found.creator_id).zone
        until = day(found.waits_until, zone) if found.waits_until else ""
        send(
            "appeal_asked", message.id, email_of_creator(found.creator_id), title=found.title,
            brand=brand.name, question=message.body, until=until, link=_creator_link(found),
        )  # fmt: skip
        return
    for user in _staff(found):
        send(
            "appeal_answered", message.id, user.email, title=found.title, why=OPTIONAL,
            name=creators.creator(found.creator_id).name, link=_brand_link(found),
        )  # fmt: skip


def on_appeal_put_forward(event: AppealPutForward) -> None:
    found = appeals.appeal(event.appeal_id)
    if found.put_forward is None:  # decided meanwhile
        return
    for user in identity.staff_with(found.brand_id, "finance.approver"):
        send(
            "appeal_put_forward", found.id, user.email, title=found.title, why=OPTIONAL,
            amount=money(found.put_forward),
            link=link_to("appeals_finance.appeal", **_address(found)),
        )  # fmt: skip


def on_appeal_overdue(event: AppealOverdue) -> None:
    found = appeals.appeal(event.appeal_id)
    brand = identity.brand(found.brand_id)
    owners = identity.staff_with(found.brand_id, "brand.owner") or _staff(found)
    for user in owners:
        send(
            "appeal_overdue", found.id * 10 + (2 if found.reopened_at else 1), user.email,
            title=found.title, due=when(found.due_at, brand.zone), why=OPTIONAL,
            link=_brand_link(found),
        )  # fmt: skip


def on_appeal_decided(event: AppealDecided) -> None:
    found = appeals.appeal(event.appeal_id)
    send(
        "appeal_decided", found.id * 10 + (2 if found.reopened_at else 1),
        email_of_creator(found.creator_id), title=found.title,
        brand=identity.brand(found.brand_id).name, outcome=OUTCOMES[found.status],
        amount=money(found.awarded) if found.awarded else "", answer=found.answer,
        may_reopen=found.status is AppealStatus.REJECTED and found.reopened_at is None,
        link=_creator_link(found),
    )  # fmt: skip


def _staff(found: Appeal) -> list[User]:
    """Its owner; while it has none, everyone who may answer it."""
    if found.owner_id is not None:
        return [identity.user(found.owner_id)]
    people = {one.id: one for one in identity.staff_with(found.brand_id, "brand.manager")}
    people |= {one.id: one for one in identity.staff_with(found.brand_id, "brand.owner")}
    return list(people.values())


def _address(found: Appeal) -> dict[str, str]:
    return {"brand_id": identity.brand_slug_of(found.brand_id), "appeal": found.public_id}


def _brand_link(found: Appeal) -> str:
    return link_to("appeals_brand.appeal", **_address(found))


def _creator_link(found: Appeal) -> str:
    return link_to("appeals_creator.appeal", appeal=found.public_id)
