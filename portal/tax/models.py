"""Dated rules, forms (sealed), each payer's decision about a form, and what was paid by year."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import (
    UTCDateTime,
    currency_column,
    minor_column,
    money,
    sealed_column,
    word_column,
)

REASON_CHARACTERS, SOURCE_CHARACTERS = 300, 80


class FormKind(StrEnum):
    W9 = "w9"
    W8BEN = "w8ben"
    W8BENE = "w8bene"
    DAC7 = "dac7"


class Purpose(StrEnum):
    """Whom a form is for: the one who pays (W-9, W-8), or the platform that reports sellers."""

    PAYER = "payer"
    PLATFORM = "platform"


class FormStatus(StrEnum):
    """What is stored of a form; the rest of UX 6.14 follows from decisions and the day."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SUPERSEDED = "superseded"


class FormState(StrEnum):
    """UX 6.14, as one payer sees a creator's form today."""

    NOT_NEEDED = "not_needed"
    NEEDED = "needed"
    DRAFT = "draft"
    CHECKING = "checking"
    ACCEPTED = "accepted"
    EXPIRING = "expiring"
    REJECTED = "rejected"
    EXPIRED = "expired"


class TinKind(StrEnum):
    SSN = "ssn"
    EIN = "ein"
    ITIN = "itin"
    VAT = "vat"
    FOREIGN = "foreign"
    MISSING = "missing"


class Asks(StrEnum):
    """When a payer asks for a form."""

    NEVER = "never"
    THRESHOLD = "threshold"
    ALWAYS = "always"


class OnMissing(StrEnum):
    """What happens to a payout whose form is missing (R102)."""

    HOLD = "hold"
    WITHHOLD = "withhold"


class EntryKind(StrEnum):
    PAYMENT = "payment"
    RETURN = "return"
    BENEFIT = "benefit"


class Reportable(StrEnum):
    """Whether an amount counts toward the year's total (R99, R100)."""

    YES = "yes"
    NO = "no"
    REVIEW = "review"


class ReminderReason(StrEnum):
    ASKED = "asked"
    EXPIRING_60 = "expiring_60"
    EXPIRING_14 = "expiring_14"
    EXPIRED = "expired"


class TaxSettings(Model):
    """What a brand, as the payer, has decided. A brand without a row has the defaults of rules."""

    __tablename__ = "tax_settings"
    __table_args__ = (UniqueConstraint("brand_id"),)

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    asks: Mapped[Asks] = word_column(Asks)
    on_missing: Mapped[OnMissing] = word_column(OnMissing, default=OnMissing.HOLD)
    checks_by_hand: Mapped[bool] = mapped_column(default=False)
    excludes_processors: Mapped[bool] = mapped_column(default=True)
    dac7_operator: Mapped[bool] = mapped_column(default=False)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime())


class TaxRule(Model):
    """Figures of one form from a day on, entered by a person; never edited, the newest of a day
    wins. Without a brand it is the operator's and counts for every payer."""

    __tablename__ = "tax_rules"
    __table_args__ = (
        Index(None, "brand_id", "kind", "from_on"),
        CheckConstraint("threshold_minor >= 0", name="threshold"),
        CheckConstraint("withholding_bp BETWEEN 0 AND 10000", name="withholding"),
    )

    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brands.id"))
    kind: Mapped[FormKind] = word_column(FormKind)
    from_on: Mapped[date] = mapped_column(Date)
    currency: Mapped[str] = currency_column()
    threshold_minor: Mapped[int] = minor_column()
    withholding_bp: Mapped[int]
    threshold: Mapped[Money] = money("threshold_minor")
    note: Mapped[str] = mapped_column(String(REASON_CHARACTERS), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class TaxForm(Model):
    """One form of a creator. What she wrote is sealed; kind, country, the last four characters of
    the number and the day it lapses are not. `doubts` are words of form_rules.Doubt."""

    __tablename__ = "tax_forms"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(None, "creator_id", "status"),
        Index(
            "uq_tax_forms_draft", "creator_id", "purpose", unique=True,
            sqlite_where=text("status = 'draft'"), postgresql_where=text("status = 'draft'"),
        ),
        Index(
            "uq_tax_forms_submitted", "creator_id", "purpose", unique=True,
            sqlite_where=text("status = 'submitted'"),
            postgresql_where=text("status = 'submitted'"),
        ),
        Index(None, "status", "expires_on"),
    )  # fmt: skip

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("txf"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    purpose: Mapped[Purpose] = word_column(Purpose)
    kind: Mapped[FormKind] = word_column(FormKind)
    status: Mapped[FormStatus] = word_column(FormStatus, default=FormStatus.DRAFT)
    country: Mapped[str] = mapped_column(String(2), default="")
    legal_name: Mapped[str] = sealed_column(default="")
    answers: Mapped[str] = sealed_column(default="")
    signed_name: Mapped[str] = sealed_column(default="")
    tin_kind: Mapped[TinKind] = word_column(TinKind, default=TinKind.MISSING)
    tin_last4: Mapped[str] = mapped_column(String(4), default="")
    has_withholding_notice: Mapped[bool] = mapped_column(default=False)
    doubts: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    expires_on: Mapped[date | None] = mapped_column(Date)


class TaxDecision(Model):
    """What one payer decided about a form that was not plain: no brand decides for another."""

    __tablename__ = "tax_decisions"
    __table_args__ = (UniqueConstraint("form_id", "brand_id"), Index(None, "brand_id"))

    form_id: Mapped[int] = mapped_column(ForeignKey("tax_forms.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    is_accepted: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(REASON_CHARACTERS), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime())


class TaxEntry(Model):
    """Something a creator received from a payer, in the year of the payment (R97).

    `amount_minor` is what she earned of it, tax withheld included; a payment that came back is a
    row of its own with the signs turned, in the year of that payment. `source` names it once:
    recording it again changes nothing.
    """

    __tablename__ = "tax_entries"
    __table_args__ = (
        UniqueConstraint("source"),
        Index(None, "brand_id", "year", "creator_id"),
        Index(None, "creator_id", "year"),
    )

    source: Mapped[str] = mapped_column(String(SOURCE_CHARACTERS))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    kind: Mapped[EntryKind] = word_column(EntryKind)
    reportable: Mapped[Reportable] = word_column(Reportable)
    year: Mapped[int]
    paid_on: Mapped[date] = mapped_column(Date)
    currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()
    withheld_minor: Mapped[int] = minor_column(default=0)
    amount: Mapped[Money] = money("amount_minor")
    withheld: Mapped[Money] = money("withheld_minor")
    rail: Mapped[str] = mapped_column(String(20), default="")
    note: Mapped[str] = mapped_column(String(REASON_CHARACTERS), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class TaxReminder(Model):
    """A creator was told about a form: once per form and reason, or asked for one by a brand."""

    __tablename__ = "tax_reminders"
    __table_args__ = (
        UniqueConstraint("form_id", "reason"),
        Index(None, "brand_id", "creator_id", "id"),
    )

    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brands.id"))
    form_id: Mapped[int | None] = mapped_column(ForeignKey("tax_forms.id"))
    reason: Mapped[ReminderReason] = word_column(ReminderReason)
    at: Mapped[datetime] = mapped_column(UTCDateTime())


class TaxExport(Model):
    """One year-end file that left the portal, and for whom it stood in it."""

    __tablename__ = "tax_exports"
    __table_args__ = (UniqueConstraint("public_id"), Index(None, "brand_id", "year", "id"))

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("txe"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    is_full: Mapped[bool] = mapped_column(default=False)
    row_count: Mapped[int] = mapped_column(default=0)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime())


class TaxExportLine(Model):
    """What a file said of one creator: the next file marks as corrected what differs (R104)."""

    __tablename__ = "tax_export_lines"
    __table_args__ = (UniqueConstraint("export_id", "creator_id", "currency"),)

    export_id: Mapped[int] = mapped_column(ForeignKey("tax_exports.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    form_id: Mapped[int | None] = mapped_column(ForeignKey("tax_forms.id"))
    currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()
    withheld_minor: Mapped[int] = minor_column()
