"""Which changes need two people, and who may be the second. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.proposals.models import ProposalStatus

WAIT = timedelta(days=7)
KINDS: Mapping[str, str] = {
    "limits": "Limits of money",
    "schedule": "When the brand pays",
    "ways": "Ways to be paid, fees and who bears them",
    "payer": "The account that bank files draw on",
    "approval-limit": "Above what a run needs a second approver",
    "minimum": "The least that is paid out",
    "tax-policy": "When a tax form is asked for",
    "tax-figures": "The figures of a tax form",
    "ledger-codes": "General-ledger codes",
    "invoice-settings": "How the brand stands on invoices",
}
STATES: Mapping[ProposalStatus, str] = {
    ProposalStatus.PROPOSED: "Waits for a second person",
    ProposalStatus.CONFIRMED: "Confirmed",
    ProposalStatus.WAITED: "In effect after its wait",
    ProposalStatus.WITHDRAWN: "Withdrawn",
}


def changed_lines(lines: Sequence[tuple[str, str, str]]) -> list[list[str]]:
    """Of (what, before, after) those that differ. Raises InvalidInput when none does."""
    found = [[what, before, after] for what, before, after in lines if before != after]
    if not found:
        raise InvalidInput("", "This is in force already.")
    return found


def waits_until(proposed_by: int, may_confirm: Collection[int], now: datetime) -> datetime | None:
    """None where somebody else may confirm; otherwise when it takes effect by itself."""
    return None if set(may_confirm) - {proposed_by} else now + WAIT


def check_second(proposed_by: int, by: int) -> None:
    """Raises NotAllowed for whoever put it forward."""
    if proposed_by == by:
        raise NotAllowed("You proposed this, so somebody else must confirm it.")


def check_open(status: ProposalStatus) -> None:
    """Raises Conflict for what was decided before."""
    if status is not ProposalStatus.PROPOSED:
        raise Conflict(f"This proposal is {STATES[status].lower()} already.")
