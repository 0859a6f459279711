"""Finance's lists: whose form stands how, and who received how much in a year. Keyset pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from portal.creators.models import Creator
from portal.kernel import clock
from portal.kernel.errors import InvalidInput, NotFound
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.ledger.models import LedgerAccount
from portal.storage.model import db
from portal.tax import form_rules, queries, rules
from portal.tax.models import (
    Asks,
    FormKind,
    FormState,
    FormStatus,
    Purpose,
    Reportable,
    TaxDecision,
    TaxEntry,
    TaxForm,
)
from portal.tax.rules import Figures, Policy, YearTotal

NEAR_PERCENT = 80


@dataclass(frozen=True, slots=True)
class FormRow:
    """One creator: the form that counts, its state with this brand, what counted this year."""

    creator: Creator
    form: TaxForm | None
    state: FormState
    counted: Money


def forms(
    brand_id: int,
    page: PageRequest,
    *,
    state: FormState | None = None,
    text: str = "",
    standings: Standings | None = None,
) -> Page[FormRow]:
    """Everybody whom the brand ever owed or gave something, by name; one state, or all."""
    found = standings or Standings(brand_id)
    query = found.query(state, text)
    total = db.session.scalar(
        select(func.count()).select_from(query.limit(COUNT_CAP + 1).subquery())
    )
    position = page.position()
    if position is not None:
        if len(position) != 2 or not isinstance(position[0], str) or type(position[1]) is not int:
            raise InvalidInput("cursor", "This page link is not complete. Start at the first page.")
        name, row_id = position
        query = query.where(
            or_(Creator.name > name, and_(Creator.name == name, Creator.id > row_id))
        )
    rows = db.session.execute(query.order_by(Creator.name, Creator.id).limit(page.size + 1)).all()
    shown, last = rows[: page.size], rows[page.size - 1] if len(rows) > page.size else None
    return Page(
        [FormRow(row[0], row[1], FormState(row.state), Money(int(row.counted), found.currency))
         for row in shown],
        cursor_of(last[0].name, last[0].id) if last else None, int(total or 0),
        is_first=position is None,
    )  # fmt: skip


def state_counts(brand_id: int, standings: Standings | None = None) -> dict[FormState, int]:
    """How many creators of a brand have a form in each state."""
    rows = (standings or Standings(brand_id)).query(None, "").subquery()
    counted = db.session.execute(select(rows.c.state, func.count()).group_by(rows.c.state))
    return {FormState(state): count for state, count in counted}


def creators_in(brand_id: int, states: Sequence[FormState], most: int) -> list[int]:
    """Row ids of the creators whose form is in one of these states."""
    query = Standings(brand_id).query(None, "")
    rows = query.subquery()
    found = db.session.scalars(
        select(rows.c.id).where(rows.c.state.in_([one.value for one in states])).limit(most)
    )
    return list(found)


def creator_of_brand(brand_id: int, public_id: str) -> Creator:
    """A creator whom this brand ever owed or gave something. Raises NotFound for any other."""
    found = db.session.scalar(
        select(Creator).where(
            Creator.public_id == public_id, Creator.id.in_(Standings.people(brand_id))
        )
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


class Standings:
    """The states of `form_rules.state_of` as SQL: a test holds the two together."""

    def __init__(
        self,
        brand_id: int,
        policy: Policy | None = None,
        entered: Sequence[Figures] | None = None,
    ) -> None:
        self.brand_id, self.today = brand_id, clock.today("UTC")
        self.policy = policy or queries.policy_of(brand_id)
        entered = queries.entered_figures(brand_id) if entered is None else entered
        self.at_home = rules.figures_on(FormKind.W9, self.today, entered)
        self.abroad = rules.figures_on(FormKind.W8BEN, self.today, entered)
        self.currency = self.at_home.threshold.currency

    def query(self, state: FormState | None, text: str) -> Select[Any]:
        draft, payable, counted = aliased(TaxForm), self._payable(), self._counted()
        got = func.coalesce(counted.c.minor, 0)
        word = self._state(draft, got + func.coalesce(payable.c.minor, 0))
        query = (
            select(Creator, TaxForm, word.label("state"), got.label("counted"))
            .outerjoin(TaxForm, self._is(TaxForm, FormStatus.SUBMITTED))
            .outerjoin(draft, self._is(draft, FormStatus.DRAFT))
            .outerjoin(
                TaxDecision,
                and_(TaxDecision.form_id == TaxForm.id, TaxDecision.brand_id == self.brand_id),
            )
            .outerjoin(payable, payable.c.creator_id == Creator.id)
            .outerjoin(counted, counted.c.creator_id == Creator.id)
            .where(Creator.id.in_(self.people(self.brand_id)))
        )
        if state is not None:
            query = query.where(word == state.value)
        if text:
            query = query.where(Creator.name.icontains(text, autoescape=True))
        return query

    def _state(self, draft: Any, next_total: Any) -> ColumnElement[str]:
        lapses, doubtful = TaxForm.expires_on, TaxForm.doubts != ""
        unseen = TaxDecision.id.is_(None)
        looks = unseen if self.policy.checks_by_hand else and_(unseen, doubtful)
        soon = self.today + timedelta(days=form_rules.REMIND_DAYS[0])
        return case(
            (and_(TaxForm.id.is_(None), draft.id.is_not(None)), FormState.DRAFT.value),
            (and_(TaxForm.id.is_(None), self._asked(next_total)), FormState.NEEDED.value),
            (TaxForm.id.is_(None), FormState.NOT_NEEDED.value),
            (TaxDecision.is_accepted.is_(False), FormState.REJECTED.value),
            (lapses < self.today, FormState.EXPIRED.value),
            (looks, FormState.CHECKING.value),
            (lapses <= soon, FormState.EXPIRING.value),
            else_=FormState.ACCEPTED.value,
        )

    def _asked(self, next_total: Any) -> ColumnElement[bool]:
        if self.policy.asks is Asks.NEVER:
            return literal(False)
        if self.policy.asks is Asks.ALWAYS:
            return literal(True)
        is_home = Creator.country.in_(("", rules.DOMESTIC))
        needed = case((is_home, self.at_home.threshold.minor), else_=self.abroad.threshold.minor)
        return next_total >= needed  # type: ignore[no-any-return]

    def _is(self, form: Any, status: FormStatus) -> ColumnElement[bool]:
        return and_(
            form.creator_id == Creator.id, form.status == status, form.purpose == Purpose.PAYER
        )

    @staticmethod
    def people(brand_id: int) -> Any:
        owed = select(LedgerAccount.creator_id).where(LedgerAccount.brand_id == brand_id)
        given = select(TaxEntry.creator_id).where(TaxEntry.brand_id == brand_id)
        return union(owed.where(LedgerAccount.creator_id.is_not(None)), given)

    def _payable(self) -> Any:
        return (
            select(LedgerAccount.creator_id, func.sum(LedgerAccount.balance_minor).label("minor"))
            .where(
                LedgerAccount.brand_id == self.brand_id, LedgerAccount.state == "payable",
                LedgerAccount.currency == self.currency, LedgerAccount.balance_minor > 0,
            )
            .group_by(LedgerAccount.creator_id)
            .subquery()
        )  # fmt: skip

    def _counted(self) -> Any:
        return (
            select(TaxEntry.creator_id, func.sum(TaxEntry.amount_minor).label("minor"))
            .where(
                TaxEntry.brand_id == self.brand_id, TaxEntry.year == self.today.year,
                TaxEntry.currency == self.currency, TaxEntry.reportable == Reportable.YES,
            )
            .group_by(TaxEntry.creator_id)
            .subquery()
        )  # fmt: skip


# ---- a year
@dataclass(frozen=True, slots=True)
class YearRow:
    """One creator's year with a brand, in one currency."""

    creator: Creator
    total: YearTotal
    state: FormState
    is_candidate: bool


@dataclass(frozen=True, slots=True)
class YearSums:
    """A brand's year in one currency."""

    currency: str
    paid: Money
    withheld: Money
    benefits: Money
    excluded: Money
    creators: int
    candidates: int
    to_review: int


def year_page(
    brand_id: int, year: int, page: PageRequest, view: str, figures: Figures, policy: Policy
) -> tuple[Page[YearRow], list[YearSums]]:
    """Who received how much, the largest first, and the sums by currency; held against these
    figures."""
    sums = queries.sums_in(brand_id, year).subquery()
    query: Select[Any] = select(sums).where(_in_view(sums, figures.threshold, view))
    total = db.session.scalar(
        select(func.count()).select_from(query.limit(COUNT_CAP + 1).subquery())
    )
    position = page.position()
    if position is not None:
        if len(position) != 2 or any(type(one) is not int for one in position):
            raise InvalidInput("cursor", "This page link is not complete. Start at the first page.")
        query = query.where(
            or_(sums.c.counted < position[0],
                and_(sums.c.counted == position[0], sums.c.key > position[1]))
        )  # fmt: skip
    rows = db.session.execute(
        query.order_by(sums.c.counted.desc(), sums.c.key).limit(page.size + 1)
    )
    found = rows.all()
    shown, last = found[: page.size], found[page.size - 1] if len(found) > page.size else None
    cursor = cursor_of(int(last.counted), int(last.key)) if last else None
    return (
        Page(
            _year_rows(brand_id, shown, figures, policy), cursor, int(total or 0), position is None
        ),
        _year_sums(brand_id, year, figures.threshold),
    )


def threshold_of(brand_id: int, year: int) -> Figures:
    """The figures that a year's totals are held against."""
    entered = queries.entered_figures(brand_id)
    return rules.figures_on(FormKind.W9, date(year, 12, 31), entered)


def _in_view(sums: Any, threshold: Money, view: str) -> ColumnElement[bool]:
    if view == "candidates":
        return _is_candidate(sums, threshold)
    if view == "near":
        least = threshold.minor * NEAR_PERCENT // 100
        same = sums.c.currency == threshold.currency
        return and_(same, sums.c.counted >= least, sums.c.counted < threshold.minor)
    return sums.c.to_review > 0 if view == "review" else literal(True)


def _is_candidate(sums: Any, threshold: Money) -> ColumnElement[bool]:
    """`rules.is_candidate` as SQL."""
    reached = and_(sums.c.counted >= threshold.minor, sums.c.counted != 0)
    abroad = exists().where(
        TaxForm.creator_id == sums.c.creator_id, TaxForm.purpose == Purpose.PAYER,
        TaxForm.status == FormStatus.SUBMITTED, TaxForm.kind.in_(rules.ABROAD),
    )  # fmt: skip
    return and_(
        sums.c.currency == threshold.currency, or_(sums.c.withheld != 0, and_(reached, ~abroad))
    )


def _year_rows(
    brand_id: int, rows: Sequence[Any], figures: Figures, policy: Policy
) -> list[YearRow]:
    ids = [row.creator_id for row in rows]
    people = {one.id: one for one in db.session.scalars(select(Creator).where(Creator.id.in_(ids)))}
    forms_ = queries.current_forms(ids)
    states = queries.states_of(brand_id, list(forms_.values()), clock.today("UTC"), policy)
    made = []
    for row in rows:
        form = forms_.get((row.creator_id, Purpose.PAYER))
        total = queries.total_of(row)
        is_candidate = rules.is_candidate(total, figures, form.kind if form else None)
        missing = FormState.NEEDED if is_candidate else FormState.NOT_NEEDED
        made.append(YearRow(
            people[row.creator_id], total, states[form.id] if form else missing, is_candidate
        ))  # fmt: skip
    return made


def _year_sums(brand_id: int, year: int, threshold: Money) -> list[YearSums]:
    sums = queries.sums_in(brand_id, year).subquery()
    candidate = _is_candidate(sums, threshold)
    rows = db.session.execute(
        select(
            sums.c.currency, func.sum(sums.c.paid), func.sum(sums.c.withheld),
            func.sum(sums.c.benefits), func.sum(sums.c.excluded), func.count(),
            func.count(case((candidate, 1))), func.sum(sums.c.to_review),
        )
        .group_by(sums.c.currency)
        .order_by(func.count().desc())
    )  # fmt: skip
    return [
        YearSums(
            currency,
            Money(int(paid), currency),
            Money(int(withheld), currency),
            Money(int(benefits), currency),
            Money(int(excluded), currency),
            people,
            candidates,
            int(to_review),
        )
        for currency, paid, withheld, benefits, excluded, people, candidates, to_review in rows
    ]
