"""Which creators of a brand are paid to one account (UX 6.12). Accounts are told apart by their
prints; nobody learns a number."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import aliased

from portal.creators.models import DestinationState, PayoutDestination, Rail
from portal.ledger.models import LedgerAccount
from portal.payee_holds.models import SharingPermit
from portal.payee_holds.rules import SHAREABLE
from portal.storage.model import db

GONE = (DestinationState.DISCONNECTED, DestinationState.REJECTED)
Account = tuple[int, Rail, str]  # whose it is, by which rail, its print


def is_shared(brand_id: Any, to: Any) -> ColumnElement[bool]:
    """Whether the account `to` (columns of a destination) is another creator's of the brand too,
    and nobody said that this one may be paid there. Looked up by the account's index."""
    other, account = aliased(PayoutDestination), aliased(LedgerAccount)
    is_of_brand = exists().where(
        account.creator_id == other.creator_id, account.brand_id == brand_id
    )
    twice = exists().where(
        other.account_ref == to.account_ref, other.creator_id != to.creator_id,
        other.state.not_in(GONE), is_of_brand,
    )  # fmt: skip
    permitted = exists().where(
        SharingPermit.brand_id == brand_id, SharingPermit.creator_id == to.creator_id,
        SharingPermit.account_ref == to.account_ref,
    )  # fmt: skip
    return and_(to.account_ref != "", to.rail.not_in(SHAREABLE), twice, ~permitted)


def shared(brand_id: int) -> Any:
    """(creator, rail, account) wherever an account of a brand's creators is shared and not
    permitted, as a set for other statements."""
    to, account = PayoutDestination, aliased(LedgerAccount)
    people = select(account.creator_id).where(account.brand_id == brand_id)
    return select(to.creator_id, to.rail, to.account_ref).where(
        to.creator_id.in_(people), is_shared(brand_id, to)
    )


def brands_where_shared(one: Account, brand_ids: Sequence[int]) -> set[int]:
    """Of these brands, those at which this account of hers is shared and not permitted."""
    creator_id, rail, account_ref = one
    account, to = aliased(LedgerAccount), PayoutDestination
    return set(
        db.session.scalars(
            select(account.brand_id)
            .join(to, to.creator_id == account.creator_id)
            .where(
                account.creator_id == creator_id, account.brand_id.in_(brand_ids),
                to.account_ref == account_ref, to.rail == rail, is_shared(account.brand_id, to),
            )
        )
    )  # fmt: skip


def sharers_with(brand_id: int, creator_id: int, account_ref: str) -> list[int]:
    """The other creators of the brand with this account, by row id; none for "" or an account
    that two may have written alike."""
    to = PayoutDestination
    rows = db.session.scalars(
        select(to.creator_id)
        .where(
            to.account_ref == account_ref, to.account_ref != "", to.creator_id != creator_id,
            to.rail.not_in(SHAREABLE), to.state.not_in(GONE),
            exists().where(
                LedgerAccount.creator_id == to.creator_id, LedgerAccount.brand_id == brand_id
            ),
        )
        .distinct()
        .order_by(to.creator_id)
    )  # fmt: skip
    return list(rows)


def permit_of(brand_id: int, creator_id: int, account_ref: str) -> SharingPermit | None:
    """Who said why that she may be paid to this shared account."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(SharingPermit).where(
            SharingPermit.brand_id == brand_id, SharingPermit.creator_id == creator_id,
            SharingPermit.account_ref == account_ref,
        )
    )  # fmt: skip
