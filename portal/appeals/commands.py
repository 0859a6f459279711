"""Open, take, talk over, withdraw and reopen appeals. Deciding: `decision_commands`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.appeals import queries, rules
from portal.appeals.events import AppealAnswered, AppealDecided, AppealOpened, AppealOverdue
from portal.appeals.models import (
    Appeal,
    AppealMessage,
    AppealRules,
    AppealStatus,
)
from portal.appeals.rules import Subject
from portal.audit import commands as audit
from portal.identity import queries as identity
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint

BATCH = 200
LINKS = ("https://", "http://")


def open_appeal(
    subject: Subject, body: str, *, by: int, link: str = "", claimed: Money | None = None
) -> Appeal:
    """Object to `subject`; one open appeal per creator and subject.

    Raises Conflict when it cannot be appealed (any more), is under appeal already, or was decided
    and nothing has happened since; InvalidInput for an empty text, a link that is none, or an
    amount in another currency.
    """
    now, policy = clock.now(), queries.policy_of(subject.brand_id)
    rules.check_can_open(subject, policy, now)
    earlier = queries.decided_about(subject.creator_id, subject.kind, subject.key)
    rules.check_is_news(subject, earlier.decided_at if earlier else None)
    if claimed is not None and claimed.currency != subject.currency:
        raise InvalidInput("amount", f"Write the amount in {subject.currency}.")
    if subject.needs_proof and not link.strip():
        raise InvalidInput("link", "Add a link that shows it: a screenshot, a message, your post.")
    appeal = Appeal(
        brand_id=subject.brand_id, creator_id=subject.creator_id, kind=subject.kind,
        ambassador_id=subject.ambassador_id, subject=subject.key, title=subject.title,
        order_id=subject.order_id, commission_id=subject.commission_id,
        assignment_id=subject.assignment_id, payout_id=subject.payout_id,
        body=_text(body), link=_link(link), currency=subject.currency,
        claimed_minor=claimed.minor if claimed else None, opened_at=now,
        due_at=_due(subject.brand_id, now),
    )  # fmt: skip
    try:
        with savepoint():
            db.session.add(appeal)
            db.session.flush()
    except IntegrityError:  # the index over open appeals knows better than a look beforehand
        raise Conflict("You have an open appeal about this already. Add to that one.") from None
    _note(appeal, "opened", by, about=subject.title)
    announce(AppealOpened(appeal.id))
    return appeal


def take(appeal_id: int, *, by: int, owner_id: int | None = None) -> Appeal:
    """Make somebody of the brand's staff its owner: oneself, or (handing over) `owner_id`."""
    appeal = lock(Appeal, appeal_id)
    owner_id = owner_id or by
    if not identity.may(owner_id, "brand.manager", appeal.brand_id):
        raise NotAllowed("Only a manager of the brand can answer appeals.")
    appeal.status, appeal.owner_id = rules.next_status(appeal.status, "take"), owner_id
    _note(appeal, "taken" if owner_id == by else "handed-over", by, owner_id=owner_id)
    return appeal


def ask(appeal_id: int, body: str, *, by: int) -> AppealMessage:
    """Ask the creator; after seven days without an answer the appeal counts as withdrawn."""
    appeal = lock(Appeal, appeal_id)
    appeal.status = rules.next_status(appeal.status, "ask")
    appeal.owner_id = appeal.owner_id or by
    appeal.waits_until = clock.now() + timedelta(days=rules.CREATOR_DAYS)
    return _say(appeal, body, "", by, is_from_brand=True, asks=True)


def answer(appeal_id: int, body: str, *, by: int, link: str = "") -> AppealMessage:
    """The creator adds to her appeal. If she was asked, it goes on, and the clock starts anew."""
    appeal = lock(Appeal, appeal_id)
    was_asked = appeal.status is AppealStatus.WAITING_CREATOR
    appeal.status = rules.next_status(appeal.status, "reply")
    if was_asked:
        appeal.waits_until, appeal.due_at = None, _due(appeal.brand_id, clock.now())
    return _say(appeal, body, link, by, is_from_brand=False)


def withdraw(appeal_id: int, *, by: int) -> Appeal:
    """The creator takes it back; nothing changes."""
    appeal = lock(Appeal, appeal_id)
    appeal.status = rules.next_status(appeal.status, "withdraw")
    appeal.closed_at, appeal.waits_until = clock.now(), None
    _note(appeal, "withdrawn", by)
    return appeal


def reopen(appeal_id: int, body: str, *, by: int, link: str = "") -> Appeal:
    """The creator asks for a second look, once, within 14 days; somebody else then decides.

    Raises Conflict when that is over, or when she has opened another appeal about the same.
    """
    appeal, now = lock(Appeal, appeal_id), clock.now()
    rules.check_can_reopen(appeal.status, appeal.decided_at, appeal.reopened_at, now)
    if queries.has_open(appeal.creator_id, appeal.subject):
        raise Conflict("You have an open appeal about this already. Add to that one.")
    appeal.status = rules.next_status(appeal.status, "reopen")
    appeal.reopened_at, appeal.closed_at, appeal.owner_id = now, None, None
    appeal.first_decided_by, appeal.escalated_at = appeal.decided_by, None
    appeal.due_at = _due(appeal.brand_id, now)
    _say(appeal, body, link, by, is_from_brand=False, is_told=False)
    _note(appeal, "reopened", by)
    announce(AppealOpened(appeal.id))
    return appeal


def close_silent(limit: int = BATCH) -> int:
    """Close appeals whose creators were asked and said nothing for seven days. How many."""
    rows = _due_ones(AppealStatus.WAITING_CREATOR, Appeal.waits_until <= clock.now(), limit=limit)
    for appeal in rows:
        appeal.status = rules.next_status(appeal.status, "withdraw")
        appeal.closed_at, appeal.waits_until = clock.now(), None
        _note(appeal, "withdrawn", None, reason="no answer for seven days")
        announce(AppealDecided(appeal.id))
    return len(rows)


def escalate_late(limit: int = BATCH) -> int:
    """Tell the brand's owners of appeals nobody answered in time, once each. How many."""
    now, found = clock.now(), 0
    for status in (AppealStatus.OPEN, AppealStatus.UNDER_REVIEW):
        late = (Appeal.due_at <= now, Appeal.escalated_at.is_(None))
        for appeal in _due_ones(status, *late, limit=limit):
            appeal.escalated_at = now
            _note(appeal, "escalated", None, due=appeal.due_at.isoformat())
            announce(AppealOverdue(appeal.id))
            found += 1
    return found


def set_rules(
    brand_id: int, *, open_days: int, answer_days: int, limit: Money, by: int | None,
    effective_at: datetime | None = None,
) -> AppealRules:  # fmt: skip
    """How appeals are handled from an instant on (now, by default); earlier rules stay readable."""
    row = AppealRules(
        brand_id=brand_id, effective_at=effective_at or clock.now(), open_days=open_days,
        answer_days=answer_days, limit_minor=limit.minor, currency=limit.currency, by_id=by,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.note(
        by, "appeal-rules.set", row.id, brand_id=brand_id, open_days=open_days,
        answer_days=answer_days, limit=str(limit),
    )  # fmt: skip
    return row


# ---- inside
def _say(
    appeal: Appeal, body: str, link: str, by: int, *, is_from_brand: bool, asks: bool = False,
    is_told: bool = True,
) -> AppealMessage:  # fmt: skip
    message = AppealMessage(
        appeal_id=appeal.id, author_id=by, is_from_brand=is_from_brand, asks=asks,
        body=_text(body), link=_link(link), at=clock.now(),
    )  # fmt: skip
    db.session.add(message)
    db.session.flush()
    _note(appeal, "asked" if asks else "answered", by)
    if is_told:
        announce(AppealAnswered(appeal.id, message.id))
    return message


def _due_ones(status: AppealStatus, *conditions: Any, limit: int) -> Sequence[Appeal]:
    wanted = (
        select(Appeal)
        .where(Appeal.status == status, *conditions)
        .order_by(Appeal.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(wanted).all()  # type: ignore[no-any-return]


def _due(brand_id: int, at: datetime) -> datetime:
    return rules.answer_due(
        at, queries.policy_of(brand_id).answer_days, identity.brand(brand_id).zone
    )


def _text(body: str) -> str:
    if not body.strip():
        raise InvalidInput("body", "Write what happened, in your own words.")
    return body.strip()


def _link(link: str) -> str:
    if link.strip() and not link.strip().startswith(LINKS):
        raise InvalidInput("link", "A link starts with https://.")
    return link.strip()


def _note(appeal: Appeal, act: str, by: int | None, **facts: object) -> None:
    audit.note(by, f"appeal.{act}", appeal.id, brand_id=appeal.brand_id, **facts)
