"""Send what waits in the outbox: the network stands between two units of work."""

from portal.jobs.commands import progress
from portal.kernel.errors import ProviderRefused, ProviderUnavailable
from portal.notifications import commands, queries
from portal.notifications.models import MessageState
from portal.notifications.provider import Mailer
from portal.storage.unit_of_work import end_read, unit_of_work


def deliver_each(message_ids: list[int], mailer: Mailer | None) -> None:
    """Send these messages, each noted as soon as it is sent. One that the mail server did not
    answer for is tried again by itself, and keeps no other waiting."""
    if mailer is None:
        with unit_of_work():
            commands.keep_each(message_ids)
        return
    for message_id in message_ids:
        try:
            deliver(message_id, mailer, of=len(message_ids))
        except ProviderUnavailable:
            with unit_of_work():
                commands.deliver_alone(message_id)


def deliver(message_id: int, mailer: Mailer | None, of: int = 1) -> None:
    """Send one message, of so many that a job sends. Without a mailer it is kept for the outbox
    page."""
    message = queries.message(message_id)
    if message.state is not MessageState.QUEUED:
        return
    state = MessageState.KEPT
    if mailer is not None:
        parts = {"recipient": message.recipient, "subject": message.subject}
        text, html = message.text, message.html
        end_read()
        state = MessageState.SENT
        try:
            mailer.send(**parts, text=text, html=html)
        except ProviderRefused:
            state = MessageState.REFUSED
    with unit_of_work():
        commands.mark(message_id, state)
        progress(1, of)  # its lease begins anew
