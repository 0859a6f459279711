"""What an account lacks, in words. Pure."""

from collections.abc import Iterable

from portal.creators.rules import CONFIRMATION, RECONNECTION

BANK_REFUSED = "external_account.errored"  # the bank is known and takes no money
MISSING = {
    CONFIRMATION: "your confirmation, by the link in our mail",
    RECONNECTION: "an account: you disconnected the one you had",
    BANK_REFUSED: "a bank account that takes money: Stripe’s payout to yours failed",
    "external_account": "a bank account",
    "individual.address": "your address",
    "individual.dob": "your date of birth",
    "individual.email": "your e-mail address",
    "individual.first_name": "your first name",
    "individual.id_number": "your tax number",
    "individual.last_name": "your last name",
    "individual.phone": "your phone number",
    "individual.ssn_last_4": "the last four digits of your social security number",
    "individual.verification": "a photo of your identity document",
    "tos_acceptance": "your consent to the terms",
    "business_profile": "a line about what you do",
    "requirements.past_due": "details that are overdue",
    "platform_paused": "the portal’s own account, which Stripe has paused: nothing you can do",
    "action_required": "a permission the portal has to ask Stripe for: nothing you can do",
    "other": "an answer to what Stripe wrote to you",
    "listed": "an answer to a question Stripe has about you",
    "under_review": "Stripe’s own check of your account, which can take some days",
    "rejected": "another way to be paid: Stripe has closed this account for good",
}


def missing_words(codes: Iterable[str]) -> list[str]:
    """What an account lacks, in words, each once; what we do not know is shown raw."""
    words = {}
    for code in codes:
        known = next((text for start, text in MISSING.items() if code.startswith(start)), None)
        words[known or code.replace("_", " ").replace(".", ", ")] = True
    return list(words)
