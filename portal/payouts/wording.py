"""Reasons, warnings and refusals in words, for finance and for the creator. Pure."""

from dataclasses import dataclass

from portal.payouts.models import BlockedReason, Caution


@dataclass(frozen=True, slots=True)
class Reason:
    """A blocked reason as finance sees it (`label`, `path`) and as the creator reads it."""

    label: str
    path: str
    creator: str


REASONS = {
    BlockedReason.HELD: Reason(
        "Payouts held",
        "Finance releases",
        "You are not paid until the brand ends this. What you earned stays yours.",
    ),
    BlockedReason.NO_ACCOUNT: Reason(
        "No payout account",
        "Stays payable",
        "Set up a payout account and the next run pays you.",
    ),
    BlockedReason.ACCOUNT_RESTRICTED: Reason(
        "Account restricted",
        "Creator must act",
        "Your payout account needs something from you before money can be sent to it.",
    ),
    BlockedReason.COOLING: Reason(
        "Account changed < 72 h",
        "Waits 72 hours",
        "You changed your payout account. For your safety nothing is sent there for 72 hours.",
    ),
    BlockedReason.BELOW_MINIMUM: Reason(
        "Below minimum",
        "Rolls over",
        "Your balance is below the minimum. It is kept and added to the next payout.",
    ),
    BlockedReason.NEGATIVE_BALANCE: Reason(
        "Negative balance",
        "Carried forward",
        "Refunds took back more than was earned. New sales make up for it; nothing is charged.",
    ),
    BlockedReason.CURRENCY: Reason(
        "Amount or currency not supported",
        "Enter a rate, or it rolls over",
        "Your account cannot receive this amount or currency as it is, or the brand has entered no "
        "exchange rate for it yet. It stays yours and waits.",
    ),
    BlockedReason.COUNTRY: Reason(
        "Country not supported",
        "Creator chooses another way, or pay by hand",
        "The way you chose does not pay to your country. Choose another way, and the next run pays "
        "you.",
    ),
    BlockedReason.DUPLICATE: Reason(
        "Same account as another creator",
        "You look at both, on their pages",
        "Another creator of this brand is paid to the same account. The brand looks at it first; "
        "what you earned stays yours.",
    ),
    BlockedReason.AGREEMENT: Reason(
        "Agreement not accepted",
        "Creator must act",
        "Accept the agreement of the program first, on its page. What you earned stays yours.",
    ),
    BlockedReason.TAX_FORM: Reason(
        "Tax form missing",
        "Creator must act",
        "A tax form is needed before this can be sent. What you earned stays yours.",
    ),
    BlockedReason.TAX_NAME: Reason(
        "Names differ",
        "You or the creator",
        "The name of your payout account is not the name on your tax form. Correct one of them.",
    ),
    BlockedReason.MEMBERSHIP: Reason(
        "Membership under review",
        "Brand decides",
        "Your membership was ended. The brand reviews what is still owed to you.",
    ),
}

CAUTIONS = {
    Caution.FIRST_PAYOUT: "First payout",
    Caution.OVER_USUAL: "Over 3× usual",
    Caution.ACCOUNT_CHANGED: "Account changed",
    Caution.ABOVE_LIMIT: "Large amount",
    Caution.SHARED_ACCOUNT: "Shared account",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a rail refused, for finance (`cause`, `who_acts`) and for the creator."""

    cause: str
    who_acts: str
    creator: str
    is_creators_to_fix: bool = True
    is_retryable: bool = False


OTHER = Refusal(
    "Provider refused the transfer",
    "See the payout",
    "The payment provider refused the transfer. The money is still yours; we look into it.",
    is_creators_to_fix=False,
    is_retryable=True,
)
REFUSALS = {
    "no_account": Refusal(
        "Account not found",
        "The creator, told to connect again",
        "Your payout account no longer exists. Connect one, and the next payout goes there.",
    ),
    "account_closed": Refusal(
        "Account closed",
        "The creator, told to add another",
        "Your account was closed. Add another one, and the next payout goes there.",
    ),
    "account_restricted": Refusal(
        "Account cannot receive transfers",
        "The creator, told what to check",
        "Your payout account cannot receive money yet. Finish its set-up and we send it again.",
        is_retryable=True,
    ),
    "destination_changed": Refusal(
        "Account changed after approval",
        "Nobody, the next run pays",
        "You changed your payout account after this run was approved. The next run pays you.",
        is_creators_to_fix=False,
    ),
    "payee_held": Refusal(
        "Held after approval",
        "You, release her payouts",
        "Your payouts were stopped after this run was approved, until somebody has looked.",
        is_creators_to_fix=False,
    ),
    "insufficient_funds": Refusal(
        "Provider balance too low",
        "You, top up and retry",
        "The transfer could not be made. It is not your account; we send it again.",
        is_creators_to_fix=False,
        is_retryable=True,
    ),
    "invalid_account": Refusal(
        "Account details not usable",
        "The creator, told to set it again",
        "The bank cannot pay to this account. Set it again, and the next payout goes there.",
    ),
    "not_in_file": Refusal(
        "File was given up",
        "You, retry or leave it to the next run",
        "The payment was prepared but not sent. It is not your account; we send it again.",
        is_creators_to_fix=False,
        is_retryable=True,
    ),
    "refused_by_bank": Refusal(
        "Refused by the bank or PayPal",
        "See the payout",
        "Your payout was refused where it was sent. Check your account; the money is payable.",
    ),
    "invalid_currency": Refusal(
        "Currency or amount not accepted",
        "Pay another way",
        "Your account does not accept this currency. Choose another way to be paid.",
    ),
}


def refusal_of(code: str) -> Refusal:
    """The words for a refusal's code; a code outside our map is shown raw beside general words."""
    return REFUSALS.get(code, OTHER)


# ---- rails
OTHER_RAILS = {  # that tell no balance: how it is called, and what becomes of it
    "manual": ("By hand", "paid by somebody and confirmed by a second person"),
    "sepa": ("By bank transfer (SEPA)", "in a file that somebody takes to your bank"),
    "paypal": ("By PayPal", "in a file that somebody uploads there"),
    "credit": ("As store credit", "no money leaves"),
}
TELL_LATER = {"stripe": "Stripe", "sepa": "the bank", "paypal": "PayPal"}
