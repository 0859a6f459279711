"""Reminders that money waits for a destination, and questions to a provider about an account."""

from collections.abc import Mapping
from typing import Any

from portal.destinations import commands
from portal.destinations.provider import AccountProvider
from portal.kernel import clock
from portal.storage.unit_of_work import unit_of_work


def remind() -> None:
    """Announce the reminders that are due (R90)."""
    with unit_of_work():
        commands.remind(clock.now())


def read_account(account_ref: str, rails: Mapping[str, Any]) -> None:
    """Ask the provider how an account stands; its answer is a report like any other."""
    provider: AccountProvider | None = rails.get("stripe")
    if provider is None:
        return
    told = provider.account_state(account_ref)
    with unit_of_work():
        commands.record_report(account_ref, told)
