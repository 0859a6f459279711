"""What a provider tells of a payout to a bank. Pure."""

from dataclasses import dataclass
from datetime import datetime

from portal.bank_payouts.models import BankPayoutState
from portal.kernel.money import Money


@dataclass(frozen=True, slots=True)
class BankPayoutTold:
    """One payout from a connected account to its bank; `failure_code` is the provider's word."""

    account_ref: str
    provider_ref: str
    state: BankPayoutState
    amount: Money
    failure_code: str = ""
    failure: str = ""
    made_at: datetime | None = None


def state_after(known: BankPayoutState, told: BankPayoutState) -> BankPayoutState:
    """What is paid may fail days later, never the other way round: messages come in any order."""
    return known if known is BankPayoutState.FAILED else told
