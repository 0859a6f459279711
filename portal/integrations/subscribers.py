"""The worker's part of the inbox."""

from collections.abc import Sequence

from portal.integrations import commands
from portal.integrations.events import InboundReceived


def on_inbound_received(event: InboundReceived) -> None:
    """Apply a stored message."""
    commands.process_inbound(event.event_id)


def on_inbounds_received(events: Sequence[InboundReceived]) -> None:
    """Apply many stored messages."""
    commands.process_each([event.event_id for event in events])
