"""Say who stands on invoices, agree, and write them."""

from collections.abc import Sequence
from typing import Any

from portal.audit import commands as audit
from portal.identity import queries as identity
from portal.identity.models import Brand
from portal.invoices import queries, rules
from portal.invoices.models import (
    Invoice,
    InvoiceMonth,
    InvoiceSeries,
    Issuer,
    SelfBilling,
    Supplier,
)
from portal.invoices.rules import Party, Vat
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.statements.rules import Month
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock
from portal.storage.model import db

Details = dict[str, str]  # legal_name, address, country, vat_number


def save_issuer(
    brand_id: int, details: Details, *, vat_rate_bp: int, writes: bool, by: int
) -> Issuer:
    """Put into force how a brand stands on invoices, and whether it writes them from this month on.

    Raises InvalidInput for a wrong VAT number, or a rate without one.
    """
    checked = checked_issuer(details, vat_rate_bp)
    found = queries.issuer_of(brand_id) or Issuer(brand_id=brand_id, since="")
    db.session.add(found)
    _set(found, checked)
    found.vat_rate_bp = vat_rate_bp
    if writes and not found.since:
        found.since = str(Month.at(clock.now(), identity.brand(brand_id).zone))
    elif not writes:
        found.since = ""
    audit.note(by, "invoices.issuer-set", brand_id, brand_id=brand_id, rate_bp=vat_rate_bp,
               writes=writes, country=found.country)  # fmt: skip
    return found


def checked_issuer(details: Details, vat_rate_bp: int) -> Details:
    """A brand's details as they are kept. Raises InvalidInput for what cannot be."""
    if not 0 <= vat_rate_bp <= rules.HIGHEST_RATE_BP:
        raise InvalidInput("vat_rate", "Write a rate between 0 and 30 percent.")
    return _checked(details)


def save_supplier(creator_id: int, details: Details, *, by: int) -> Supplier:
    """Keep how a creator stands on invoices. Raises InvalidInput for a wrong VAT number."""
    checked = _checked(details)
    found = queries.supplier_of(creator_id) or Supplier(creator_id=creator_id)
    db.session.add(found)
    _set(found, checked)
    audit.note(by, "invoices.supplier-set", creator_id, country=found.country,
               registered=bool(found.vat_number))  # fmt: skip
    return found


def agree(creator_id: int, brand_id: int, *, by: int) -> SelfBilling:
    """A creator consents that a brand writes her invoices, for a year (R106); again: for a new one.

    Raises Conflict while her details are missing, or the brand writes no invoices.
    """
    issuer = queries.issuer_of(brand_id)
    if issuer is None or not issuer.since:
        raise Conflict("This brand writes no invoices for its creators.")
    if queries.supplier_of(creator_id) is None:
        raise Conflict("Say first who stands on the invoices.")
    today = clock.today(identity.brand(brand_id).zone)
    _end(creator_id, brand_id)
    made = SelfBilling(
        brand_id=brand_id, creator_id=creator_id, accepted_at=clock.now(),
        last_day=rules.last_day_from(today),
    )  # fmt: skip
    db.session.add(made)
    audit.note(by, "self-billing.agreed", creator_id, brand_id=brand_id, until=str(made.last_day))
    return made


def stop(creator_id: int, brand_id: int, *, by: int) -> None:
    """She writes her own invoices again. Payments go on (R106)."""
    _end(creator_id, brand_id)
    audit.note(by, "self-billing.ended", creator_id, brand_id=brand_id)


def write_next(brand_id: int) -> Month | None:
    """Write the invoices of the month that is due; None: none is. Numbers follow without a gap
    (R108), and VAT becomes payable on top of what was earned (R107)."""
    brand = lock(Brand, brand_id)
    month = queries.next_due(brand_id)
    issuer = queries.issuer_of(brand_id)
    if month is None or issuer is None:
        return None
    nets = queries.to_bill(brand_id, month)
    suppliers = queries.suppliers_of({creator_id for creator_id, _ in nets})
    made = [
        _write(brand, issuer, suppliers[creator_id], month, net)
        for (creator_id, _), net in sorted(nets.items(), key=lambda one: one[0])
    ]
    # All at once: the books lock creators' accounts by name, and not in the order of invoices.
    ledger.post_each([_vat_of(one) for one in made if one.vat])
    db.session.add(InvoiceMonth(brand_id=brand_id, month=str(month), written_at=clock.now()))
    return month


def _write(brand: Brand, issuer: Issuer, supplier: Supplier, month: Month, net: Money) -> Invoice:
    vat, credits_ = _vat(brand.id, issuer, supplier, net)
    made = Invoice(
        brand_id=brand.id, creator_id=supplier.creator_id, month=str(month), currency=net.currency,
        number=_next_number(brand.id, supplier.creator_id), vat_case=vat.case,
        vat_rate_bp=vat.rate_bp, net_minor=net.minor, vat_minor=vat.amount.minor,
        total_minor=(net + vat.amount).minor, issued_at=clock.now(),
        parties=_parties(issuer, supplier, vat), credits=credits_,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.note(None, "invoice.written", made.id, brand_id=brand.id, number=made.number,
               net=str(made.net), vat=str(made.vat))  # fmt: skip
    return made


def _vat(
    brand_id: int, issuer: Issuer, supplier: Supplier, net: Money
) -> tuple[Vat, list[dict[str, Any]]]:
    """The VAT of a month, and what it takes back of which invoice: a credit note carries the rates
    of the invoices it credits, not today's (R108)."""
    now = rules.vat_of(net, _party(issuer), _party(supplier), issuer.vat_rate_bp)
    if net.minor > 0:
        return now, []
    parts = rules.credits_of(net, queries.billed_to(brand_id, supplier.creator_id, net.currency))
    amount = -Money.total((part.vat for part in parts), net.currency)
    first = next((part.billed for part in parts if part.billed is not None), None)
    if first is None:  # nothing was ever billed, so no VAT was ever paid on it
        return Vat(now.case, 0, amount, now.notes), []
    lines = [
        {"invoice": part.billed.invoice_id, "number": part.billed.number, "net": part.net.minor,
         "vat": part.vat.minor, "rate_bp": part.rate_bp}
        for part in parts if part.billed is not None
    ]  # fmt: skip
    return Vat(first.case, first.rate_bp, amount, first.notes), lines


def _vat_of(made: Invoice) -> ledger.Posting:
    path = accounts.input_tax(made.brand_id), accounts.payable(made.brand_id, made.creator_id)
    move = (*(path if made.vat.minor > 0 else path[::-1]), abs(made.vat))
    return ledger.Posting("vat on invoice", f"invoice:{made.id}:vat", [move])


def _next_number(brand_id: int, creator_id: int) -> int:
    insert_once(InvoiceSeries, brand_id=brand_id, creator_id=creator_id, last_number=0)
    row_id = db.session.query(InvoiceSeries.id).filter_by(brand_id=brand_id, creator_id=creator_id)
    series = lock(InvoiceSeries, row_id.scalar())
    series.last_number += 1
    return series.last_number


def _parties(issuer: Issuer, supplier: Supplier, vat: Vat) -> dict[str, Any]:
    names = ("legal_name", "address", "country", "vat_number")
    return {
        "issuer": {name: getattr(issuer, name) for name in names},
        "supplier": {name: getattr(supplier, name) for name in names},
        "notes": list(vat.notes),
    }


def _party(found: Issuer | Supplier) -> Party:
    return Party(found.country, found.vat_number)


def _end(creator_id: int, brand_id: int) -> None:
    open_ones: Sequence[SelfBilling] = (
        db.session.query(SelfBilling)
        .filter_by(creator_id=creator_id, brand_id=brand_id, ended_at=None)
        .all()
    )
    for one in open_ones:
        one.ended_at = clock.now()


def _checked(details: Details) -> Details:
    number = rules.checked_vat_number(details["country"], details["vat_number"])
    return {**details, "vat_number": number}


def _set(found: Issuer | Supplier, details: Details) -> None:
    for name, value in details.items():
        setattr(found, name, value)
    found.changed_at = clock.now()
