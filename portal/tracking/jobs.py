"""Scheduled and long work."""

from datetime import timedelta
from urllib.parse import urljoin

from portal import outbound
from portal.jobs.commands import progress
from portal.kernel import clock
from portal.kernel.errors import ProviderRefused, ProviderUnavailable
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import (
    batch_commands,
    click_commands,
    code_commands,
    guess_commands,
    health_commands,
)
from portal.tracking.health_rules import Finding, finding_of
from portal.tracking.models import Health


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


def check_links(*, allows_loopback: bool = False) -> None:
    """Look at the destinations of links that are due: one call to each page, between two units
    of work. Redirects are noted, not followed."""
    with unit_of_work():
        pages = health_commands.due_pages()
        guess_commands.forget_windows()
    for done, url in enumerate(pages, 1):
        finding = _look_at(url, allows_loopback=allows_loopback)
        with unit_of_work():
            health_commands.note_finding(url, finding)
            progress(done, len(pages))


def _look_at(url: str, *, allows_loopback: bool) -> Finding:
    try:
        answer = outbound.fetch(url, allows_loopback=allows_loopback)
    except (ProviderRefused, ProviderUnavailable) as trouble:
        return Finding(Health.BROKEN, 0, trouble.message)
    return finding_of(answer.status, _joined(url, answer.headers.get("location", "")))


def _joined(url: str, location: str) -> str:
    """Where a Location leads, as far as it is an address at all; without NUL, which PostgreSQL
    cannot keep."""
    location = location.replace("\0", "")
    try:
        return urljoin(url, location)
    except ValueError:
        return location
