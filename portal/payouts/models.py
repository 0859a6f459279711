"""Runs, the payouts in them, who changed a run, and every attempt to send."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.paying.models import FeeBearer
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column

REFERENCE_CHARACTERS = INSTANCE_CHARACTERS = 120


class RunStatus(StrEnum):
    """UX 6.11."""

    DRAFT = "draft"
    CALCULATING = "calculating"
    FAILED = "failed"
    IN_REVIEW = "in_review"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    EXECUTING = "executing"
    PAUSED = "paused"
    COMPLETED = "completed"
    COMPLETED_WITH_FAILURES = "completed_with_failures"
    STOPPED = "stopped"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class PayoutStatus(StrEnum):
    """UX 6.12."""

    READY = "ready"
    BLOCKED = "blocked"
    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    HANDED = "handed_over"
    UNKNOWN = "unknown"
    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"
    ROLLED_OVER = "rolled_over"
    MARKED_OUTSIDE = "marked_outside"
    CANCELLED = "cancelled"


# Groups of states: its rail is still to be called or asked; approved without an end; in the run;
# left out of it; gone; what no second calculation changes; runs over.
TO_SEND = (PayoutStatus.QUEUED, PayoutStatus.SENDING, PayoutStatus.UNKNOWN)
WAITING = (*TO_SEND, PayoutStatus.HANDED)
IN_RUN = (PayoutStatus.READY, *WAITING)
LEFT_OUT = (PayoutStatus.BLOCKED, PayoutStatus.HELD, PayoutStatus.CANCELLED)
GONE = (PayoutStatus.SENT, PayoutStatus.PAID, PayoutStatus.MARKED_OUTSIDE)
DECIDED = (PayoutStatus.ROLLED_OVER, PayoutStatus.MARKED_OUTSIDE)
OVER = (
    RunStatus.COMPLETED,
    RunStatus.COMPLETED_WITH_FAILURES,
    RunStatus.STOPPED,
    RunStatus.CLOSED,
)


class BlockedReason(StrEnum):
    """Why a creator with a balance is not paid in this run (R83, UX 6.12)."""

    NO_ACCOUNT = "no_account"
    ACCOUNT_RESTRICTED = "account_restricted"
    COOLING = "cooling"
    BELOW_MINIMUM = "below_minimum"
    NEGATIVE_BALANCE = "negative_balance"
    CURRENCY = "currency"
    COUNTRY = "country"
    DUPLICATE = "duplicate_payee"
    AGREEMENT = "agreement"
    TAX_FORM = "tax_form"
    TAX_NAME = "tax_name"
    MEMBERSHIP = "membership_ban_review"
    HELD = "payee_held"


class Caution(StrEnum):
    """What an approver should look at; the page says "Warning". Never blocks (UX 2.3)."""

    FIRST_PAYOUT = "first_payout"
    OVER_USUAL = "over_usual"
    ACCOUNT_CHANGED = "account_changed"
    ABOVE_LIMIT = "above_limit"
    SHARED_ACCOUNT = "shared_account"


class AttemptState(StrEnum):
    STARTED = "started"
    SENT = "sent"
    HANDED = "handed_over"
    REFUSED = "refused"
    UNKNOWN = "unknown"


# What partial indexes hold: payouts that went out, and payments that a rail has named.
GONE_ROWS = f"status IN ({', '.join(repr(one.value) for one in GONE)})"
TOLD_REFERENCE = "rail <> 'manual' AND provider_ref IS NOT NULL"
OPEN_RUN = (
    "status IN ('draft', 'calculating', 'failed', 'in_review', 'awaiting_approval', 'approved', "
    "'executing', 'paused')"
)


class PayoutRun(Model):
    """One payment of many creators of a brand in one currency. At most one is open (P5).

    The figures (`payout_count`, `gross_minor`, `adjustments_minor`, `net_minor`) are those of the
    lines that will be paid; `control_hash` binds an approval to exactly those lines (R86).
    `pay_on` is the day, in the brand's zone, on which it is sent; runs older than that word have
    none and are sent at once. `instance` is the installation that last asked the rails what they
    sent for this run: another one (a restored backup, under a new PORTAL_INSTANCE) asks again
    before it sends (P15).
    """

    __tablename__ = "payout_runs"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(
            "uq_payout_runs_open",
            "brand_id",
            "currency",
            unique=True,
            sqlite_where=text(OPEN_RUN),
            postgresql_where=text(OPEN_RUN),
        ),
        Index(None, "brand_id", "id"),
        Index(None, "status"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("run"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    currency: Mapped[str] = currency_column()
    label: Mapped[str] = mapped_column(String(60))
    cutoff_at: Mapped[datetime] = mapped_column(UTCDateTime())
    pay_on: Mapped[date | None] = mapped_column(Date)
    status: Mapped[RunStatus] = word_column(RunStatus, default=RunStatus.DRAFT)
    minimum_minor: Mapped[int] = minor_column(default=0)
    round: Mapped[int] = mapped_column(default=1)

    considered_count: Mapped[int] = mapped_column(default=0)
    payout_count: Mapped[int] = mapped_column(default=0)
    gross_minor: Mapped[int] = minor_column(default=0)
    adjustments_minor: Mapped[int] = minor_column(default=0)
    net_minor: Mapped[int] = minor_column(default=0)
    gross: Mapped[Money] = money("gross_minor")
    adjustments: Mapped[Money] = money("adjustments_minor")
    net: Mapped[Money] = money("net_minor")
    control_hash: Mapped[str] = mapped_column(String(64), default="")
    fees_minor: Mapped[int] = minor_column(default=0, server_default="0")
    fees: Mapped[Money] = money("fees_minor")

    prepared_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    returned_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    first_approved_by: Mapped[int | None] = mapped_column()
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    calculated_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    first_approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    exported_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    note: Mapped[str] = mapped_column(Text, default="")
    return_note: Mapped[str] = mapped_column(Text, default="")
    failure: Mapped[str] = mapped_column(Text, default="")
    instance: Mapped[str] = mapped_column(
        String(INSTANCE_CHARACTERS), default="", server_default=""
    )

    reconciled_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    reconciled_count: Mapped[int] = mapped_column(default=0)
    difference_minor: Mapped[int] = minor_column(default=0)
    difference: Mapped[Money] = money("difference_minor")
    explained_minor: Mapped[int | None] = minor_column()
    explanation: Mapped[str] = mapped_column(Text, default="", server_default="")
    explained_by: Mapped[int | None] = mapped_column()

    @property
    def sent_from(self) -> datetime | None:
        """From when on its payouts may be sent and tried again: the approval, or the pay date after
        it; None without an approval."""
        return self.approved_at and max(self.approved_at, self.started_at or self.approved_at)

    @property
    def is_explained(self) -> bool:
        """Somebody wrote why exactly this difference stands."""
        return self.explained_minor == self.difference_minor

    @property
    def withheld(self) -> Money:
        """What the run keeps back for the tax office (R102)."""
        return self.gross + self.adjustments - self.net

    @property
    def is_editable(self) -> bool:
        """Lines may be held, included and recalculated."""
        return self.status is RunStatus.IN_REVIEW


class PayoutRunEditor(Model):
    """Somebody who prepared, edited or submitted a run: never its approver (R87). Whose only `act`
    was MARKED changed it as a second person, and may do that again."""

    MARKED: ClassVar[str] = "marked a payout as paid"

    __tablename__ = "payout_run_editors"
    __table_args__ = (UniqueConstraint("run_id", "user_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("payout_runs.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    act: Mapped[str] = mapped_column(String(40))
    first_at: Mapped[datetime] = mapped_column(UTCDateTime())


class Payout(Model):
    """One creator in one run. What is owed is the account's balance, never a sum of commissions.

    `pays` is what arrives: it differs from the amount by a fee she bears, a conversion, an uplift.
    `up_to_entry_id` is the newest ledger entry of her payable account that the amount covers.
    `amount` is what the rail sends; with `withheld`, tax kept back for the tax office (R102), it
    is all that leaves what she is owed (`owed`). The account it goes to is a copy taken at
    calculation: a change before sending skips the payout. `attempt` is part of every ledger
    reference and of the provider's key; it rises when the money was given back. `is_reserved`:
    what is owed lies in `committed`. `is_apart`: taken out of the run in review, so no part of what
    is submitted and approved: paid another way, or left to the next run, which the creator reads
    the reason of (`rolled_reason`). `outside_on` is the day on which it was paid another way.
    """

    __tablename__ = "payouts"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("run_id", "creator_id"),
        Index(None, "run_id", "status", "amount_minor"),
        Index(None, "creator_id", "brand_id", "id"),
        Index(None, "brand_id", "currency", "status"),
        Index(
            "ix_payouts_gone",
            "creator_id",
            "brand_id",
            "currency",
            "up_to_entry_id",
            sqlite_where=text(GONE_ROWS),
            postgresql_where=text(GONE_ROWS),
        ),
        Index(
            "uq_payouts_provider_ref",
            "provider_ref",
            unique=True,
            sqlite_where=text(TOLD_REFERENCE),
            postgresql_where=text(TOLD_REFERENCE),
        ),
        CheckConstraint(
            "amount_minor > 0 OR status IN ('blocked', 'held', 'rolled_over', 'cancelled')",
            name="pays_something",
        ),
        {"postgresql_with": {"fillfactor": 60}},  # a run's lines change in place
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("po"))
    run_id: Mapped[int] = mapped_column(ForeignKey("payout_runs.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    creator_name: Mapped[str] = mapped_column(String(120))
    status: Mapped[PayoutStatus] = word_column(PayoutStatus)
    blocked_reason: Mapped[BlockedReason | None] = word_column(BlockedReason)
    held_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    held_reason: Mapped[str] = mapped_column(Text, default="")
    cautions: Mapped[str] = mapped_column(String(120), default=" ")

    currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()
    gross_minor: Mapped[int] = minor_column(default=0)
    adjustments_minor: Mapped[int] = minor_column(default=0)
    previous_minor: Mapped[int | None] = minor_column()
    usual_minor: Mapped[int | None] = minor_column()
    returned_minor: Mapped[int] = minor_column(default=0)
    withheld_minor: Mapped[int] = minor_column(default=0, server_default="0")
    amount: Mapped[Money] = money("amount_minor")
    gross: Mapped[Money] = money("gross_minor")
    adjustments: Mapped[Money] = money("adjustments_minor")
    withheld: Mapped[Money] = money("withheld_minor")
    returned: Mapped[Money] = money("returned_minor")
    commission_count: Mapped[int] = mapped_column(default=0)
    up_to_entry_id: Mapped[int] = mapped_column(default=0)
    is_reserved: Mapped[bool] = mapped_column(default=False)

    rail: Mapped[str] = mapped_column(String(20), default="")
    account_ref: Mapped[str] = mapped_column(String(REFERENCE_CHARACTERS), default="")
    account_label: Mapped[str] = mapped_column(String(60), default="")
    account_changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    fee_minor: Mapped[int] = minor_column(default=0, server_default="0")
    fee_bearer: Mapped[FeeBearer] = word_column(
        FeeBearer, default=FeeBearer.BRAND, server_default="brand"
    )
    pays_minor: Mapped[int | None] = minor_column()
    pays_currency: Mapped[str | None] = mapped_column(String(3))
    rate_millionths: Mapped[int | None] = minor_column()
    rate_on: Mapped[date | None] = mapped_column(Date)

    is_apart: Mapped[bool] = mapped_column(default=False, server_default=false())
    rolled_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    outside_on: Mapped[date | None] = mapped_column(Date)
    outside_note: Mapped[str] = mapped_column(Text, default="", server_default="")

    attempt: Mapped[int] = mapped_column(default=1)
    provider_ref: Mapped[str | None] = mapped_column(String(REFERENCE_CHARACTERS))
    refusal_code: Mapped[str] = mapped_column(String(60), default="")
    refusal: Mapped[str] = mapped_column(Text, default="")
    is_retryable: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def owed(self) -> Money:
        """What leaves the balance: what is sent and what is withheld."""
        return self.amount + self.withheld

    @property
    def pays(self) -> Money:
        """What arrives: the amount less a fee she bears, in the currency of her account (R96)."""
        if self.pays_minor is None or self.pays_currency is None:
            return self.amount
        return Money(self.pays_minor, self.pays_currency)

    @property
    def fee(self) -> Money:
        """What the rail takes, in the currency of the balance (R93)."""
        return Money(self.fee_minor, self.currency)

    @property
    def carried(self) -> Money:
        """The part of the amount that the rail carries: without a fee the creator bears."""
        return self.amount - self.fee if self.fee_bearer is FeeBearer.CREATOR else self.amount

    @property
    def previous(self) -> Money | None:
        """What the creator got in the run before, if she was in it."""
        return None if self.previous_minor is None else Money(self.previous_minor, self.currency)


class PayoutAttempt(Model):
    """One try to send one payout, under one idempotency key for as long as its end is unknown.

    `started_at` and `lease_until` are wall time: provider keys and leases do not time-travel.
    """

    __tablename__ = "payout_attempts"
    __table_args__ = (
        UniqueConstraint("payout_id", "attempt"),
        UniqueConstraint("key"),
    )

    payout_id: Mapped[int] = mapped_column(ForeignKey("payouts.id"))
    attempt: Mapped[int]
    key: Mapped[str] = mapped_column(String(160))
    state: Mapped[AttemptState] = word_column(AttemptState, default=AttemptState.STARTED)
    tries: Mapped[int] = mapped_column(default=0)
    provider_ref: Mapped[str | None] = mapped_column(String(REFERENCE_CHARACTERS))
    error: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime] = mapped_column(UTCDateTime())
    lease_until: Mapped[datetime] = mapped_column(UTCDateTime())
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class RunLeftover(Model):
    """What stood on one side only, or with another amount, when a run was last compared with its
    rails. `ours` is what its payout sent, `theirs` what the provider has; one may be missing.
    A snapshot: each comparison replaces the one before.
    """

    __tablename__ = "run_leftovers"
    __table_args__ = (Index(None, "run_id", "id"), Index(None, "payout_id"))

    run_id: Mapped[int] = mapped_column(ForeignKey("payout_runs.id"))
    payout_id: Mapped[int | None] = mapped_column(ForeignKey("payouts.id"))
    provider_ref: Mapped[str] = mapped_column(String(REFERENCE_CHARACTERS))
    ours_minor: Mapped[int | None] = minor_column()
    ours_currency: Mapped[str | None] = mapped_column(String(3))
    theirs_minor: Mapped[int | None] = minor_column()
    theirs_currency: Mapped[str | None] = mapped_column(String(3))


class RailPace(Model):
    """Until when the time of a rail that permits so many calls a second is taken; wall time."""

    __tablename__ = "rail_paces"
    __table_args__ = (UniqueConstraint("rail"),)

    rail: Mapped[str] = mapped_column(String(20))
    next_at: Mapped[datetime] = mapped_column(UTCDateTime())


def is_gone(status: Any) -> ColumnElement[bool]:
    """Whether a column holds one of GONE, in the words of the partial index: a database does not
    see that bound values are those."""
    return status.in_([literal_column(f"'{one.value}'") for one in GONE])  # type: ignore[no-any-return]
