"""Payment files and their lines."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.creators.models import Rail
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


class FileState(StrEnum):
    COLLECTING = "collecting"
    NOT_WRITTEN = "not_written"
    PREPARED = "prepared"
    UPLOADED = "uploaded"
    SETTLED = "settled"
    VOID = "void"


class LineState(StrEnum):
    WAITING = "waiting"
    PAID = "paid"
    UNCLAIMED = "unclaimed"
    FAILED = "failed"
    RETURNED = "returned"
    VOID = "void"


OPEN_FILES = (FileState.COLLECTING, FileState.NOT_WRITTEN, FileState.PREPARED, FileState.UPLOADED)


class PaymentFile(Model):
    """One file of one run and rail. `message_id` is what the bank (or PayPal's sender_batch_id)
    knows it by: made of run and number, so that the same file stays the same file (R88). The body
    names accounts, so it is sealed; `sha256` is of its bytes."""

    __tablename__ = "payment_files"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("message_id"),
        UniqueConstraint("run_id", "rail", "number"),
        Index(None, "brand_id", "id"),
        Index(None, "state"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("pf"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("payout_runs.id"))
    rail: Mapped[Rail] = word_column(Rail)
    number: Mapped[int] = mapped_column()
    message_id: Mapped[str] = mapped_column(String(35))
    currency: Mapped[str] = currency_column()
    state: Mapped[FileState] = word_column(FileState, default=FileState.COLLECTING)
    line_count: Mapped[int] = mapped_column(default=0)
    total_minor: Mapped[int] = minor_column(default=0)
    total: Mapped[Money] = money("total_minor")
    name: Mapped[str] = mapped_column(String(120), default="")
    body: Mapped[str] = sealed_column(default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    prepared_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    downloaded_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    uploaded_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def is_written(self) -> bool:
        """Its bytes exist and may be fetched."""
        return self.state in (FileState.PREPARED, FileState.UPLOADED, FileState.SETTLED)


class PaymentLine(Model):
    """One payout's attempt in a file. `reference` travels with the money (end-to-end id, PayPal's
    unique id); `proof` is what the bank or PayPal calls it, once it is known."""

    __tablename__ = "payment_lines"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("reference"),
        Index(None, "file_id", "id"),
        Index(None, "payout_id"),
        Index(None, "state"),
    )

    file_id: Mapped[int] = mapped_column(ForeignKey("payment_files.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    payout_id: Mapped[int] = mapped_column(ForeignKey("payouts.id"))
    attempt: Mapped[int] = mapped_column()
    key: Mapped[str] = mapped_column(String(160))
    reference: Mapped[str] = mapped_column(String(35))
    account_ref: Mapped[str] = mapped_column(String(120))
    payee: Mapped[str] = mapped_column(String(120))
    amount_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    amount: Mapped[Money] = money("amount_minor")
    state: Mapped[LineState] = word_column(LineState, default=LineState.WAITING)
    returned_minor: Mapped[int] = minor_column(default=0)
    said: Mapped[str] = mapped_column(Text, default="")
    proof: Mapped[str] = mapped_column(String(120), default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
