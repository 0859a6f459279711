"""A run's lines are written by one statement; the rules in Python say the same of each creator."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.creators.models import Creator, DestinationState, PayoutDestination, Rail
from portal.identity.models import User
from portal.kernel import clock, codes
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.payee_holds import commands as payee_holds
from portal.payee_holds.models import SharingPermit
from portal.paying.models import ExchangeRate, FeeBearer
from portal.paying.queries import usual as usual_terms
from portal.payouts import candidate_queries as candidates
from portal.payouts import commands, line_sets, rules
from portal.payouts.models import GONE, OVER, Payout, PayoutRun, PayoutStatus, RunStatus
from portal.programs import commands as programs
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tax.models import Asks, OnMissing, TaxSettings
from tests.support.payees import Payees

AMOUNTS = st.sampled_from((1, 7, 2_499, 2_500, 4_010, 200_000, 200_001))
# (amount, what): earned, taken back by a refund, given back by a payout, moved by hand
MOVES = st.tuples(AMOUNTS, st.sampled_from(("earned", "earned", "refund", "payout", "by hand")))
PAST = st.tuples(
    AMOUNTS,
    st.sampled_from((PayoutStatus.PAID, PayoutStatus.SENT, PayoutStatus.FAILED)),
    st.sampled_from(("acct_1", "acct_2", "")),
    st.integers(0, 4),  # the run it was in
    st.booleans(),  # whether it covers what was there by then
)
DESTINATION = st.tuples(
    st.sampled_from(tuple(Rail)),
    st.sampled_from(("acct_1", "acct_1", "acct_2", "")),
    st.sampled_from((*DestinationState, *(DestinationState.READY,) * 8)),
    st.sampled_from((None, None, -1, 0, 1)),  # cooling until so many hours from now
    st.integers(0, 2),  # set so many hours ago
    st.sampled_from(("", "", "", "DE", "US", "IR")),
)


@dataclass(frozen=True)
class Person:
    before: list[tuple[int, str]]
    past: list[tuple[int, PayoutStatus, str, int, bool]]
    since: list[tuple[int, str]]
    late: list[tuple[int, str]]
    destinations: list[tuple[Rail, str, DestinationState, int | None, int, str]]
    is_barred: bool
    is_held: bool | None  # None: she was, and is released
    country: str
    may_share: bool
    membership: MembershipStatus | None


PERSON = st.builds(
    Person,
    st.lists(MOVES, max_size=2),
    st.lists(PAST, max_size=4, unique_by=lambda one: one[3]),
    st.lists(MOVES, min_size=1, max_size=4),
    st.lists(MOVES, max_size=2),
    st.lists(DESTINATION, max_size=2, unique_by=lambda one: one[0]),
    st.sampled_from((False, False, False, True)),
    st.sampled_from((False, False, None, True)),
    st.sampled_from(("US", "DE", "", "KP")),
    st.sampled_from((True, True, False)),
    st.sampled_from(
        (None, None, None, MembershipStatus.ONBOARDING, MembershipStatus.TERMS_NEEDED,
         MembershipStatus.ACTIVE)
    ),
)  # fmt: skip
TERMS = st.sampled_from((None, "creator", "brand"))
TAX = st.sampled_from((None, None, (Asks.ALWAYS, OnMissing.HOLD), (Asks.THRESHOLD, OnMissing.HOLD),
                       (Asks.ALWAYS, OnMissing.WITHHOLD)))  # fmt: skip
CURRENCIES = st.sampled_from(("USD", "EUR", "KWD"))


@pytest.fixture
def place(payees: Payees) -> tuple[int, int]:
    """Row ids of the brand and its program."""
    with unit_of_work():
        program = programs.create_program(
            payees.brand.id, "Glow", slug="glow", by=payees.finn.user_id, discount_bp=1_000
        )
    return payees.brand.id, program.id


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.generate],
)  # fmt: skip
@given(st.lists(PERSON, min_size=3, max_size=7), TERMS, TAX, CURRENCIES)
def test_each_line_is_what_the_rules_say(place: tuple[int, int], people, terms, tax, currency):
    with unit_of_work():
        _policy(place[0], terms, tax)
        run = _told(*place, people, currency)
        now = clock.now()
        line_sets.write(run, now)
        line_sets.finish(run, is_again=False)
        expected = _expected(run, now)
        lines = {one.creator_id: one for one in db.session.query(Payout).filter_by(run_id=run.id)}
        assert sorted(lines) == sorted(expected)
        for creator_id, values in expected.items():
            found = {name: getattr(lines[creator_id], name) for name in values}
            assert found == values
        assert line_sets.stale(run, now) == 0
        line_sets.write(run, now)  # once more: the same, and held lines stay held
        line_sets.finish(run, is_again=True)
        again = {one.creator_id: one for one in db.session.query(Payout).filter_by(run_id=run.id)}
        assert {one: again[one].cautions for one in again} == {
            one: values["cautions"] for one, values in expected.items()
        }
        db.session.rollback()
    end_read()


# ---- what the rules say, creator by creator
def _expected(run: PayoutRun, now: Any) -> dict[int, dict[str, Any]]:
    standing = candidates.standings(run, now)
    uses = Counter(
        (one.destination.rail.value in rules.SHAREABLE, one.destination.account_ref)
        for one in standing
        if one.destination
    )
    return {one.creator_id: _line(run, one, uses) for one in standing}


def _line(run: PayoutRun, one: candidates.Standing, uses: Counter[Any]) -> dict[str, Any]:
    past, came_in, taken, newest = _past(run, one.creator_id)[:3], *_entries(run, one.creator_id)
    usual = None
    if past:
        usual = Money(sum(p.amount_minor for p in past), run.currency).scaled(1, len(past))
    last = max((r.id for r in _runs(run) if r.status in OVER), default=None)
    to, left = one.destination, one.leaving
    is_shared = bool(to and to.account_ref) and uses[False, to.account_ref] > 1
    is_changed = bool(to and past and past[0].account_ref) and to.account_ref != past[0].account_ref
    cautions = rules.cautions(
        one.amount, usual, account_changed=is_changed,
        account_shared=is_shared and to.rail.value not in rules.SHAREABLE,
    )  # fmt: skip
    return {
        "status": PayoutStatus.BLOCKED if one.blocked else PayoutStatus.READY,
        "blocked_reason": one.blocked[0] if one.blocked else None,
        "amount_minor": (one.amount - one.withheld).minor,
        "withheld_minor": one.withheld.minor,
        "adjustments_minor": taken,
        "gross_minor": one.amount.minor - taken,
        "commission_count": came_in,
        "up_to_entry_id": newest,
        "previous_minor": past[0].amount_minor if past and past[0].run_id == last else None,
        "usual_minor": usual.minor if usual else None,
        "cautions": "".join(f" {caution.value}" for caution in cautions) + " ",
        "fee_minor": left.fee.minor if left else 0,
        "fee_bearer": left.bearer if left else FeeBearer.BRAND,
        "pays_minor": left.pays.minor if left else None,
        "pays_currency": left.pays.currency if left else None,
        "rate_millionths": left.rate_millionths if left else None,
        "rate_on": left.rate_on if left else None,
        "rail": to.rail.value if to else "",
        "account_ref": to.account_ref if to else "",
        "account_label": to.label if to else "",
        "account_changed_at": to.changed_at if to else None,
    }


def _runs(run: PayoutRun) -> list[PayoutRun]:
    wanted = db.session.query(PayoutRun).filter_by(brand_id=run.brand_id, currency=run.currency)
    return [one for one in wanted if one.id != run.id]


def _past(run: PayoutRun, creator_id: int) -> list[Payout]:
    mine = db.session.query(Payout).filter_by(
        creator_id=creator_id, brand_id=run.brand_id, currency=run.currency
    )
    gone = [one for one in mine if one.status in GONE and one.run_id != run.id]
    return sorted(gone, key=lambda one: -one.id)


def _entries(run: PayoutRun, creator_id: int) -> tuple[int, int, int]:
    """(amounts that came in, what refunds took, the newest entry covered), entry by entry."""
    own = accounts.payable(run.brand_id, creator_id)
    covered = [one.up_to_entry_id for one in _past(run, creator_id)]
    since = max(covered, default=0)
    came_in, taken, newest = 0, 0, since
    for entry, journal in db.session.execute(
        select(LedgerEntry, LedgerJournal)
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.name == own, LedgerAccount.currency == run.currency)
        .where(LedgerEntry.id > since, LedgerJournal.at < run.cutoff_at)
    ):
        newest = max(newest, entry.id)
        if journal.reference.startswith("payout:"):
            continue
        came_in += entry.amount_minor > 0
        taken += entry.amount_minor if journal.reason == "refund" else 0
    return came_in, taken, newest


# ---- the ground
def _policy(brand_id: int, terms: str | None, tax: Any) -> None:
    if terms is not None:
        told = usual_terms(brand_id)
        told.fees, told.fixed_fees = {"paypal": 250, "stripe": 25}, {"sepa": {"USD": 2_400}}
        told.fee_bearer, told.uplift_bp = FeeBearer(terms), 500
        db.session.add(told)
    if terms == "creator":
        db.session.add(ExchangeRate(
            brand_id=brand_id, currency="USD", target="EUR", rate_millionths=912_345,
            from_on=clock.today("UTC") - timedelta(days=9), source="bank",
            created_at=clock.now(),
        ))  # fmt: skip
    if tax is not None:
        asks, on_missing = tax
        db.session.add(TaxSettings(brand_id=brand_id, asks=asks, on_missing=on_missing,
                                   changed_at=clock.now()))  # fmt: skip
    db.session.flush()


def _told(brand_id: int, program_id: int, people: list[Person], currency: str) -> PayoutRun:
    ids = [_person(program_id, brand_id, one) for one in people]
    olds = [_run(brand_id, currency, number) for number in range(5)]
    for creator_id, one in zip(ids, people, strict=True):
        _moves(brand_id, creator_id, currency, one.before)
    for creator_id, one in zip(ids, people, strict=True):
        for past in sorted(one.past, key=lambda each: each[3]):
            _paid(olds[past[3]], creator_id, past)
        _moves(brand_id, creator_id, currency, one.since)
    clock.pass_time(timedelta(hours=1))
    cutoff = clock.now()
    for creator_id, one in zip(ids, people, strict=True):
        _moves(brand_id, creator_id, currency, one.late)
    clock.pass_time(timedelta(hours=1))
    run = _run(brand_id, currency, 9)
    run.status, run.cutoff_at, run.minimum_minor = RunStatus.DRAFT, cutoff, 2_500
    db.session.flush()
    return run


def _run(brand_id: int, currency: str, number: int) -> PayoutRun:
    # The fourth and the fifth never ended as runs do: they count as no "last run".
    status = RunStatus.CLOSED if number < 3 else RunStatus.CANCELLED
    run = PayoutRun(brand_id=brand_id, currency=currency, label=f"Run {number}", status=status,
                    cutoff_at=clock.now(), created_at=clock.now())  # fmt: skip
    db.session.add(run)
    db.session.flush()
    return run


def _person(program_id: int, brand_id: int, one: Person) -> int:
    name, now = f"{codes.public_id()}", clock.now()
    user = User(email=f"{name}@example.test", name=name, created_at=now)
    db.session.add(user)
    db.session.flush()
    creator = Creator(user_id=user.id, handle=name, folded_handle=name, name="P",
                      country=one.country, created_at=now)  # fmt: skip
    db.session.add(creator)
    db.session.flush()
    permitted = set[str]()
    for rail, account, state, cooling, ago, country in one.destinations:
        db.session.add(PayoutDestination(
            creator_id=creator.id, rail=rail, account_ref=account, state=state, missing=[],
            label_masked="••42", changed_at=now - timedelta(hours=ago), country=country,
            cooling_until=None if cooling is None else now + timedelta(hours=2 + cooling),
        ))  # fmt: skip
        if one.may_share and account not in permitted:
            permitted.add(account)
            db.session.add(SharingPermit(
                brand_id=brand_id, creator_id=creator.id, account_ref=account, reason="Family",
                permitted_by=user.id, permitted_at=now,
            ))  # fmt: skip
            db.session.flush()
    membership = MembershipStatus.BANNED if one.is_barred else one.membership
    if membership is not None:
        db.session.add(Ambassador(
            brand_id=brand_id, program_id=program_id, creator_id=creator.id,
            status=membership, joined_at=now,
            activated_at=None if membership is MembershipStatus.ONBOARDING else now,
        ))  # fmt: skip
    if one.is_held is not False:
        payee_holds.hold(brand_id, creator.id, "Looked at", by=user.id)
    if one.is_held is None:
        payee_holds.release(brand_id, creator.id, by=user.id)
    db.session.flush()
    return int(creator.id)


def _moves(brand_id: int, creator_id: int, currency: str, moves: list[tuple[int, str]]) -> None:
    own = accounts.payable(brand_id, creator_id)
    kept, cost = accounts.committed(brand_id, creator_id), accounts.expense(brand_id)
    for minor, what in moves:
        amount = Money(minor, currency)
        paths = {
            "earned": [(cost, own)],
            "refund": [(own, cost)],
            "payout": [(own, kept), (kept, own)],
            "by hand": [(own, accounts.written_off(brand_id))],
        }
        for path in paths[what]:
            start = "payout" if what == "payout" else "test"
            ledger.post(what, f"{start}:{codes.public_id()}", [(*path, amount)])


def _paid(run: PayoutRun, creator_id: int, past: Any) -> None:
    minor, status, account, _, covers = past
    own = accounts.payable(run.brand_id, creator_id)
    newest = (
        select(LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.name == own, LedgerAccount.currency == run.currency)
        .order_by(LedgerEntry.id.desc())
        .limit(1)
    )
    db.session.add(Payout(
        run_id=run.id, brand_id=run.brand_id, creator_id=creator_id, creator_name="P",
        status=status, currency=run.currency, amount_minor=minor, rail="manual",
        account_ref=account, up_to_entry_id=db.session.scalar(newest) or 0 if covers else 0,
    ))  # fmt: skip
    db.session.flush()


# ---- by example
def test_parts_of_a_run_hold_everybody_once(payees: Payees) -> None:
    ids = [payees.owed(name, "40.00 USD").id for name in ("Ada", "Bea", "Cat", "Dot", "Eva")]
    run = payees.draft()
    for size, count in ((1, 5), (2, 3), (5, 1), (9, 1)):
        parts, total = line_sets.ranges(run, size)
        assert (len(parts), total) == (count, 5)
        held = [
            one for low, high in parts for one in ids if low < one and (not high or one <= high)
        ]
        assert held == sorted(ids)


def test_a_line_whose_creator_is_owed_nothing_any_more_is_dropped(payees: Payees) -> None:
    ada, bea = payees.owed("Ada", "40.00 USD"), payees.owed("Bea", "40.00 USD")
    run = payees.draft()
    payees.owes(bea, "-40.00 USD")
    with unit_of_work():
        commands.calculate(run.id, by=None)
    assert payees.of(run, bea).status is PayoutStatus.CANCELLED
    assert payees.of(run, ada).status is PayoutStatus.READY
    assert (payees.again(run).considered_count, payees.again(run).payout_count) == (1, 1)
    payees.owes(bea, "50.00 USD")
    with unit_of_work():
        commands.calculate(run.id, by=None)
    assert payees.of(run, bea).status is PayoutStatus.READY
    assert payees.of(run, bea).amount == Money.of("50.00 USD")


def test_a_refund_after_the_calculation_makes_a_line_stale(payees: Payees) -> None:
    ada, _ = payees.owed("Ada", "40.00 USD"), payees.owed("Bea", "40.00 USD")
    run = payees.draft()
    payees.owes(ada, "-0.01 USD")
    assert line_sets.stale(payees.again(run), clock.now()) == 1
    payees.owes(ada, "-39.99 USD")
    assert line_sets.stale(payees.again(run), clock.now()) == 1


def test_public_ids_are_all_different(payees: Payees) -> None:
    for name in ("Ada", "Bea", "Cat"):
        payees.owed(name, "40.00 USD")
    run = payees.draft()
    found = list(db.session.scalars(select(Payout.public_id).where(Payout.run_id == run.id)))
    assert len(set(found)) == 3
    for one in found:
        prefix, _, body = one.partition("_")
        assert prefix == "po"
        assert len(body) >= 12
        assert set(body) <= set(codes.PUBLIC_SYMBOLS)
