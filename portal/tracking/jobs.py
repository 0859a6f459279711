"""Scheduled and long work."""

from datetime import timedelta

from portal.jobs.commands import progress
from portal.kernel import clock
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import batch_commands, click_commands, code_commands


def tend_codes() -> None:
    """Show codes as they are: begun, expired, or at the end of their grace."""
    more = True
    while more:
        with unit_of_work():
            more = code_commands.tend_codes() == code_commands.TENDED_AT_ONCE


def fill_batch(batch_id: int) -> None:
    """Make the codes of a batch, chunk by chunk; a restart goes on where the last chunk ended."""
    is_done = False
    while not is_done:
        with unit_of_work():
            done, total, is_done = batch_commands.fill_some(batch_id)
            progress(done, total)


def forget_addresses(*, keep_hours: int) -> None:
    """Take the visitors' addresses off clicks that are older than the setting allows."""
    with unit_of_work():
        click_commands.forget_addresses(clock.now() - timedelta(hours=keep_hours))
