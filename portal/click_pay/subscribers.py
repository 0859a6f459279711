"""Reactions to what the click path reports."""

from portal.click_pay import commands
from portal.tracking.events import ClicksCameLate


def on_clicks_came_late(event: ClicksCameLate) -> None:
    """Days that were closed without them are looked at again."""
    commands.reopen(event.first_click_id, event.last_click_id)
