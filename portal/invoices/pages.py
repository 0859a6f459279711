"""What the pages and documents of invoices show."""

from typing import Any

from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.invoices import queries
from portal.invoices.models import Invoice
from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.ledger import queries as books
from portal.statements.rules import Month
from portal.web.formatting import country, day, money, percent


def of_creator(creator_id: int, request: PageRequest) -> dict[str, Any]:
    """Her invoices, and with which of her brands she agreed to them."""
    brands = [
        identity.brand(one) for one in sorted({b for b, _ in books.currencies_of(creator_id)})
    ]
    writing = [brand for brand in brands if (found := queries.issuer_of(brand.id)) and found.since]
    return {
        "listed": queries.of_creator(creator_id, request), "months": _month,
        "supplier": queries.supplier_of(creator_id), "writing": writing,
        "brands": {brand.id: brand for brand in brands},
        "agreed": queries.agreements_of(creator_id, clock.now().date()),
    }  # fmt: skip


def of_brand(brand_id: int, request: PageRequest) -> dict[str, Any]:
    """A brand's invoices, who agreed, and what is due."""
    listed = queries.of_brand(brand_id, request)
    brand = identity.brand(brand_id)
    return {
        "brand": brand, "listed": listed, "months": _month, "issuer": queries.issuer_of(brand_id),
        "people": creators.creators([one.creator_id for one in listed.rows]),
        "agreed": len(queries.agreed_with(brand_id, clock.today(brand.zone))),
    }  # fmt: skip


def document(found: Invoice) -> dict[str, Any]:
    """What the PDF is made from: words and figures, nothing to compute."""
    brand = identity.brand(found.brand_id)
    return {
        "title": found.title, "id": found.public_id, "currency": found.currency,
        "issued": day(found.issued_at, brand.zone), "month": _month(found.month).words,
        "issuer": _party(found.parties["issuer"]), "supplier": _party(found.parties["supplier"]),
        "net": money(found.net), "vat": money(found.vat), "total": money(found.total),
        "rate": _rate(found), "notes": found.parties["notes"],
        "credits": [
            f"Credits {money(Money(line['net'], found.currency))} of invoice {line['number']}, "
            f"with VAT of {money(Money(line['vat'], found.currency))} at {percent(line['rate_bp'])}"
            for line in found.credits
        ],
    }  # fmt: skip


def file_name(found: Invoice) -> str:
    """What a file of an invoice is called."""
    return f"{found.title.lower().replace(' ', '-')}-{found.month}-{found.public_id}"


def _party(told: dict[str, str]) -> list[str]:
    lines = [told["legal_name"], *told["address"].splitlines(), country(told["country"])]
    return [*lines, *([f"VAT number {told['vat_number']}"] if told["vat_number"] else [])]


def _rate(found: Invoice) -> str:
    """The rate; of a credit note the rates of the invoices it credits."""
    rates = list(dict.fromkeys(line["rate_bp"] for line in found.credits)) or [found.vat_rate_bp]
    return " and ".join(percent(rate_bp) for rate_bp in rates)


def _month(text: str) -> Month:
    return Month.of(text)
