"""Look at the outbox."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from portal.creators.models import Creator
from portal.identity.models import User
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.ledger.models import LedgerAccount
from portal.notifications.models import Message, MessageState
from portal.storage.model import db


def message(message_id: int) -> Message:
    """One message by its row id. Raises NotFound."""
    found: Message | None = db.session.get(Message, message_id)
    if found is None:
        raise NotFound()
    return found


def one(public_id: str) -> Message:
    """One message by its public id. Raises NotFound."""
    found: Message | None = db.session.scalar(select(Message).where(Message.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def latest(limit: int = 100, recipient: str | None = None) -> Sequence[Message]:
    """The newest messages, newest first."""
    wanted = select(Message).order_by(Message.id.desc()).limit(limit)
    if recipient:
        wanted = wanted.where(Message.recipient == recipient)
    rows: Sequence[Message] = db.session.scalars(wanted).all()
    return rows


def refused_to_payees(brand_id: int) -> list[tuple[int, datetime, Money]]:
    """(creator id, when, what the brand owes her) of everybody who is owed something and
    whose newest mail was refused, by currency."""
    newest = (
        select(func.lower(Message.recipient).label("to"), func.max(Message.id).label("id"))
        .where(Message.state.in_((MessageState.SENT, MessageState.REFUSED)))
        .group_by(func.lower(Message.recipient))
        .subquery()
    )
    rows = db.session.execute(
        select(
            Creator.id, Message.sent_at, LedgerAccount.currency,
            func.sum(LedgerAccount.balance_minor),
        )
        .join(newest, newest.c.id == Message.id)
        .join(User, func.lower(User.email) == func.lower(Message.recipient))
        .join(Creator, Creator.user_id == User.id)
        .join(LedgerAccount, LedgerAccount.creator_id == Creator.id)
        .where(
            Message.state == MessageState.REFUSED, LedgerAccount.brand_id == brand_id,
            LedgerAccount.balance_minor > 0,
        )
        .group_by(Creator.id, Message.sent_at, LedgerAccount.currency)
        .order_by(Creator.id, LedgerAccount.currency)
    )  # fmt: skip
    return [(who, at, Money(int(minor), code)) for who, at, code, minor in rows if at is not None]


def counts() -> dict[MessageState, int]:
    """How many messages are in each state."""
    rows = db.session.execute(select(Message.state, func.count()).group_by(Message.state))
    return dict(rows.all())
