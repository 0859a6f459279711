"""The two sides of an invoice, the agreement between them, and the invoices."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column

NAME_CHARACTERS, ADDRESS_CHARACTERS, VAT_CHARACTERS = 120, 300, 20


class VatCase(StrEnum):
    """Which rule decided the VAT of an invoice (R106, R107)."""

    DOMESTIC = "domestic"
    REVERSE_CHARGE = "reverse_charge"
    UNREGISTERED = "unregistered"
    OUTSIDE = "outside"


class Issuer(Model):
    """A brand as it stands on invoices. `since` is the first month it writes invoices for, ""
    while it writes none; `vat_rate_bp` its country's standard rate, entered by finance (law*)."""

    __tablename__ = "invoice_issuers"
    __table_args__ = (UniqueConstraint("brand_id"),)

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    legal_name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    address: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(String(2))
    vat_number: Mapped[str] = mapped_column(String(VAT_CHARACTERS))
    vat_rate_bp: Mapped[int]
    since: Mapped[str] = mapped_column(String(7))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime())


class Supplier(Model):
    """A creator as she stands on invoices. No VAT number: she is not registered."""

    __tablename__ = "invoice_suppliers"
    __table_args__ = (UniqueConstraint("creator_id"),)

    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    legal_name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    address: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(String(2))
    vat_number: Mapped[str] = mapped_column(String(VAT_CHARACTERS))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime())


class SelfBilling(Model):
    """A creator's consent that a brand writes her invoices, for twelve months at most (R106)."""

    __tablename__ = "self_billing_agreements"
    __table_args__ = (
        Index("ix_self_billing_agreements_pair", "brand_id", "creator_id"),
        Index(None, "creator_id"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    accepted_at: Mapped[datetime] = mapped_column(UTCDateTime())
    last_day: Mapped[date] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class InvoiceSeries(Model):
    """The last number given out in one supplier's series with one brand (R108)."""

    __tablename__ = "invoice_series"
    __table_args__ = (UniqueConstraint("brand_id", "creator_id"),)

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    last_number: Mapped[int] = mapped_column(default=0)


class InvoiceMonth(Model):
    """A month whose invoices are written."""

    __tablename__ = "invoice_months"
    __table_args__ = (UniqueConstraint("brand_id", "month"),)

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    month: Mapped[str] = mapped_column(String(7))
    written_at: Mapped[datetime] = mapped_column(UTCDateTime())


class Invoice(Model):
    """One invoice, or with a negative total a credit note; never changed. `parties` is what stood
    on it: names, addresses, VAT numbers, notes. `credits` of a credit note say what it takes back
    of which invoice at the rate that stood there, in minor units: {invoice, number, net, vat,
    rate_bp}; its own rate is that of the first (R108)."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("brand_id", "creator_id", "number"),
        UniqueConstraint("brand_id", "creator_id", "month", "currency"),
        Index(None, "brand_id", "id"),
        Index(None, "creator_id", "id"),
        CheckConstraint("net_minor + vat_minor = total_minor", name="adds_up"),
        CheckConstraint("net_minor <> 0", name="is_about_something"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("inv"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    number: Mapped[int]
    month: Mapped[str] = mapped_column(String(7))
    vat_case: Mapped[VatCase] = word_column(VatCase)
    vat_rate_bp: Mapped[int]
    currency: Mapped[str] = currency_column()
    net_minor: Mapped[int] = minor_column()
    vat_minor: Mapped[int] = minor_column()
    total_minor: Mapped[int] = minor_column()
    net: Mapped[Money] = money("net_minor")
    vat: Mapped[Money] = money("vat_minor")
    total: Mapped[Money] = money("total_minor")
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime())
    parties: Mapped[dict[str, Any]] = mapped_column(JSON)
    credits: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")

    @property
    def is_credit_note(self) -> bool:
        return self.net_minor < 0

    @property
    def title(self) -> str:
        """ "Invoice 7" or "Credit note 8"."""
        return f"{'Credit note' if self.is_credit_note else 'Invoice'} {self.number}"
