"""Keep and send messages."""

from collections.abc import Sequence

from sqlalchemy import update

from portal.jobs.commands import enqueue
from portal.kernel import clock, codes
from portal.notifications.models import Message, MessageState
from portal.notifications.rules import Letter
from portal.storage.changes import change
from portal.storage.insert_once import insert_new
from portal.storage.locks import lock
from portal.storage.model import db

DELIVER_EACH, TOGETHER = "notifications.deliver_each", 20
# Once the mail server took or refused such a letter, the database need not know what opens a door.
GIVES_ACCESS = frozenset({"sign_in_code", "staff_invited"})
FORGOTTEN = "What it said gives access, so it is not kept."


def write(name: str, subject_id: int, recipient: str, letter: Letter, html: str) -> None:
    """Put one mail into the outbox, once per letter, subject and recipient."""
    write_each(name, [(subject_id, recipient, letter, html)])


def write_each(name: str, mails: Sequence[tuple[int, str, Letter, str]]) -> None:
    """`write` for many, in a handful of statements; they are delivered some at a time."""
    now = clock.now()
    rows = [
        {"public_id": codes.public_id("msg"), "dedupe": f"{name}:{subject_id}:{recipient}",
         "letter": name, "recipient": recipient, "subject": letter.subject, "text": letter.text,
         "html": html, "state": MessageState.QUEUED, "created_at": now}
        for subject_id, recipient, letter, html in mails
    ]  # fmt: skip
    db.session.flush()
    written = sorted(insert_new(Message, rows, key="dedupe").values())
    for start in range(0, len(written), TOGETHER):
        some = written[start : start + TOGETHER]
        if len(some) == 1:
            deliver_alone(some[0])
        else:
            enqueue(DELIVER_EACH, {"message_ids": some}, dedupe=f"messages:{some[0]}")


def deliver_alone(message_id: int) -> None:
    """Queue one message for delivery by itself."""
    enqueue("notifications.deliver", {"message_id": message_id}, dedupe=f"message:{message_id}")


def keep_each(message_ids: Sequence[int]) -> None:
    """There is no mail server: those that wait stay in the outbox."""
    waiting = Message.id.in_(message_ids), Message.state == MessageState.QUEUED
    change(update(Message).where(*waiting).values(state=MessageState.KEPT, sent_at=clock.now()))


def mark(message_id: int, state: MessageState) -> None:
    """Note how a message ended."""
    message = lock(Message, message_id)
    message.state, message.sent_at = state, clock.now()
    if state is not MessageState.KEPT and message.letter in GIVES_ACCESS:
        message.text = message.html = FORGOTTEN
