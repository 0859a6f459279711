"""The gate for many creators at once, what a payer has decided, forms, and a year's totals."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from portal.creators.models import Creator
from portal.destinations import queries as destinations
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.storage.model import db
from portal.tax import form_rules, rules
from portal.tax.models import (
    EntryKind,
    FormKind,
    FormState,
    FormStatus,
    Purpose,
    ReminderReason,
    Reportable,
    TaxDecision,
    TaxEntry,
    TaxForm,
    TaxReminder,
    TaxRule,
    TaxSettings,
)
from portal.tax.rules import Figures, Payee, Policy, Source, Standing, Verdict, YearTotal

IDS_AT_ONCE = 500
Row = TypeVar("Row")


# ---- what a payer has decided
def policy_of(brand_id: int) -> Policy:
    """What this brand decided, or the defaults for a payer of its country."""
    found = db.session.scalar(select(TaxSettings).where(TaxSettings.brand_id == brand_id))
    if found is None:
        return rules.default_policy(identity.brand(brand_id).country)
    return Policy(
        found.asks, found.on_missing, found.checks_by_hand, found.excludes_processors,
        found.dac7_operator, is_default=False,
    )  # fmt: skip


def entered_figures(brand_id: int | None) -> list[Figures]:
    """The dated figures that count for a brand beside the shipped ones: its own and the
    operator's; for None the operator's alone. Oldest first."""
    mine: ColumnElement[bool] = TaxRule.brand_id.is_(None)
    if brand_id is not None:
        mine = or_(mine, TaxRule.brand_id == brand_id)
    rows = db.session.scalars(select(TaxRule).where(mine).order_by(TaxRule.from_on, TaxRule.id))
    return [
        Figures(
            row.kind, row.from_on, row.threshold, row.withholding_bp,
            Source.OPERATOR if row.brand_id is None else Source.BRAND, row.id, row.note,
        )
        for row in rows
    ]  # fmt: skip


# ---- the gate
def gate(brand_id: int, payees: Sequence[Payee], today: date | None = None) -> dict[int, Verdict]:
    """What the forms mean for each of these payouts: (creator id → hold it, or withhold so much).

    `today` is the day of the payment, in the brand's zone, where it is not this one (R97). Whoever
    is free to be paid whole is absent. Costs the same few set queries for one payee as for five
    hundred.
    """
    policy = policy_of(brand_id)
    if policy.is_off or not payees:
        return {}
    on = today or clock.today(identity.brand(brand_id).zone)
    entered = entered_figures(brand_id)
    counted = _counted(brand_id, on.year)
    found: dict[int, Verdict] = {}
    for some in _slices(payees):
        countries = _countries([payee.creator_id for payee in some])
        forms = _latest([payee.creator_id for payee in some])
        states = states_of(brand_id, list(forms.values()), on, policy)
        holders = _holders(some, forms)
        for payee, figures, total in _measured(some, countries, counted, entered, on):
            country, name = countries[payee.creator_id], holders.get(payee.creator_id, "")
            standing = _standing(payee.creator_id, country, total, forms, states, name)
            verdict = rules.gate_for(payee, standing, policy, figures)
            if verdict.stop or verdict.withheld:
                found[payee.creator_id] = verdict
    return found


def _measured(
    payees: Sequence[Payee], countries: Mapping[int, str],
    counted: Mapping[tuple[int, str], int], entered: Sequence[Figures], on: date,
) -> Iterator[tuple[Payee, Figures, Money]]:  # fmt: skip
    """Each with the figures that hold for her, and what counted this year so far."""
    kinds = {kind: rules.figures_on(kind, on, entered) for kind in FormKind}
    for payee in payees:
        currency = payee.amount.currency
        figures = kinds[rules.expected_kind(countries.get(payee.creator_id, ""))]
        yield payee, figures, Money(counted.get((payee.creator_id, currency), 0), currency)


def _standing(
    creator_id: int, country: str, counted: Money,
    forms: Mapping[tuple[int, Purpose], TaxForm], states: Mapping[int, FormState], holder: str,
) -> Standing:  # fmt: skip
    form = forms.get((creator_id, Purpose.PAYER))
    dac7 = forms.get((creator_id, Purpose.PLATFORM))
    is_named = None
    if form is not None and holder:
        is_named = form_rules.names_match(form.legal_name, holder) or form_rules.names_match(
            answers_of(form).get("business", ""), holder
        )
    return Standing(
        country, counted,
        states[form.id] if form else FormState.NEEDED,
        bool(form and form.has_withholding_notice), is_named,
        states[dac7.id] if dac7 else FormState.NEEDED,
    )  # fmt: skip


def _holders(
    payees: Sequence[Payee], forms: Mapping[tuple[int, Purpose], TaxForm]
) -> dict[int, str]:
    """The names on the accounts that creators named here; a provider keeps its own (R92)."""
    wanted = [
        (payee.creator_id, payee.account_ref)
        for payee in payees
        if payee.account_ref and (payee.creator_id, Purpose.PAYER) in forms
    ]
    found = destinations.details_of(wanted) if wanted else {}
    return {creator_id: details.holder for (creator_id, _), details in found.items()}


def _counted(brand_id: int, year: int) -> dict[tuple[int, str], int]:
    rows = db.session.execute(
        select(TaxEntry.creator_id, TaxEntry.currency, func.sum(TaxEntry.amount_minor))
        .where(
            TaxEntry.brand_id == brand_id,
            TaxEntry.year == year,
            TaxEntry.reportable == Reportable.YES,
        )
        .group_by(TaxEntry.creator_id, TaxEntry.currency)
    )
    return {(creator_id, currency): int(minor) for creator_id, currency, minor in rows}


def _countries(creator_ids: Sequence[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(Creator.id, Creator.country).where(Creator.id.in_(creator_ids))
    )
    return {row.id: row.country for row in rows}


def _latest(creator_ids: Sequence[int]) -> dict[tuple[int, Purpose], TaxForm]:
    rows = db.session.scalars(
        select(TaxForm).where(
            TaxForm.creator_id.in_(creator_ids), TaxForm.status == FormStatus.SUBMITTED
        )
    )
    return {(form.creator_id, form.purpose): form for form in rows}


# ---- forms
def current_forms(creator_ids: Sequence[int]) -> dict[tuple[int, Purpose], TaxForm]:
    """The signed forms that count, by creator and purpose."""
    found: dict[tuple[int, Purpose], TaxForm] = {}
    for some in _slices(creator_ids):
        found.update(_latest(some))
    return found


def forms_of(creator_id: int) -> Sequence[TaxForm]:
    """A creator's forms, newest first, drafts included."""
    query = select(TaxForm).where(TaxForm.creator_id == creator_id).order_by(TaxForm.id.desc())
    return db.session.scalars(query).all()  # type: ignore[no-any-return]


def draft_of(creator_id: int, purpose: Purpose) -> TaxForm | None:
    """The form she has begun and not signed yet."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(TaxForm).where(
            TaxForm.creator_id == creator_id,
            TaxForm.purpose == purpose,
            TaxForm.status == FormStatus.DRAFT,
        )
    )


def one_of_creator(creator_id: int, public_id: str) -> TaxForm:
    """A creator's own form. Raises NotFound."""
    return _found(
        db.session.scalar(
            select(TaxForm).where(TaxForm.public_id == public_id, TaxForm.creator_id == creator_id)
        )
    )


def form(form_id: int) -> TaxForm:
    """A form by row id. Raises NotFound."""
    return _found(db.session.get(TaxForm, form_id))


def answers_of(found: TaxForm) -> dict[str, str]:
    """What she wrote, opened. Whoever shows it to somebody else writes it into the audit trail."""
    return dict(json.loads(found.answers)) if found.answers else {}


def decision_of(brand_id: int, form_id: int) -> TaxDecision | None:
    """What this payer decided about a form; None when it did not have to, or has not yet."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(TaxDecision).where(TaxDecision.brand_id == brand_id, TaxDecision.form_id == form_id)
    )


def decision(decision_id: int) -> TaxDecision:
    """A decision by row id. Raises NotFound."""
    return _found(db.session.get(TaxDecision, decision_id))


def states_of(
    brand_id: int, forms: Sequence[TaxForm], today: date, policy: Policy | None = None
) -> dict[int, FormState]:
    """How each of these forms stands with one payer, by the form's row id (UX 6.14)."""
    decided = policy or policy_of(brand_id)
    answers: dict[int, bool] = {}
    for some in _slices([form.id for form in forms]):
        rows = db.session.execute(
            select(TaxDecision.form_id, TaxDecision.is_accepted).where(
                TaxDecision.brand_id == brand_id, TaxDecision.form_id.in_(some)
            )
        )
        answers.update({row.form_id: row.is_accepted for row in rows})
    return {
        form.id: form_rules.state_of(
            form_rules.FormFacts(
                form.status, bool(form.doubts), form.expires_on, answers.get(form.id)
            ),
            today,
            checks_by_hand=decided.checks_by_hand,
        )
        for form in forms
    }


def asked_since(brand_id: int, since: datetime) -> dict[int, datetime]:
    """Whom a brand has asked for a form after this instant, and when last."""
    query = (
        select(TaxReminder.creator_id, func.max(TaxReminder.at))
        .where(
            TaxReminder.brand_id == brand_id, TaxReminder.at > since,
            TaxReminder.reason == ReminderReason.ASKED,
        )
        .group_by(TaxReminder.creator_id)
    )  # fmt: skip
    return dict(db.session.execute(query).all())


def reminder(reminder_id: int) -> TaxReminder:
    """A reminder by row id. Raises NotFound."""
    return _found(db.session.get(TaxReminder, reminder_id))


# ---- a year
def sums_in(brand_id: int, year: int) -> Select[Any]:
    """By creator and currency: what counts, of it payments and benefits, withheld, what a
    processor reports, and how many benefits wait for a decision. Never summed over currencies."""
    yes, entry = TaxEntry.reportable == Reportable.YES, TaxEntry.amount_minor
    is_benefit = TaxEntry.kind == EntryKind.BENEFIT
    columns: list[Any] = [
        TaxEntry.creator_id, TaxEntry.currency, func.min(TaxEntry.id).label("key"),
        func.sum(case((yes, entry), else_=0)).label("counted"),
        func.sum(case((yes & ~is_benefit, entry), else_=0)).label("paid"),
        func.sum(TaxEntry.withheld_minor).label("withheld"),
        func.sum(case((yes & is_benefit, entry), else_=0)).label("benefits"),
        func.sum(case((~is_benefit & ~yes, entry), else_=0)).label("excluded"),
        func.count(case((TaxEntry.reportable == Reportable.REVIEW, 1))).label("to_review"),
    ]  # fmt: skip
    return (
        select(*columns)
        .where(TaxEntry.brand_id == brand_id, TaxEntry.year == year)
        .group_by(TaxEntry.creator_id, TaxEntry.currency)
    )


def year_totals(
    brand_id: int, year: int, creator_ids: Sequence[int] | None = None
) -> dict[tuple[int, str], YearTotal]:
    """`sums_in` as totals, by creator and currency."""
    query = sums_in(brand_id, year).order_by(TaxEntry.creator_id, TaxEntry.currency)
    if creator_ids is not None:
        query = query.where(TaxEntry.creator_id.in_(creator_ids))
    return {(row.creator_id, row.currency): total_of(row) for row in db.session.execute(query)}


def total_of(row: Any) -> YearTotal:
    """A row of sums by creator and currency as the rules see it."""

    def of(minor: Any) -> Money:
        return Money(int(minor), row.currency)

    return YearTotal(
        row.creator_id, of(row.paid), of(row.withheld), of(row.benefits), of(row.excluded),
        row.to_review,
    )  # fmt: skip


def no_total(creator_id: int, currency: str) -> YearTotal:
    """The year of a creator who received nothing."""
    nothing = Money.zero(currency)
    return YearTotal(creator_id, nothing, nothing, nothing, nothing)


def entries_of(brand_id: int, creator_id: int, year: int) -> Sequence[TaxEntry]:
    """What one creator received from one payer in a year, oldest first."""
    query = select(TaxEntry).where(
        TaxEntry.brand_id == brand_id, TaxEntry.creator_id == creator_id, TaxEntry.year == year
    )
    return db.session.scalars(query.order_by(TaxEntry.paid_on, TaxEntry.id)).all()  # type: ignore[no-any-return]


def years_of(brand_id: int) -> list[int]:
    """The years in which a brand paid anybody, newest first."""
    rows = db.session.scalars(select(TaxEntry.year).where(TaxEntry.brand_id == brand_id).distinct())
    return sorted(rows, reverse=True)


def _slices(ids: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(ids), IDS_AT_ONCE):
        yield ids[start : start + IDS_AT_ONCE]


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound()
    return row
