"""Send what waits in the outbox: the network stands between two units of work."""

from portal.kernel.errors import ProviderRefused
from portal.notifications import commands, queries
from portal.notifications.models import MessageState
from portal.notifications.provider import Mailer
from portal.storage.unit_of_work import end_read, unit_of_work


def deliver(message_id: int, mailer: Mailer | None) -> None:
    """Send one message. Without a mailer it is kept for the outbox page."""
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
