"""One contract for every rail: the scripted one of the tests, Stripe's at the simulator, bank and
PayPal files that are really written, and store credit. Manual payments have no rail: nobody sends.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from portal.adapters import FORMATS
from portal.creators.models import Rail
from portal.demo.stripe_simulator import running
from portal.destinations import commands as destinations
from portal.destinations.provider import AccountState
from portal.files import commands as files
from portal.files import queries as file_queries
from portal.integrations.carried.rail import FileRail
from portal.integrations.store_credit.rail import CreditRail
from portal.kernel.errors import ProviderRefused
from portal.kernel.money import Money
from portal.paying import commands as paying
from portal.payouts import commands, jobs
from portal.payouts.models import Payout, PayoutStatus
from portal.payouts.provider import PayoutProvider, ProviderBusy, Transfer
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees, claimed
from tests.support.stripe import Simulator
from tests.support.world import World

IBAN, AMOUNT = "DE89370400440532013000", "40.00 EUR"


@dataclass
class Case:
    """A rail, a payout of 40.00 EUR that is claimed for it, and how the world behind it acts."""

    rail: PayoutProvider
    order: Transfer
    knows_balance: bool = True
    moves_at_once: bool = True
    confirm: Callable[[], None] = lambda: None
    turn_back: Callable[[], None] | None = None
    make_busy: Callable[[], None] | None = None
    refuse: Callable[[], Transfer] | None = None
    unknown_currency: str = ""
    seen: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture(params=["scripted", "stripe", "sepa", "paypal", "credit"])
def case(request: pytest.FixtureRequest, world: World, base_url: str) -> Case:
    payees = Payees(world)
    make = {"scripted": _scripted, "stripe": _stripe, "credit": _credit}
    found = make.get(request.param, _file)
    return found(payees, request.param, base_url)


def _claimed(payees: Payees, rail: Rail, account: str) -> Transfer:
    ada = payees.owed("Ada", AMOUNT, account=account, rail=rail)
    run = payees.approved(currency="EUR")
    with unit_of_work():
        commands.begin_execution(run.id)
    payout_id = payees.of(run, ada).id
    end_read()
    with unit_of_work():
        return claimed(payout_id)


def _scripted(payees: Payees, _name: str, _url: str) -> Case:
    rail = ScriptedRail(funds={"EUR": Money.of("100.00 EUR")})
    order = _claimed(payees, Rail.STRIPE, "acct_ada")

    def refuse() -> Transfer:
        rail.accounts["acct_ada"] = AccountState("not_payable")
        return order

    def busy() -> None:
        rail.script = [ProviderBusy("Slow down.")]

    return Case(rail, order, turn_back=lambda: rail.turn_back("tr_1") and None, make_busy=busy,
                refuse=refuse)  # fmt: skip


def _stripe(payees: Payees, _name: str, url: str) -> Case:
    simulator = Simulator(url)
    simulator.reset()
    rail = simulator.rail()
    account = rail.create_account(email="a@example.com", country="DE", creator="crt_1")
    simulator.onboard(account)
    order = _claimed(payees, Rail.STRIPE, account)

    def refuse() -> Transfer:
        other = rail.create_account(email="b@example.com", country="DE", creator="crt_2")
        return _like(order, destination=other)

    def back() -> None:
        (found,) = rail.transfers_of(order.run)
        simulator.turn_back(found.provider_ref)

    return Case(
        rail, order, turn_back=back, refuse=refuse, make_busy=lambda: simulator.fails("429")
    )


def _file(payees: Payees, name: str, _url: str) -> Case:
    kind = Rail(name)
    rail = FileRail(FORMATS[kind])
    with unit_of_work():
        paying.set_ways(payees.brand.id, [name], by=None)
        paying.set_payer(payees.brand.id, "Glow GmbH", IBAN, by=None)
    creator = payees.creator("Ada", "")
    with unit_of_work():
        account = IBAN if kind is Rail.SEPA else "ada@example.com"
        destinations.name_account(creator.id, kind, account, "Ada Example", by=creator.user_id)
    payees.owes(creator, AMOUNT)
    run = payees.approved(currency="EUR")
    with unit_of_work():
        commands.begin_execution(run.id)
        order = claimed(payees.of(run, creator).id)
    end_read()

    def confirm() -> None:
        line = file_queries.newest_line(order.payout_id)
        payees.world.settle()
        with unit_of_work():
            commands.hand_over(order.payout_id, line.reference)
            _write(rail, line.file_id)
            files.line_paid(line.id, "bank 7", by=None)
        end_read()

    def back() -> None:
        line = file_queries.newest_line(order.payout_id)
        with unit_of_work():
            files.line_returned(line.id, "Account closed", by=None)
        end_read()

    return Case(
        rail, order, knows_balance=False, moves_at_once=False, confirm=confirm, turn_back=back,
        refuse=lambda: _like(order, destination=f"{name}_unknown"), unknown_currency="KWD",
    )  # fmt: skip


def _write(rail: FileRail, file_id: int) -> None:
    found = db.session.get_one(files.PaymentFile, file_id)
    text = rail.form.write(file_queries.batch_of(found, needs_payer=rail.form.needs_payer))
    files.written(file_id, "file", text)


def _credit(payees: Payees, _name: str, _url: str) -> Case:
    with unit_of_work():
        paying.set_ways(payees.brand.id, ["credit"], by=None)
    creator = payees.creator("Ada", "")
    with unit_of_work():
        destinations.take_credit(creator.id, by=None)
    payees.owes(creator, AMOUNT)
    run = payees.approved(currency="EUR")
    with unit_of_work():
        commands.begin_execution(run.id)
        order = claimed(payees.of(run, creator).id)
    end_read()

    def confirm() -> None:
        with unit_of_work():
            commands.settle(order.payout_id, f"credit-{order.payout}-1")
        end_read()

    return Case(CreditRail(), order, knows_balance=False, confirm=confirm)


def _like(order: Transfer, **more: object) -> Transfer:
    facts = {name: getattr(order, name) for name in order.__slots__}
    return Transfer(**{**facts, **more})


def test_r88_it_is_sent_at_most_once_under_one_key(case: Case) -> None:
    first = case.rail.send(case.order, idempotency_key=case.order.key)
    again = case.rail.send(case.order, idempotency_key=case.order.key)
    assert first == again
    assert first.is_moved is case.moves_at_once
    case.confirm()
    assert [t.provider_ref for t in case.rail.transfers_of(case.order.run)] == [first.provider_ref]
    assert list(case.rail.transfers_of("run_other")) == []


def test_p2_it_is_found_after_its_answer_was_lost(case: Case) -> None:
    assert case.rail.find(case.order) is None
    sent = case.rail.send(case.order, idempotency_key=case.order.key)
    if case.rail.__class__ is CreditRail:
        case.confirm()  # the books are its memory
    found = case.rail.find(case.order)
    assert found is not None
    assert found.provider_ref == sent.provider_ref


def test_mistake_10_only_what_moved_is_a_transfer(case: Case) -> None:
    case.rail.send(case.order, idempotency_key=case.order.key)
    if not case.moves_at_once:
        assert list(case.rail.transfers_of(case.order.run)) == []
    case.confirm()
    (found,) = case.rail.transfers_of(case.order.run)
    assert (found.payout, found.attempt) == (case.order.payout, 1)
    assert (found.amount, found.returned) == (case.order.amount, Money.zero("EUR"))


def test_a_definite_no_is_refused_with_a_code(case: Case) -> None:
    if case.refuse is None:
        pytest.skip("nothing outside could refuse store credit")
    order = case.refuse()
    with pytest.raises(ProviderRefused) as no:
        case.rail.send(order, idempotency_key=order.key)
    assert no.value.code in ("account_restricted", "no_account")


def test_busy_means_that_nothing_happened(case: Case) -> None:
    if case.make_busy is None:
        pytest.skip("nobody outside is called")
    case.make_busy()
    with pytest.raises(ProviderBusy):
        case.rail.send(case.order, idempotency_key=case.order.key)
    assert case.rail.find(case.order) is None
    assert case.rail.send(case.order, idempotency_key=case.order.key).provider_ref


def test_mistake_9_what_came_back_after_it_was_paid_says_so(case: Case) -> None:
    if case.turn_back is None:
        pytest.skip("store credit does not come back")
    case.rail.send(case.order, idempotency_key=case.order.key)
    case.confirm()
    case.turn_back()
    (found,) = case.rail.transfers_of(case.order.run)
    assert found.returned == found.amount == case.order.amount
    assert case.rail.find(case.order) is None


def test_the_balance_or_that_nobody_can_know_it(case: Case) -> None:
    held = case.rail.balance("EUR")
    assert (held is not None) is case.knows_balance
    assert case.rail.balance("KWD") in (None, Money.zero("KWD"))


def test_a_currency_it_does_not_carry_is_refused(case: Case) -> None:
    if not case.unknown_currency:
        pytest.skip("Stripe and store credit carry every currency")
    order = _like(case.order, amount=Money(1000, case.unknown_currency))
    with pytest.raises(ProviderRefused) as no:
        case.rail.send(order, idempotency_key=order.key)
    assert no.value.code == "invalid_currency"


def test_through_the_machinery_each_rail_ends_where_it_should(case: Case) -> None:
    """The job of a payout asks the rail first when it was begun before, then records its word."""
    db.session.execute(db.update(Payout).values(status=PayoutStatus.UNKNOWN))
    db.session.commit()
    end_read()
    rails = {case.order.rail: case.rail}
    jobs.send_payout(case.order.payout_id, rails, "test")
    end_read()
    found = db.session.get_one(Payout, case.order.payout_id)
    wanted = PayoutStatus.SENT if case.moves_at_once else PayoutStatus.HANDED
    assert found.status is wanted
