"""References, dates and steps of payment files. Pure."""

from datetime import date, datetime, timedelta

from portal.creators.models import Rail
from portal.files.models import FileState, LineState
from portal.kernel.errors import Conflict

UNCLAIMED_DAYS = 30  # then PayPal gives the money back (R89)
LETTERS = {Rail.SEPA: "S", Rail.PAYPAL: "P"}
SATURDAY = 5
NEVER_CLAIMED = f"Nobody claimed it at PayPal for {UNCLAIMED_DAYS} days"


def gives_back_on(told_at: datetime) -> datetime:
    """When PayPal has given an unclaimed payment back for certain: 30 days after its report said
    that it waits, which is never before the day it was sent (R89)."""
    return told_at + timedelta(days=UNCLAIMED_DAYS)


def check_unclaimed_long_enough(told_at: datetime, now: datetime) -> None:
    """Raises Conflict while it may still be claimed."""
    if now < gives_back_on(told_at):
        raise Conflict("It may still be claimed.")


def reference_of(payout: str, attempt: int) -> str:
    """What travels with the money: "po-k7m2…-1". Banks know no underscore."""
    return f"{payout.replace('_', '-')}-{attempt}"


def message_id_of(run: str, rail: Rail, number: int) -> str:
    """What a bank or PayPal knows the file by. Of run, rail and number alone: written again after
    a restore it is the same file, and no other file ever has it (R88)."""
    return f"{run.replace('_', '-')}-{LETTERS[rail]}{number}"


def execute_on(approved_on: date) -> date:
    """The first working day after the approval."""
    day = approved_on + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day


def check_written(state: FileState) -> None:
    """Raises Conflict for a file without bytes."""
    if state in (FileState.COLLECTING, FileState.NOT_WRITTEN):
        raise Conflict("This file is not written yet.")
    if state is FileState.VOID:
        raise Conflict("This file was given up; nothing of it may be uploaded.")


def check_waits(state: LineState) -> None:
    """Raises Conflict for a line that has its end."""
    if state is not LineState.WAITING:
        raise Conflict(f"This payment is {state.value} already.")
