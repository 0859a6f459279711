"""The worker's part: messages that came in, and codes that shops shall hold."""

from collections.abc import Sequence

from portal.integrations import code_commands, commands
from portal.integrations.events import InboundReceived
from portal.tracking.events import CodeActivated, CodeChanged, CodeRetired


def on_inbound_received(event: InboundReceived) -> None:
    """Apply a stored message."""
    commands.process_inbound(event.event_id)


def on_inbounds_received(events: Sequence[InboundReceived]) -> None:
    """Apply many stored messages."""
    commands.process_each([event.event_id for event in events])


def on_code_activated(event: CodeActivated) -> None:
    """A code works: it goes into every shop that holds codes."""
    code_commands.want(event.code_id)


def on_codes_activated(events: Sequence[CodeActivated]) -> None:
    """Many codes work."""
    code_commands.want_each([event.code_id for event in events])


def on_code_changed(event: CodeChanged) -> None:
    """A code is paused or has other limits: the shops follow."""
    code_commands.want(event.code_id)


def on_code_retired(event: CodeRetired) -> None:
    """A code works no more: it leaves the shops."""
    code_commands.want(event.code_id)
