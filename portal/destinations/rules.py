"""Which ways fit a creator, what an account may look like, and when she is reminded. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.creators.models import Rail
from portal.kernel.errors import InvalidInput
from portal.paying.rules import checked_bic, checked_iban, masked_iban

REMINDER_DAYS = (0, 7, 21, 45)  # R90
EMAIL = re.compile(r"[^@\s,;]{1,64}@[^@\s,;]{1,185}\.[^@\s,;.]{2,}")
HOLDER_MOST = 70
SEPA_COUNTRIES = """AD AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MT
NL NO PL PT RO SE SI SK SM VA"""
SEPA = frozenset(SEPA_COUNTRIES.split())
# Where Stripe and PayPal, by their own published lists, pay nobody.
NOBODY_IN = frozenset({"CU", "IR", "KP", "SY"})
UNPAID_IN = {Rail.STRIPE: NOBODY_IN, Rail.PAYPAL: NOBODY_IN}


@dataclass(frozen=True, slots=True)
class Way:
    """A way to be paid, as she chooses it. `why_not` is empty when it fits her."""

    rail: Rail
    title: str
    text: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """An account as it was named, checked."""

    account: str
    holder: str
    label: str
    bic: str = ""


WORDS = {
    Rail.STRIPE: ("Stripe", "Your bank details stay with Stripe. About five minutes."),
    Rail.SEPA: ("Bank transfer (SEPA)", "To an account with an IBAN, in euros."),
    Rail.PAYPAL: ("PayPal", "To the e-mail address of your PayPal account."),
    Rail.CREDIT: ("Store credit", "To spend in the brand’s shop. No money is sent."),
    Rail.MANUAL: ("Another way", "As you agree with the brand. Somebody sends it by hand."),
}


def pays_to(rail: Rail, account_country: str, home: str) -> bool:
    """Whether a rail pays to an account in this country; where the account tells none, Stripe and
    PayPal go by where she lives. A bank account may lie elsewhere than she lives."""
    if rail is Rail.SEPA:
        return not account_country or account_country in SEPA
    return (account_country or home) not in UNPAID_IN.get(rail, frozenset())


def ways_for(
    offered: Collection[str], country: str, currencies: Sequence[str], *, is_connected: bool
) -> list[Way]:
    """The ways her brands offer, those that fit her country and currencies first."""
    found = []
    for rail, (title, text) in WORDS.items():
        if rail.value not in offered or (rail is Rail.STRIPE and not is_connected):
            continue
        why_not = ""
        if rail is Rail.SEPA and country and country not in SEPA:
            why_not = "Needs a bank account in the SEPA area."
        if country in UNPAID_IN.get(rail, frozenset()):
            why_not = f"{title} does not pay to your country."
        found.append(Way(rail, title, text + _conversion(rail, currencies), why_not))
    return sorted(found, key=lambda way: bool(way.why_not))


def _conversion(rail: Rail, currencies: Sequence[str]) -> str:
    others = sorted(set(currencies) - {"EUR"})
    if rail is not Rail.SEPA or not others:
        return ""
    return f" What you earn in {' and '.join(others)} is converted, at a rate you see."


def checked(rail: Rail, account: str, holder: str, bic: str = "") -> Named:
    """An account that a file can carry. Raises InvalidInput at the field that is wrong."""
    name = " ".join(holder.split())
    if not name:
        raise InvalidInput("holder", "Write the name of the account’s holder.")
    if len(name) > HOLDER_MOST:
        raise InvalidInput("holder", f"Use at most {HOLDER_MOST} characters.")
    if rail is Rail.SEPA:
        number, bank = checked_iban(account), checked_bic(bic)
        if number[:2] not in SEPA:
            raise InvalidInput("iban", "This account lies outside the SEPA area.")
        return Named(number, name, masked_iban(number), bank)
    if rail is Rail.PAYPAL:
        address = account.strip()
        if not EMAIL.fullmatch(address):
            raise InvalidInput("email", "Write the e-mail address of your PayPal account.")
        return Named(address, name, masked_email(address))
    raise InvalidInput("rail", "Choose a way to be paid.")


def is_other_bank(known: str, label: str, told: str, told_label: str) -> bool:
    """Whether money would go to another bank than the one it went to: the prints of both differ.
    The first bank ever told is no change (R91). Of accounts from before there were prints only
    the label is known."""
    if not told:
        return False
    return known != told if known else bool(label and told_label and label != told_label)


def is_overtaken(newest: datetime | None, reported_at: datetime | None) -> bool:
    """Whether a message was written before one that was read already: they come in any order. A
    report without a moment is an answer to a question, and counts."""
    return newest is not None and reported_at is not None and reported_at < newest


def masked_email(address: str) -> str:
    """ "ai••@example.com": enough to recognise, too little to write to."""
    before, _, host = address.partition("@")
    return f"{before[:2]}••@{host}"


def reminder_due(since: datetime, now: datetime, sent: Collection[int]) -> int | None:
    """The newest of the days 0, 7, 21 and 45 that has come and was not reminded of (R90)."""
    age = (now - since).days
    due = [day for day in REMINDER_DAYS if day <= age]
    return due[-1] if due and due[-1] not in sent and max(sent, default=-1) < due[-1] else None
