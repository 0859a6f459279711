"""The worker's part of the inbox."""

from portal.integrations import commands
from portal.integrations.events import InboundReceived


def on_inbound_received(event: InboundReceived) -> None:
    """Apply a stored message."""
    commands.process_inbound(event.event_id)
