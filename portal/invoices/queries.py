"""Look at invoices, and at what they will be about."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from portal.commissions.models import Commission, Reversal
from portal.identity import queries as identity
from portal.invoices.models import Invoice, InvoiceMonth, Issuer, SelfBilling, Supplier
from portal.invoices.rules import Billed, credits_of
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.statements import queries as statements
from portal.statements.rules import Month
from portal.storage.model import db

# How the reasons of journals begin that pay or tax what was earned, or give up a debt: whoever
# keeps what she was paid too much has not supplied anything more for it. Held and let go, money
# only stands elsewhere, whatever it was earned for.
NOT_EARNED = (
    "payout ", "vat ", "adjustment: write-off",
    "commission held", "commission released", "adjustment held", "adjustment released",
)  # fmt: skip


def issuer_of(brand_id: int) -> Issuer | None:
    """A brand's details for invoices."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(Issuer).where(Issuer.brand_id == brand_id)
    )


def supplier_of(creator_id: int) -> Supplier | None:
    """A creator's details for invoices."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(Supplier).where(Supplier.creator_id == creator_id)
    )


def agreements_of(creator_id: int, on: date) -> dict[int, SelfBilling]:
    """Brand id → the agreement in force on a day."""
    rows = db.session.scalars(
        select(SelfBilling).where(
            SelfBilling.creator_id == creator_id,
            SelfBilling.ended_at.is_(None), SelfBilling.last_day >= on,
        )
    )  # fmt: skip
    return {one.brand_id: one for one in rows}


def agreed_with(brand_id: int, on: date) -> dict[int, Supplier]:
    """Creator id → her details, of everybody whose agreement with a brand was in force when that
    day ended: made before, and neither run out nor ended by then."""
    end = clock.start_of_day(on + timedelta(days=1), identity.brand(brand_id).zone)
    rows = db.session.execute(
        select(SelfBilling.creator_id, Supplier)
        .join(Supplier, Supplier.creator_id == SelfBilling.creator_id)
        .where(
            SelfBilling.brand_id == brand_id, SelfBilling.accepted_at < end,
            or_(SelfBilling.ended_at.is_(None), SelfBilling.ended_at >= end),
            SelfBilling.last_day >= on,
        )
    )  # fmt: skip
    return {int(creator_id): supplier for creator_id, supplier in rows}


def earned_in(brand_id: int, month: Month) -> dict[tuple[int, str], Money]:
    """(creator id, currency) → what became payable in a month, less what was taken back of it.

    The sum of a payable account's entries that neither pay, nor tax, nor give up a debt (R107).
    """
    zone = identity.brand(brand_id).zone
    rows = db.session.execute(
        select(LedgerAccount.creator_id, LedgerAccount.currency, func.sum(LedgerEntry.amount_minor))
        .select_from(LedgerJournal)
        .join(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(
            LedgerAccount.brand_id == brand_id, LedgerAccount.state == "payable",
            LedgerJournal.at >= month.start(zone), LedgerJournal.at < month.end(zone),
            *(~LedgerJournal.reason.startswith(one) for one in NOT_EARNED),
        )
        .group_by(LedgerAccount.creator_id, LedgerAccount.currency)
    )  # fmt: skip
    return {(who, code): Money(int(minor), code) for who, code, minor in rows if who and minor}


def to_bill(brand_id: int, month: Month) -> dict[tuple[int, str], Money]:
    """(creator id, currency) → what the invoices of a month are about.

    Whose agreement is in force: what she earned. What is taken back belongs to the month in which
    it became payable: of a month that she billed herself it is on no invoice of ours; of one that
    we billed it is, even when the agreement ended since (R106), or while the money was held.
    """
    earned, agreed = earned_in(brand_id, month), agreed_with(brand_id, month.last_day)
    found = {key: net for key, net in earned.items() if key[0] in agreed}
    covered: dict[Month, Collection[int]] = {month: agreed}
    for who, code, minor, state, since in _taken_back_in(brand_id, month):
        key, amount = (who, code), Money(minor, code)
        if since not in covered:
            covered[since] = _billed_for(brand_id, since)
        was_ours, is_ours, is_in = who in covered[since], who in agreed, state == "payable"
        if was_ours and not (is_ours and is_in):
            found[key] = found.get(key, Money.zero(code)) + amount
        elif is_ours and is_in and not was_ours:
            found[key] = found.get(key, Money.zero(code)) - amount
    return {
        key: net for key, net in found.items() if net.minor < 0 or (net.minor and key[0] in agreed)
    }


def _taken_back_in(brand_id: int, month: Month) -> list[tuple[int, str, int, str, Month]]:
    """What was taken back in a month of what had become payable: (creator id, currency, minor
    units, "payable" or "held", the month in which it became payable)."""
    zone = identity.brand(brand_id).zone
    rows = db.session.execute(
        select(
            LedgerAccount.creator_id, LedgerAccount.currency, LedgerEntry.amount_minor,
            LedgerAccount.state, Commission.payable_at,
        )
        .select_from(LedgerJournal)
        .join(Reversal, Reversal.journal_reference == LedgerJournal.reference)
        .join(Commission, Commission.id == Reversal.commission_id)
        .join(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(
            LedgerJournal.at >= month.start(zone), LedgerJournal.at < month.end(zone),
            LedgerAccount.brand_id == brand_id, LedgerAccount.state.in_(("payable", "held")),
            Commission.payable_at <= LedgerJournal.at,
        )
    )  # fmt: skip
    return [
        (who, code, minor, state, Month.at(payable_at, zone))
        for who, code, minor, state, payable_at in rows
        if who and state and payable_at
    ]


def _billed_for(brand_id: int, month: Month) -> Collection[int]:
    """Whose invoices of a month that is written the brand wrote."""
    is_written = select(InvoiceMonth.id).where(
        InvoiceMonth.brand_id == brand_id, InvoiceMonth.month == str(month)
    )
    return agreed_with(brand_id, month.last_day) if db.session.scalar(is_written) else ()


def suppliers_of(creator_ids: Collection[int]) -> dict[int, Supplier]:
    """Several creators' details for invoices."""
    rows = db.session.scalars(select(Supplier).where(Supplier.creator_id.in_(creator_ids)))
    return {one.creator_id: one for one in rows}


def next_due(brand_id: int) -> Month | None:
    """The month whose invoices are to be written next: its statements are out, and the brand
    wrote invoices then. None: nothing is due."""
    issuer, newest = issuer_of(brand_id), statements.newest_month(brand_id)
    if issuer is None or not issuer.since or newest is None:
        return None
    written = db.session.scalar(
        select(func.max(InvoiceMonth.month)).where(InvoiceMonth.brand_id == brand_id)
    )
    month = Month.of(issuer.since)
    if written is not None:
        month = max(month, Month.of(written).next)
    return month if month <= newest else None


def billed_to(brand_id: int, creator_id: int, currency: str) -> list[Billed]:
    """A creator's invoices in one currency, the newest first, with what no credit note has taken
    back yet. A credit note that does not say what it credits, from before it had to, is taken to
    have credited the newest."""
    rows = db.session.scalars(
        select(Invoice)
        .where(
            Invoice.brand_id == brand_id, Invoice.creator_id == creator_id,
            Invoice.currency == currency,
        )
        .order_by(Invoice.number)
    )  # fmt: skip
    found: list[Billed] = []
    for row in rows:
        if not row.is_credit_note:
            notes = tuple(row.parties["notes"])
            found.insert(0, Billed(
                row.id, row.number, row.net, row.vat, row.net, row.vat, row.vat_rate_bp,
                row.vat_case, notes,
            ))  # fmt: skip
            continue
        told = [(one["invoice"], one["net"], one["vat"]) for one in row.credits] or [
            (part.billed.invoice_id, part.net.minor, part.vat.minor)
            for part in credits_of(row.net, found)
            if part.billed is not None
        ]
        for invoice_id, net, vat in told:
            found = [
                one.less(Money(net, currency), Money(vat, currency))
                if one.invoice_id == invoice_id else one
                for one in found
            ]  # fmt: skip
    return found


def of_creator(creator_id: int, request: PageRequest) -> Page[Invoice]:
    """Her invoices, the newest first."""
    return _page(Invoice.creator_id == creator_id, request)


def of_brand(brand_id: int, request: PageRequest) -> Page[Invoice]:
    """A brand's invoices, the newest first."""
    return _page(Invoice.brand_id == brand_id, request)


def one_of_creator(creator_id: int, public_id: str) -> Invoice:
    """One of her invoices. Raises NotFound for anybody else's."""
    return _one(Invoice.creator_id == creator_id, public_id)


def one_of_brand(brand_id: int, public_id: str) -> Invoice:
    """One of a brand's invoices. Raises NotFound for another brand's."""
    return _one(Invoice.brand_id == brand_id, public_id)


def violations() -> list[str]:
    """Sentences; empty when numbers have no gap, and the VAT of all invoices is in the books."""
    gaps = db.session.execute(
        select(Invoice.brand_id, Invoice.creator_id)
        .group_by(Invoice.brand_id, Invoice.creator_id)
        .having((func.max(Invoice.number) != func.count()) | (func.min(Invoice.number) != 1))
    )
    wrong = [
        f"Invoice numbers of creator {who} with brand {brand} have a gap." for brand, who in gaps
    ]
    sums = db.session.execute(
        select(Invoice.brand_id, Invoice.currency, func.sum(Invoice.vat_minor)).group_by(
            Invoice.brand_id, Invoice.currency
        )
    )
    for brand_id, currency, minor in sums:
        vat, booked = (
            Money(int(minor), currency),
            books.balance(accounts.input_tax(brand_id), currency),
        )
        if booked != -vat:
            wrong.append(f"Invoices of brand {brand_id} carry VAT of {vat}, the books {-booked}.")
    return wrong


def _page(condition: Any, request: PageRequest) -> Page[Invoice]:
    wanted = select(Invoice).where(condition)
    ids = wanted.with_only_columns(Invoice.id).limit(COUNT_CAP + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(ids))
    last = request.row_id()
    if last is not None:
        wanted = wanted.where(Invoice.id < last)
    found = db.session.scalars(wanted.order_by(Invoice.id.desc()).limit(request.size + 1))
    rows: Sequence[Invoice] = found.all()
    shown = rows[: request.size]
    cursor = cursor_of(shown[-1].id) if len(rows) > request.size else None
    return Page(shown, cursor, int(total or 0), is_first=last is None)


def _one(condition: Any, public_id: str) -> Invoice:
    found = db.session.scalar(select(Invoice).where(Invoice.public_id == public_id, condition))
    if found is None:
        raise NotFound
    return found  # type: ignore[no-any-return]
