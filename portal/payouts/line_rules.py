"""What may be done with many lines of a run at once. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.payouts.models import BlockedReason, PayoutStatus
from portal.payouts.rules import PAYOUT_STEPS, PayoutAct

REMIND_AGAIN = timedelta(days=3)
ASKS_ACCOUNT = frozenset({BlockedReason.NO_ACCOUNT, BlockedReason.ACCOUNT_RESTRICTED})
ASKS_FORM = frozenset({BlockedReason.TAX_FORM})
IN_REVIEW = (PayoutStatus.READY, PayoutStatus.BLOCKED, PayoutStatus.HELD)


def open_to(act: PayoutAct) -> tuple[PayoutStatus, ...]:
    """From which states of a run in review an act leads on."""
    return tuple(status for status in IN_REVIEW if act in PAYOUT_STEPS[status])


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many creators are asked for an account and for a form, and on which days those were who
    had been asked shortly before."""

    accounts: int
    forms: int
    before: tuple[date, ...] = ()

    @property
    def mailed(self) -> int:
        """Mails that go out."""
        return self.accounts + self.forms


def reminded_words(told: Reminded, days: Sequence[str]) -> str:
    """ "41 mailed, 3 had been mailed on 20 Nov." `days` are those of `told.before` in words."""
    said = [f"{told.mailed:,} mailed" if told.mailed else "Nobody was mailed"]
    if days:
        when = f"on {days[0]}" if days[0] == days[-1] else f"from {days[0]} to {days[-1]}"
        said.append(f"{len(days):,} had been mailed {when}")
    elif not told.mailed:
        said.append("nobody of them misses an account or a form")
    return ", ".join(said) + "."
