"""Why a bank refused what the provider paid out to it, in words (UX 6.12). Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """For finance (`label`) and for the creator (`creator`), who is told only what is hers."""

    label: str
    creator: str
    is_creators_to_fix: bool = True


OTHER = Cause(
    "Bank payout failed",
    "Your bank did not take the money. Check your bank details at Stripe.",
)
_CLOSED = Cause(
    "Bank account closed", "Your bank account is closed. Give Stripe another bank account."
)
_NUMBER = Cause(
    "Bank account not found",
    "Your bank knows no account under this number. Correct it at Stripe.",
)
_RESTRICTED = Cause(
    "Bank account restricted",
    "Your bank account cannot receive money now. Ask your bank, or give Stripe another account.",
)
_HOLDER = Cause(
    "Holder’s details differ",
    "The name or the details of the holder are not those your bank has. Correct them at Stripe.",
)
_CURRENCY = Cause(
    "Currency not accepted by the bank",
    "Your bank account does not take this currency. Give Stripe an account that does.",
)
_DECLINED = Cause(
    "Declined by the bank",
    "Your bank declined the money. Ask it why, or give Stripe another bank account.",
)
_CARD = Cause("Card not usable", "Money cannot be paid to this card. Give Stripe a bank account.")
CAUSES = {
    "account_closed": _CLOSED,
    "account_frozen": _RESTRICTED,
    "bank_account_restricted": _RESTRICTED,
    "bank_account_unusable": _RESTRICTED,
    "bank_ownership_changed": _CLOSED,
    "could_not_process": Cause(
        "Bank could not process it",
        "Your bank could not take the money. Check your bank details at Stripe.",
    ),
    "debit_not_authorized": _RESTRICTED,
    "declined": _DECLINED,
    "expired_card": _CARD,
    "incorrect_account_holder_address": _HOLDER,
    "incorrect_account_holder_details": _HOLDER,
    "incorrect_account_holder_name": _HOLDER,
    "incorrect_account_holder_tax_id": _HOLDER,
    "incorrect_account_type": _NUMBER,
    "insufficient_funds": Cause(
        "Balance of the account at Stripe too low",
        "Stripe could not pay out yet. It is not your bank; Stripe tries again.",
        is_creators_to_fix=False,
    ),
    "invalid_account_number": _NUMBER,
    "invalid_account_number_length": _NUMBER,
    "invalid_card": _CARD,
    "invalid_currency": _CURRENCY,
    "lost_or_stolen_card": _CARD,
    "no_account": _NUMBER,
    "unsupported_card": _CARD,
}


def cause_of(code: str) -> Cause:
    """The words for a failure's code; one outside our map gets general words."""
    return CAUSES.get(code, OTHER)
