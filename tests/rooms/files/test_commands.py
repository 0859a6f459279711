"""The life of a payment file, with files that are really written and read: R88, R89, R96."""

import csv
import io
from xml.etree import ElementTree

import pytest
from sepaxml.validation import try_valid_xml

from portal.files import commands, queries
from portal.files import jobs as file_jobs
from portal.files.models import FileState, LineState, PaymentLine
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.notifications.models import Message
from portal.paying import commands as paying
from portal.paying.models import FeeBearer
from portal.payouts import commands as payouts
from portal.payouts import jobs, violations
from portal.payouts.models import PayoutStatus, RunStatus
from portal.programs import commands as programs
from portal.storage.model import db
from portal.storage.types import Sealed
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tax import queries as tax
from tests.support.file_payees import IBANS, RAILS, FilePayees
from tests.support.world import World

IBAN = IBANS["Ada"]


@pytest.fixture
def payees(world: World) -> FilePayees:
    return FilePayees(world)


def paid(payees: FilePayees, line_id: int, proof: str = "bank 1") -> None:
    with unit_of_work():
        commands.line_paid(line_id, proof, by=None)
    end_read()


def test_a_sepa_file_is_valid_and_always_the_same(payees: FilePayees) -> None:
    payees.by_bank("Ada", "40.00 EUR")
    payees.by_bank("Ben", "59.99 EUR")
    run, file = payees.written()
    assert (file.state, file.problem) == (FileState.PREPARED, "")
    try_valid_xml(file.body.encode(), "pain.001.001.03")
    tree = ElementTree.fromstring(file.body)
    texts = [one.text for one in tree.iter() if one.tag.endswith("}InstdAmt")]
    assert sorted(texts) == ["40.00", "59.99"]
    assert file.message_id == f"{run.public_id.replace('_', '-')}-S1"
    assert file.total == Money.of("99.99 EUR")
    again = RAILS["sepa"].form.write(queries.batch_of(file, needs_payer=True))
    assert again == file.body  # written anew, as after a restore, it is the same file


def test_the_body_is_sealed_at_rest(payees: FilePayees) -> None:
    payees.by_bank("Ada", "40.00 EUR")
    _, file = payees.written()
    assert isinstance(file.__table__.c.body.type, Sealed)
    stored = db.session.execute(db.text("SELECT body FROM payment_files")).scalar_one()
    assert IBAN in file.body
    assert IBAN not in stored


def test_mistake_10_a_file_pays_nobody_only_its_confirmation_does(payees: FilePayees) -> None:
    ada = payees.by_bank("Ada", "40.00 EUR")
    run, file = payees.written()
    assert payees.of(run, ada).status is PayoutStatus.HANDED
    assert payees.balances(ada, "EUR") == {"payable": 0, "committed": 4000, "paid": 0}
    with unit_of_work():
        commands.note_downloaded(file.id, by=payees.finn.user_id)
        commands.mark_uploaded(file.id, by=payees.finn.user_id)
    assert payees.of(run, ada).status is PayoutStatus.HANDED
    paid(payees, payees.line(run, ada).id)
    paid(payees, payees.line(run, ada).id)  # told twice
    assert payees.of(run, ada).status is PayoutStatus.PAID
    assert payees.balances(ada, "EUR") == {"payable": 0, "committed": 0, "paid": 4000}
    assert payees.again(run).status is RunStatus.COMPLETED
    assert payees.files(run)[0].state is FileState.SETTLED
    jobs.finish_runs(RAILS, "test")
    assert payees.again(run).difference == Money.zero("EUR")
    assert violations.violations() == []
    assert queries.violations() == []


def test_r89_a_refused_line_is_payable_again_and_the_others_are_not(payees: FilePayees) -> None:
    ada, ben = payees.by_bank("Ada", "40.00 EUR"), payees.by_bank("Ben", "50.00 EUR")
    run, _ = payees.written()
    with unit_of_work():
        commands.line_failed(payees.line(run, ada).id, "AC04 closed account", by=None)
    paid(payees, payees.line(run, ben).id)
    assert payees.balances(ada, "EUR")["payable"] == 4000
    assert payees.of(run, ada).status is PayoutStatus.FAILED
    assert payees.again(run).status is RunStatus.COMPLETED_WITH_FAILURES


def test_mistake_9_what_comes_back_after_it_was_paid_is_not_paid(payees: FilePayees) -> None:
    ada = payees.by_bank("Ada", "40.00 EUR")
    run, _ = payees.written()
    paid(payees, payees.line(run, ada).id)
    with unit_of_work():
        commands.line_returned(payees.line(run, ada).id, "AC01", by=None)
    end_read()
    assert payees.of(run, ada).status is PayoutStatus.RETURNED
    assert payees.balances(ada, "EUR") == {"payable": 4000, "committed": 0, "paid": 0}
    jobs.finish_runs(RAILS, "test")
    assert payees.again(run).difference == Money.zero("EUR")


def test_r89_paypal_unclaimed_is_sent_not_paid_and_comes_back(payees: FilePayees) -> None:
    ada = payees.by_paypal("Ada", "40.00 USD")
    run, file = payees.written("USD")
    (row,) = csv.reader(io.StringIO(file.body))
    reference = payees.line(run, ada).reference
    assert row[:4] == ["ada@paypal.example", "40.00", "USD", reference]
    with unit_of_work():
        commands.line_unclaimed(payees.line(run, ada).id, "PP1", by=None)
    end_read()
    assert payees.of(run, ada).status is PayoutStatus.SENT
    clock.pass_days(29)
    with unit_of_work():
        assert payouts.assume_arrived(clock.now()) == 0  # PayPal itself says when it has arrived
    file_jobs.return_unclaimed()
    with pytest.raises(Conflict, match="still be claimed"), unit_of_work():
        commands.return_unclaimed(payees.line(run, ada).id)
    assert payees.of(run, ada).status is PayoutStatus.SENT
    clock.pass_days(1)
    file_jobs.return_unclaimed()
    file_jobs.return_unclaimed()  # twice is once
    end_read()
    assert payees.of(run, ada).status is PayoutStatus.RETURNED
    assert payees.balances(ada)["payable"] == 4000
    assert payees.line(run, ada).said == "Nobody claimed it at PayPal for 30 days"
    payees.world.settle()
    letters = db.session.query(Message).filter_by(letter="payout_returned").all()
    assert [one.recipient for one in letters] == ["ada@example.com"]
    with unit_of_work():  # its report comes later, and changes nothing
        commands.line_returned(payees.line(run, ada).id, "RETURNED", by=None)
    assert payees.balances(ada)["payable"] == 4000


def test_r88_a_retry_is_another_file_under_another_name(payees: FilePayees) -> None:
    ada = payees.by_bank("Ada", "40.00 EUR")
    run, first = payees.written()
    with unit_of_work():
        commands.give_up(first.id, "The bank refused it.", by=payees.faye.user_id)
    end_read()
    assert payees.of(run, ada).status is PayoutStatus.FAILED
    assert payees.balances(ada, "EUR")["payable"] == 4000
    with unit_of_work():
        payouts.retry_failed(run.id, by=payees.finn.user_id)
    payees.work()
    second = payees.files(run)[-1]
    assert (first.message_id[-2:], second.message_id[-2:]) == ("S1", "S2")
    assert payees.line(run, ada).attempt == 2
    assert second.body.count("<EndToEndId>") == 1
    paid(payees, payees.line(run, ada).id)
    assert payees.balances(ada, "EUR") == {"payable": 0, "committed": 0, "paid": 4000}
    with pytest.raises(Conflict, match="given up"), unit_of_work():
        commands.note_downloaded(first.id, by=payees.finn.user_id)


def test_r87_whoever_prepared_the_run_confirms_and_gives_up_nothing(payees: FilePayees) -> None:
    ada = payees.by_bank("Ada", "40.00 EUR")
    run, file = payees.written()
    line_id, finn = payees.line(run, ada).id, payees.finn.user_id
    for act in (
        lambda: commands.confirm_by_hand(line_id, "bank 7", by=finn),
        lambda: commands.refuse_by_hand(line_id, "came back", by=finn),
        lambda: commands.give_up(file.id, "never mind", by=finn),
    ):
        with pytest.raises(NotAllowed), unit_of_work():
            act()
    with pytest.raises(InvalidInput), unit_of_work():
        commands.confirm_by_hand(line_id, " ", by=payees.faye.user_id)
    with unit_of_work():
        commands.confirm_by_hand(line_id, "bank 7", by=payees.faye.user_id)
    end_read()
    assert db.session.get_one(PaymentLine, line_id).state is LineState.PAID


def test_without_the_payers_account_the_file_says_why_and_is_written_later(
    payees: FilePayees, world: World
) -> None:
    payees.by_bank("Ada", "40.00 EUR")
    with unit_of_work():
        paying.queries.kept(payees.brand.id).payer_iban = ""
    run, file = payees.written()
    assert file.state is FileState.NOT_WRITTEN
    assert "draw on is not set" in file.problem
    with pytest.raises(Conflict), unit_of_work():
        commands.mark_uploaded(file.id, by=payees.finn.user_id)
    with unit_of_work():
        paying.set_payer(payees.brand.id, "Glow GmbH", "DE02120300000000202051", by=None)
        commands.write_again(file.id, by=payees.finn.user_id)
    payees.work()
    assert payees.files(run)[0].state is FileState.PREPARED


def test_nothing_is_uploaded_that_nobody_downloaded(payees: FilePayees) -> None:
    payees.by_bank("Ada", "40.00 EUR")
    _, file = payees.written()
    with pytest.raises(Conflict, match="Nobody has downloaded"), unit_of_work():
        commands.mark_uploaded(file.id, by=payees.finn.user_id)


def test_r96_a_dollar_balance_leaves_in_euros_at_the_rate_of_the_day(payees: FilePayees) -> None:
    ada = payees.by_bank("Ada", "100.00 USD")
    blocked = payees.draft()
    assert payees.of(blocked, ada).blocked_reason == "currency"
    with unit_of_work():
        payouts.cancel(blocked.id, by=payees.finn.user_id)
        paying.enter_rate(payees.brand.id, "USD", "EUR", "0.9215",
                          clock.today("UTC"), "ECB", by=payees.finn.user_id)  # fmt: skip
    end_read()
    run, file = payees.written("USD")
    found = payees.of(run, ada)
    assert (found.amount, found.pays) == (Money.of("100.00 USD"), Money.of("92.15 EUR"))
    assert file.total == Money.of("92.15 EUR")
    paid(payees, payees.line(run, ada).id)
    assert payees.balances(ada) == {"payable": 0, "committed": 0, "paid": 10000}
    assert books.balance(accounts.EXCHANGE, "USD") == Money.of("100.00 USD")
    assert books.balance(accounts.EXCHANGE, "EUR") == Money.of("-92.15 EUR")
    assert books.balance(accounts.PAID_OUT, "EUR") == Money.of("92.15 EUR")
    jobs.finish_runs(RAILS, "test")
    assert payees.again(run).difference == Money.zero("USD")
    with unit_of_work():  # another rate since: what comes back uses the one it left with
        paying.enter_rate(payees.brand.id, "USD", "EUR", "0.5", clock.today("UTC"), "ECB", by=None)
        commands.line_returned(payees.line(run, ada).id, "AC04", by=None)
    assert payees.balances(ada) == {"payable": 10000, "committed": 0, "paid": 0}
    assert books.balance(accounts.EXCHANGE, "EUR") == Money.zero("EUR")
    assert books.violations() == []
    assert violations.violations() == []


@pytest.mark.parametrize("bearer", list(FeeBearer))
def test_r93_a_fee_is_borne_by_whom_the_terms_say(payees: FilePayees, bearer: FeeBearer) -> None:
    with unit_of_work():
        paying.set_ways(payees.brand.id, ["paypal"], by=None, fees={"paypal": 290},
                        fee_bearer=bearer)  # fmt: skip
    ada = payees.by_paypal("Ada", "100.00 USD")
    run, file = payees.written("USD")
    is_hers = bearer is FeeBearer.CREATOR
    assert file.total == Money.of("97.10 USD" if is_hers else "100.00 USD")
    paid(payees, payees.line(run, ada).id)
    assert payees.balances(ada)["paid"] == 10000
    assert books.balance(accounts.RAIL_FEES, "USD") == Money.of("2.90 USD")
    borne = books.balance(accounts.fees(payees.brand.id), "USD")
    assert borne == (Money.zero("USD") if is_hers else Money.of("-2.90 USD"))
    jobs.finish_runs(RAILS, "test")
    assert payees.again(run).difference == Money.zero("USD")
    with unit_of_work():  # it comes back: all but the fee that was taken from her is hers again
        commands.line_returned(payees.line(run, ada).id, "Closed", by=None)
    assert payees.balances(ada)["payable"] == (9710 if is_hers else 10000)
    assert [*violations.violations(), *violations.untaxed()] == []
    assert books.violations() == []


def test_r94_store_credit_is_issued_with_its_uplift_and_no_money_moves(
    payees: FilePayees,
) -> None:
    from portal.destinations import commands as destinations

    with unit_of_work():
        paying.set_ways(payees.brand.id, ["credit"], by=None, uplift_bp=1000)
    ada = payees.creator("Ada", "")
    with unit_of_work():
        destinations.take_credit(ada.id, by=None)
    payees.owes(ada, "100.00 USD")
    run = payees.approved()
    payees.work()
    assert payees.of(run, ada).pays == Money.of("110.00 USD")
    counted = tax.year_totals(payees.brand.id, clock.now().year)[(ada.id, "USD")].counted
    assert counted == Money.of("110.00 USD")  # compensation at what it buys (R100)
    assert payees.balances(ada)["paid"] == 10000
    assert books.balance(accounts.store_credit(payees.brand.id), "USD") == Money.of("110.00 USD")
    assert books.balance(accounts.uplift(payees.brand.id), "USD") == Money.of("-10.00 USD")
    assert books.balance(accounts.PAID_OUT, "USD") == Money.zero("USD")
    jobs.finish_runs(RAILS, "test")
    assert payees.again(run).difference == Money.zero("USD")


def test_mistake_18_an_account_changed_after_the_approval_is_skipped(payees: FilePayees) -> None:
    from portal.destinations import commands as destinations

    ada = payees.by_bank("Ada", "40.00 EUR")
    run = payees.approved(currency="EUR")
    with unit_of_work():
        destinations.name_account(ada.id, ada_rail(), IBANS["Ben"], "Ada Example", by=None)
    payees.work()
    assert payees.of(run, ada).refusal_code == "destination_changed"
    assert payees.files(run) == []


def test_R96_what_would_arrive_as_nothing_is_no_payout_of_a_file(payees: FilePayees) -> None:
    with unit_of_work():
        programs.set_minimum(payees.brand.id, Money.of("0.00 USD"), by=None)
        paying.enter_rate(payees.brand.id, "USD", "EUR", "0.4", clock.today("UTC"), "ECB", by=None)
    ada, ben = payees.by_bank("Ada", "0.01 USD"), payees.by_bank("Ben", "10.00 USD")
    run = payees.draft()
    assert payees.of(run, ada).blocked_reason == "currency"
    assert payees.of(run, ben).pays == Money.of("4.00 EUR")


def ada_rail() -> object:
    from portal.creators.models import Rail

    return Rail.SEPA


def test_r87_above_the_limit_a_second_approver_is_needed(payees: FilePayees, world: World) -> None:
    payees.by_bank("Ada", "40.00 EUR")
    with unit_of_work():
        paying.set_limit(payees.brand.id, Money.of("39.99 EUR"), by=None)
    run = payees.submitted(currency="EUR")
    gil = world.member("Gil", "finance.approver", brand=payees.brand)
    with unit_of_work():
        payouts.approve_run(run.id, run.control_hash, by=payees.faye.user_id)
    assert payees.again(run).status is RunStatus.AWAITING_APPROVAL
    for limit in ("39.99 EUR", "9999.00 EUR"):  # raising it makes her no second person
        with unit_of_work():
            paying.set_limit(payees.brand.id, Money.of(limit), by=payees.faye.user_id)
        with pytest.raises(NotAllowed, match="second person"), unit_of_work():
            payouts.approve_run(run.id, run.control_hash, by=payees.faye.user_id)
    with unit_of_work():
        payouts.approve_run(run.id, run.control_hash, by=gil.user_id)
    assert payees.again(run).status is RunStatus.APPROVED


def test_r87_where_another_currency_has_a_limit_every_run_needs_two(
    payees: FilePayees, world: World
) -> None:
    payees.by_bank("Ada", "40.00 EUR")
    with unit_of_work():
        paying.set_limit(payees.brand.id, Money.of("1000.00 USD"), by=None)
    run = payees.submitted(currency="EUR")
    gil = world.member("Gil", "finance.approver", brand=payees.brand)
    page = world.faye.opens(f"/finance/glow/runs/{run.public_id}/approve")
    page.sees("Every run in EUR: two people approve it, one after the other.")
    with unit_of_work():
        payouts.approve_run(run.id, run.control_hash, by=payees.faye.user_id)
    assert payees.again(run).status is RunStatus.AWAITING_APPROVAL
    page = world.faye.opens(f"/finance/glow/runs/{run.public_id}/approve")
    page.sees("Every run in EUR needs two approvals, so somebody else approves it as well.")
    with unit_of_work():
        payouts.approve_run(run.id, run.control_hash, by=gil.user_id)
    assert payees.again(run).status is RunStatus.APPROVED
    page = world.faye.opens("/finance/glow/paying")
    page.sees("In every other currency each run needs a second approver.")
