"""The list of payees: one page at a time, by name, with how each account and tax form stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.orm import aliased

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.creators.models import Creator, PayoutDestination
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.kernel.pages import Page, PageRequest, cursor_of
from portal.ledger.models import LedgerAccount
from portal.payee_holds.queries import held_by_brand
from portal.payee_holds.sharing_queries import is_shared
from portal.payees.rules import CHANGED_WITHIN, UNSET, USABLE, Readiness, View
from portal.payouts.candidate_queries import unaccepted
from portal.payouts.models import Payout, is_gone
from portal.storage.model import db
from portal.tax.list_queries import Standings
from portal.tax.models import FormState, TaxForm

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Payee:
    """One creator: where her money would go, how her form stands, when she was last paid."""

    creator: Creator
    destination: PayoutDestination | None
    readiness: Readiness
    form: TaxForm | None
    form_state: FormState
    counted: Money
    is_barred: bool
    is_held: bool
    must_accept: bool
    is_shared: bool
    last_paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tallies:
    """How many payees each view has, and from which countries they come."""

    views: dict[View, int]
    countries: list[str]


class Payees:
    """A brand's payees, narrowed by a text in name or handle, and by country."""

    def __init__(self, standings: Standings, text: str = "", country: str = "") -> None:
        self.standings, self.text, self.country = standings, text, country
        self.brand_id, self.now = standings.brand_id, clock.now()
        place = func.row_number().over(
            partition_by=PayoutDestination.creator_id,
            order_by=(PayoutDestination.changed_at.desc(), PayoutDestination.id.desc()),
        )
        people = Standings.people(self.brand_id)
        ranked = (
            select(PayoutDestination, place.label("place"))
            .where(PayoutDestination.creator_id.in_(people))
            .subquery()
        )
        self.to, self.is_newest = aliased(PayoutDestination, ranked), ranked.c.place == 1
        unset = or_(
            self.to.id.is_(None), self.to.account_ref == "", self.to.state.in_(UNSET)
        )  # fmt: skip
        self.readiness: Any = case(
            (unset, Readiness.MISSING.value),
            (self.to.state.not_in(USABLE), Readiness.NEEDS.value),
            (func.coalesce(self.to.cooling_until > self.now, false()), Readiness.COOLING.value),
            else_=Readiness.VERIFIED.value,
        )
        self.is_held = Creator.id.in_(held_by_brand(self.brand_id))
        self.is_negative = Creator.id.in_(
            select(LedgerAccount.creator_id).where(
                LedgerAccount.brand_id == self.brand_id, LedgerAccount.state == "payable",
                LedgerAccount.balance_minor < 0,
            )
        )  # fmt: skip

    def page(self, view: View, request: PageRequest) -> Page[Payee]:
        """One page of a view, by name; the total is told by `tallies`."""
        query, position = self._query(view), request.position()
        if position is not None:
            name, row_id = _name_and_id(position)
            after = and_(Creator.name == name, Creator.id > row_id)
            query = query.where(or_(Creator.name > name, after))
        rows = db.session.execute(
            query.order_by(Creator.name, Creator.id).limit(request.size + 1)
        ).all()
        shown = rows[: request.size]
        cursor = None
        if len(rows) > request.size:
            cursor = cursor_of(shown[-1][0].name, shown[-1][0].id)
        return Page([self._payee(row) for row in shown], cursor, len(shown), position is None)

    def one(self, creator_id: int) -> Payee:
        """One payee of the brand, by the row id of her profile."""
        query = self._query(View.ALL).where(Creator.id == creator_id)
        return self._payee(db.session.execute(query).one())

    def every(self, view: View, most: int) -> Iterator[list[Payee]]:
        """A view in pieces, at most so many payees: for a file."""
        cursor, left = None, most
        while left > 0:
            page = self.page(view, PageRequest(cursor, min(ROWS_AT_ONCE, left)))
            yield list(page.rows)
            left, cursor = left - len(page.rows), page.next_cursor
            if cursor is None:
                return

    def tallies(self) -> Tallies:
        """One query: payees by view, in the chosen country; and every country there is."""
        rows = self._query(View.ALL, everywhere=True).subquery()
        counts = {
            view: func.count(case((rows.c[f"is_{view.value}"], 1)))
            for view in View
            if view is not View.ALL
        }
        found = db.session.execute(
            select(rows.c.country, func.count(), *counts.values())
            .group_by(rows.c.country)
            .order_by(rows.c.country)
        ).all()
        mine = [row for row in found if not self.country or row[0] == self.country]
        sums = {View.ALL: sum(row[1] for row in mine)}
        sums |= {view: sum(row[2 + n] for row in mine) for n, view in enumerate(counts)}
        return Tallies(sums, [row[0] for row in found if row[0]])

    def _query(self, view: View, *, everywhere: bool = False) -> Any:
        last_paid = (
            select(func.max(Payout.sent_at))
            .where(
                Payout.creator_id == Creator.id, Payout.brand_id == self.brand_id,
                is_gone(Payout.status),
            )
            .correlate(Creator)
            .scalar_subquery()
        )  # fmt: skip
        barred = select(Ambassador.creator_id).where(
            Ambassador.brand_id == self.brand_id, Ambassador.status == MembershipStatus.BANNED
        )
        query: Any = self.standings.query(None, "")
        query = query.outerjoin(self.to, and_(self.to.creator_id == Creator.id, self.is_newest))
        if self.text:
            like = Creator.name.icontains(self.text, autoescape=True)
            handle = self.text.removeprefix("@").casefold()
            query = query.where(or_(like, Creator.folded_handle.contains(handle, autoescape=True)))
        if everywhere:
            flags = [self._in(one).label(f"is_{one.value}") for one in View if one is not View.ALL]
            return query.with_only_columns(Creator.country, *flags, maintain_column_froms=True)
        if self.country:
            query = query.where(Creator.country == self.country)
        if view is not View.ALL:
            query = query.where(self._in(view))
        return query.add_columns(
            self.to, self.readiness.label("readiness"),
            Creator.id.in_(barred).label("is_barred"), self.is_held.label("is_held"),
            Creator.id.in_(unaccepted().where(Ambassador.brand_id == self.brand_id)),
            is_shared(self.brand_id, self.to), last_paid.label("last_paid"),
        )  # fmt: skip

    def _in(self, view: View) -> ColumnElement[bool]:
        if view is View.CHANGED:
            changed = self.to.changed_at >= self.now - CHANGED_WITHIN
            return func.coalesce(changed, false())  # type: ignore[no-any-return]
        if view is View.HELD:
            return self.is_held
        if view is View.NEGATIVE:
            return self.is_negative  # type: ignore[no-any-return]
        return self.readiness == view.value  # type: ignore[no-any-return]

    def _payee(self, row: Any) -> Payee:
        creator, form, state, counted, to, readiness, is_barred, is_held, *more = row
        must_accept, shares, last_paid = more
        return Payee(
            creator, to, Readiness(readiness), form, FormState(state),
            Money(int(counted), self.standings.currency), bool(is_barred), bool(is_held),
            bool(must_accept),
            bool(shares),
            last_paid,
        )  # fmt: skip


def _name_and_id(position: list[str | int]) -> tuple[str, int]:
    if len(position) == 2 and isinstance(position[0], str) and type(position[1]) is int:
        return position[0], position[1]
    raise InvalidInput("cursor", "This page link is not complete. Start at the first page.")
