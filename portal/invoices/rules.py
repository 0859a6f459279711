"""Whose VAT, at which rate, with which words. Pure.

Legal rules are configuration: the rate is entered by finance, and the operator confirms with
counsel that self-billing is right for the brand (RULES, law*).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from stdnum import exceptions
from stdnum.eu import vat as eu_vat
from stdnum.gb import vat as gb_vat

from portal.invoices.models import VatCase
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.tax.rules import EU

LONGEST_TERM = timedelta(days=365)
HIGHEST_RATE_BP = 3000
SELF_BILLING = "Self-billing"
REVERSE_CHARGE = "Reverse charge"
OF_HMRC = "The VAT shown is your output tax due to HMRC"
NOT_REGISTERED = "The supplier is not registered for VAT"
NO_VAT_HERE = "Outside the scope of VAT of the issuer’s country"


@dataclass(frozen=True, slots=True)
class Party:
    """One side of an invoice. `vat_number` "": not registered."""

    country: str
    vat_number: str

    @property
    def is_registered(self) -> bool:
        return bool(self.vat_number)


@dataclass(frozen=True, slots=True)
class Vat:
    """The VAT of one invoice and what must be written beside it."""

    case: VatCase
    rate_bp: int
    amount: Money
    notes: tuple[str, ...]


def vat_of(net: Money, issuer: Party, supplier: Party, domestic_rate_bp: int) -> Vat:
    """VAT on what a creator earned, on top of it; negative on a credit note.

    Domestic and both registered: the country's rate (€100 + 20 % = €120 payable). Both registered
    in two EU countries: none, reverse charge. Creator not registered: none. Anything else lies
    outside the issuer's VAT (R106, R107).
    """
    zero = Money.zero(net.currency)
    if not supplier.is_registered:
        return Vat(VatCase.UNREGISTERED, 0, zero, (SELF_BILLING, NOT_REGISTERED))
    if issuer.is_registered and issuer.country == supplier.country:
        notes = (SELF_BILLING, OF_HMRC) if issuer.country == "GB" else (SELF_BILLING,)
        return Vat(VatCase.DOMESTIC, domestic_rate_bp, net.portion(domestic_rate_bp), notes)
    if issuer.is_registered and {issuer.country, supplier.country} <= EU:
        return Vat(VatCase.REVERSE_CHARGE, 0, zero, (SELF_BILLING, REVERSE_CHARGE))
    return Vat(VatCase.OUTSIDE, 0, zero, (SELF_BILLING, NO_VAT_HERE))


@dataclass(frozen=True, slots=True)
class Billed:
    """An earlier invoice: what stood on it, and what of it no credit note has taken back yet."""

    invoice_id: int
    number: int
    net: Money
    vat: Money
    open_net: Money
    open_vat: Money
    rate_bp: int
    case: VatCase
    notes: tuple[str, ...] = ()

    def less(self, net: Money, vat: Money) -> "Billed":
        """After so much of it was credited."""
        return replace(self, open_net=self.open_net - net, open_vat=self.open_vat - vat)


@dataclass(frozen=True, slots=True)
class Credit:
    """What a credit note takes back of one earlier invoice, as positive amounts; of none where
    what is taken back was earned before invoices were written."""

    net: Money
    vat: Money
    rate_bp: int = 0
    billed: Billed | None = None


def credits_of(net: Money, earlier: Sequence[Billed]) -> list[Credit]:
    """What a negative total credits: the newest invoices first, each at the VAT that stood on it,
    whatever the rate is now (R108). By cumulative target, so that an invoice credited whole ends
    at 0.00 VAT: 100.00 at 20 % in three parts of 33.33, 33.33 and 33.34 gives back 6.67, 6.66 and
    6.67."""
    assert net.minor < 0, "only a negative total credits"
    left, made = -net, []
    for one in earlier:
        part = min(left, one.open_net)
        if part.minor <= 0:
            continue
        remains = one.open_net - part
        vat = one.open_vat - one.vat.scaled(remains.minor, one.net.minor)
        made.append(Credit(part, vat, one.rate_bp, one))
        left -= part
    if left.minor:
        made.append(Credit(left, Money.zero(net.currency)))
    return made


def last_day_from(accepted: date) -> date:
    """The last day of a self-billing agreement accepted that day: twelve months at most (R106)."""
    return accepted + LONGEST_TERM - timedelta(days=1)


def checked_vat_number(country: str, typed: str) -> str:
    """A VAT number in its standard form, "" for none. Raises InvalidInput("vat_number").

    Numbers of the EU and the UK are checked by their own rules; others are kept as they are.
    """
    bare = "".join(sign for sign in typed.upper() if sign.isalnum())
    if not bare:
        return ""
    prefix = "EL" if country == "GR" else country
    own = bare.removeprefix(prefix)
    try:
        if country == "GB":
            return f"GB{gb_vat.validate(own)}"
        if country in EU:
            return f"{prefix}{eu_vat.validate(prefix + own)[2:]}"
    except exceptions.ValidationError as odd:
        raise InvalidInput(
            "vat_number", f"{typed.strip()} is not a VAT number of this country. Check the digits."
        ) from odd
    return bare
