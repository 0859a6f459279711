"""Look at the outbox."""

from collections.abc import Sequence

from sqlalchemy import func, select

from portal.kernel.errors import NotFound
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


def counts() -> dict[MessageState, int]:
    """How many messages are in each state."""
    rows = db.session.execute(select(Message.state, func.count()).group_by(Message.state))
    return dict(rows.all())
