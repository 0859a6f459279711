"""What bank_payouts announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BankPayoutFailed:
    """The provider could not pay out to a creator's bank: the money lies in her account there."""

    bank_payout_id: int
