"""The yardsticks of objects: an order, and a payout, written as ORM objects one after the other.

They read no facts and decide nothing, so they do less than the portal does; what they share with
it is every row that a credited order, or a payout of a submitted run, leaves in the books.
"""

import time
from datetime import timedelta

from sqlalchemy import select

from portal.attribution.models import Attribution, Outcome, Reason
from portal.audit.models import AuditEntry
from portal.bench.ground import Ground
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.creators.models import Creator, PayoutDestination
from portal.kernel import clock, codes
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.payouts.models import Payout, PayoutRun, PayoutStatus, RunStatus
from portal.programs import queries as programs
from portal.sales.models import Order, OrderLine, OrderReference
from portal.sales.rules import OrderPayment
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tracking import queries as tracking

BASE, EARNED, LINES = 7650, 765, 3


def book(laid: Ground, connection_id: int, events: int) -> float:
    """Seconds for so many events."""
    terms_id = programs.current_terms(laid.program.id).id
    codes_of = {m.id: tracking.codes_of_ambassador(m.id)[0].id for m in laid.members}
    places = [_accounts(laid, member.creator_id) for member in laid.members]
    started = time.perf_counter()
    for number in range(events):
        member = laid.members[number % len(laid.members)]
        with unit_of_work():
            order = _order(laid, connection_id, number)
            found = _attribution(order, member.id, codes_of[member.id], laid.program.id, terms_id)
            _commission(order, found, member.creator_id, places[number % len(places)])
    return time.perf_counter() - started


def _accounts(laid: Ground, creator_id: int) -> tuple[int, int]:
    names = accounts.expense(laid.brand.id), accounts.pending(laid.brand.id, creator_id)
    found = {
        row.name: row.id
        for row in db.session.query(LedgerAccount).filter(LedgerAccount.name.in_(names))
    }
    return found[names[0]], found[names[1]]


def _order(laid: Ground, connection_id: int, number: int) -> Order:
    now = clock.now()
    order = Order(
        brand_id=laid.brand.id, connection_id=connection_id, external_id=f"orm-{number}",
        number=f"#{number}", currency="USD", placed_at=now, paid_at=now, recorded_at=now,
        told="1", payment=OrderPayment.PAID, is_paid=True, base_minor=BASE, total_minor=BASE,
        tax_minor=0, shipping_minor=0, discount_minor=1350, codes=["BENCH"],
    )  # fmt: skip
    db.session.add(order)
    db.session.flush()
    for position in range(LINES):
        db.session.add(
            OrderLine(
                order_id=order.id, position=position, external_id=str(position), title="Thing",
                quantity="1", product_id="1", sku="", currency="USD", gross_minor=3000,
                net_minor=2550,
            )
        )  # fmt: skip
    db.session.add(
        OrderReference(connection_id=connection_id, reference=order.external_id, order_id=order.id)
    )
    return order


def _attribution(
    order: Order, ambassador_id: int, code_id: int, program_id: int, terms_id: int
) -> Attribution:
    found = Attribution(
        order_id=order.id, brand_id=order.brand_id, version=1, is_latest=True,
        outcome=Outcome.CREDITED, reason=Reason.CODE_TYPED, ambassador_id=ambassador_id,
        program_id=program_id, terms_id=terms_id, code_id=code_id, trace=[{"check": "code"}],
        inputs={"code": "BENCH"}, decided_at=clock.now(),
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    _note(order.brand_id, "order.attributed", order.id)
    return found


def _commission(order: Order, found: Attribution, creator_id: int, place: tuple[int, int]) -> None:
    now = clock.now()
    earned = Commission(
        brand_id=order.brand_id, creator_id=creator_id, ambassador_id=found.ambassador_id,
        kind=CommissionKind.SALE, attribution_id=found.id, order_id=order.id,
        terms_id=found.terms_id, base_minor=BASE, base_currency="USD", amount_minor=EARNED,
        currency="USD", status=CommissionStatus.PENDING, earned_at=now,
        hold_until=now + timedelta(days=30), explanation={"kind": "percent"},
    )  # fmt: skip
    db.session.add(earned)
    db.session.flush()
    journal = LedgerJournal(
        at=now, reason="commission earned", reference=f"orm:{earned.id}:{codes.public_id()}"
    )
    db.session.add(journal)
    db.session.flush()
    for account_id, minor in ((place[0], -EARNED), (place[1], EARNED)):
        db.session.add(
            LedgerEntry(
                journal_id=journal.id, account_id=account_id, currency="USD", amount_minor=minor
            )
        )
    account = db.session.get_one(LedgerAccount, place[1])
    account.balance_minor += EARNED
    _note(order.brand_id, "commission.earned", earned.id)


def _note(brand_id: int, act: str, subject_id: int) -> None:
    db.session.add(
        AuditEntry(
            at=clock.now(), actor_id=None, brand_id=brand_id, act=act,
            subject_kind=act.partition(".")[0], subject_id=subject_id, facts={"by": "bench"},
        )
    )  # fmt: skip


def pay(laid: Ground, like: PayoutRun, count: int) -> float:
    """Seconds for a payout each of so many creators: her lines, the payout, the money set aside.

    One transaction a creator, as a loop of objects would be resumed after a crash.
    """
    with unit_of_work():
        run = PayoutRun(
            brand_id=laid.brand.id, currency=like.currency, label="Objects", note="",
            cutoff_at=clock.now(), status=RunStatus.CANCELLED, created_at=clock.now(),
        )  # fmt: skip
        db.session.add(run)
    owed = select(LedgerAccount.id).where(
        LedgerAccount.brand_id == laid.brand.id, LedgerAccount.state == "payable",
        LedgerAccount.currency == like.currency,
    )  # fmt: skip
    ids = db.session.scalars(owed.order_by(LedgerAccount.id).limit(count)).all()
    started = time.perf_counter()
    for account_id in ids:
        with unit_of_work():
            _pay(run.id, db.session.get_one(LedgerAccount, account_id))
        end_read()
    return (time.perf_counter() - started) * count / len(ids)


def _pay(run_id: int, owed: LedgerAccount) -> None:
    assert owed.brand_id is not None
    assert owed.creator_id is not None
    creator = db.session.get_one(Creator, owed.creator_id)
    lines = db.session.query(LedgerEntry).filter_by(account_id=owed.id).order_by(LedgerEntry.id)
    found = [line for line in lines if line.amount.minor > 0]
    total = Money.total([line.amount for line in found], owed.currency)
    to = db.session.query(PayoutDestination).filter_by(creator_id=creator.id).one()
    payout = Payout(
        run_id=run_id, brand_id=owed.brand_id, creator_id=creator.id, creator_name=creator.name,
        status=PayoutStatus.READY, currency=owed.currency, amount_minor=total.minor,
        gross_minor=total.minor, commission_count=len(found), up_to_entry_id=found[-1].id,
        rail=to.rail.value, account_ref=to.account_ref, account_label=to.label_masked,
        changed_at=clock.now(),
    )  # fmt: skip
    db.session.add(payout)
    db.session.flush()
    set_aside = db.session.query(LedgerAccount).filter_by(
        name=accounts.committed(owed.brand_id, creator.id), currency=owed.currency
    )
    committed = set_aside.one()
    journal = LedgerJournal(
        at=clock.now(), reason="payout reserved", reference=f"objects:{payout.id}"
    )
    db.session.add(journal)
    db.session.flush()
    for account, minor in ((owed, -total.minor), (committed, total.minor)):
        db.session.add(
            LedgerEntry(
                journal_id=journal.id, account_id=account.id, currency=owed.currency,
                amount_minor=minor,
            )
        )  # fmt: skip
        account.balance_minor += minor
    payout.is_reserved = True
