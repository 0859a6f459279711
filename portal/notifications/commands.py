"""Keep and send messages."""

from sqlalchemy import select

from portal.jobs.commands import enqueue
from portal.kernel import clock
from portal.notifications.models import Message, MessageState
from portal.notifications.rules import Letter
from portal.storage.locks import lock
from portal.storage.model import db

# Once the mail server took or refused such a letter, the database need not know what opens a door.
GIVES_ACCESS = frozenset({"sign_in_code", "staff_invited"})
FORGOTTEN = "What it said gives access, so it is not kept."


def write(name: str, subject_id: int, recipient: str, letter: Letter, html: str) -> None:
    """Put one mail into the outbox, once per letter, subject and recipient."""
    dedupe = f"{name}:{subject_id}:{recipient}"
    if db.session.scalar(select(Message.id).where(Message.dedupe == dedupe)):
        return
    message = Message(
        dedupe=dedupe,
        letter=name,
        recipient=recipient,
        subject=letter.subject,
        text=letter.text,
        html=html,
        created_at=clock.now(),
    )
    db.session.add(message)
    db.session.flush()
    enqueue("notifications.deliver", {"message_id": message.id}, dedupe=f"message:{message.id}")


def mark(message_id: int, state: MessageState) -> None:
    """Note how a message ended."""
    message = lock(Message, message_id)
    message.state, message.sent_at = state, clock.now()
    if state is not MessageState.KEPT and message.letter in GIVES_ACCESS:
        message.text = message.html = FORGOTTEN
