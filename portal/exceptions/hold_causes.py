"""Holds that nobody has looked at for 30 days (UX 6.10): of commissions and of payees."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from portal.commissions.models import HOLD_REVIEW, Commission, CommissionStatus
from portal.exceptions.models import ExceptionKind
from portal.exceptions.rules import Found
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger.models import LedgerAccount
from portal.payee_holds.models import PayeeHold
from portal.storage.model import db


def of_brand(brand_id: int) -> list[Found]:
    """Holds of a brand past their review; what a person resolved comes back 30 days later."""
    return [*_commissions(brand_id), *_payees(brand_id)]


def _commissions(brand_id: int) -> Iterator[Found]:
    rows = db.session.scalars(
        select(Commission).where(
            Commission.brand_id == brand_id, Commission.status == CommissionStatus.ON_HOLD,
            Commission.held_at <= clock.now() - HOLD_REVIEW,
        )
    )  # fmt: skip
    for row in rows:
        assert row.held_at is not None, "chosen by it"
        yield Found(
            ExceptionKind.HOLD, f"{row.public_id}:{row.holds}:{_times(row.held_at)}", row.net,
            f"Commission on hold: {row.hold_reason}"[:300], row.held_at, row.creator_id,
        )  # fmt: skip


def _payees(brand_id: int) -> Iterator[Found]:
    rows = db.session.scalars(
        select(PayeeHold).where(
            PayeeHold.brand_id == brand_id, PayeeHold.released_at.is_(None),
            PayeeHold.held_at <= clock.now() - HOLD_REVIEW,
        )
    ).all()  # fmt: skip
    owed = _payable(brand_id, [row.creator_id for row in rows])
    nothing = Money.zero(identity.brand(brand_id).currency)
    for row in rows:
        for amount in owed.get(row.creator_id, [nothing]):
            yield Found(
                ExceptionKind.HOLD,
                f"payee:{row.id}:{_times(row.held_at)}:{amount.currency}", amount,
                f"All payouts held: {row.reason}"[:300], row.held_at, row.creator_id,
            )  # fmt: skip


def _payable(brand_id: int, creator_ids: list[int]) -> dict[int, list[Money]]:
    rows = db.session.scalars(
        select(LedgerAccount)
        .where(
            LedgerAccount.brand_id == brand_id, LedgerAccount.creator_id.in_(creator_ids),
            LedgerAccount.state == "payable", LedgerAccount.balance_minor > 0,
        )
        .order_by(LedgerAccount.currency)
    )  # fmt: skip
    found: dict[int, list[Money]] = {}
    for row in rows:
        found.setdefault(row.creator_id or 0, []).append(row.balance)
    return found


def _times(held_at: datetime) -> int:
    return (clock.now() - held_at) // HOLD_REVIEW
