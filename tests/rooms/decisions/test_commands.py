"""A person decides about an order: credited, declined, put forward, taken back."""

import pytest
from sqlalchemy import select

from portal.attribution import commands as attribution
from portal.attribution import queries as credit
from portal.attribution import rule_commands
from portal.attribution.models import Outcome, Reason
from portal.commissions import queries as commissions
from portal.commissions.models import Commission, CommissionStatus
from portal.decisions import commands, queries
from portal.decisions.models import ProposalStatus
from portal.decisions.rules import DeclineReason
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from portal.kernel.money import Money
from portal.ledger import queries as ledger
from portal.notifications.models import Message
from portal.programs import commands as programs
from portal.programs.rate_rules import Asks, Basis, Condition, RateRule, RateTable
from portal.sales import queries as sales
from portal.sales.rules import BuyerClues
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, settle


@pytest.fixture(autouse=True)
def staff(world):
    """Nobody is hired in the middle of a decision."""
    return world.mona.user_id, world.owen.user_id, world.faye.user_id


@pytest.fixture
def twice(world, shop, ada):
    """An order that two shops told of: the second report waits."""
    shop.sells("10.00 USD", "ADA15", number="55")
    return Shop(world.glow).sells("10.00 USD", "ADA15", number="55")


def set_rules(world, **more):
    kept = {"ask_above": None, "finance_above": None, "asks_likeness": False, **more}
    with unit_of_work():
        rule_commands.set_rules(world.glow.id, by=world.owen.user_id, **kept)


def decided(order_id):
    found = credit.of_order(order_id)
    return found.outcome, found.reason


def earned(order_id):
    rows = db.session.scalars(
        select(Commission).where(Commission.order_id == order_id).order_by(Commission.id)
    )
    return [(row.ambassador_id, str(row.net), row.status) for row in rows]


def in_order():
    assert credit.violations() == commissions.violations() == ledger.violations() == []


def test_what_waits_is_credited_with_a_reason_and_earns(world, ada, twice):
    order = sales.by_id(twice)
    (only,) = queries.candidates(order, credit.of_order(twice))
    assert (only.name, str(only.worth.amount), len(only.parts)) == ("Ada Example", "1.00 USD", 1)
    assert queries.twin_of(order).creator_name == "Ada Example"
    with unit_of_work():
        assert commands.credit(twice, ada.id, "Two orders.", by=world.mona.user_id) is None
    settle()
    assert decided(twice) == (Outcome.CREDITED, Reason.CREDITED_BY_HAND)
    assert earned(twice) == [(ada.id, "1.00 USD", CommissionStatus.PENDING)]
    in_order()


def test_R62_declined_with_words_that_the_creator_reads(world, ada, twice):
    with unit_of_work():
        commands.decline(twice, DeclineReason.DUPLICATE, "See #55.", by=world.mona.user_id)
    settle()
    assert decided(twice) == (Outcome.NOT_CREDITED, Reason.DECLINED_BY_HAND)
    assert credit.of_order(twice).note == "The same order was counted already. See #55."
    mail = db.session.scalar(select(Message).where(Message.letter == "order_declined"))
    assert mail.recipient == "ada@example.com"
    assert "The same order was counted already. See #55." in mail.text
    in_order()


def test_the_shop_changes_nothing_once_a_person_declined(world, ada, twice):
    with unit_of_work():
        commands.decline(twice, DeclineReason.DUPLICATE, "", by=world.mona.user_id)
        attribution.attribute_order(twice)
    assert decided(twice) == (Outcome.NOT_CREDITED, Reason.DECLINED_BY_HAND)
    with pytest.raises(Conflict, match="does not wait"), unit_of_work():
        commands.decline(twice, DeclineReason.DUPLICATE, "", by=world.mona.user_id)


def test_a_decision_is_taken_back_and_judged_again(world, ada, twice):
    for act in (
        lambda: commands.credit(twice, ada.id, "Hers.", by=world.mona.user_id),
        lambda: commands.decline(twice, DeclineReason.DUPLICATE, "", by=world.mona.user_id),
    ):
        with unit_of_work():
            act()
        settle()
        with unit_of_work():
            commands.undo(twice, by=world.mona.user_id)
        settle()
        assert decided(twice) == (Outcome.NEEDS_DECISION, Reason.DUPLICATE)
    assert earned(twice) == [(ada.id, "0.00 USD", CommissionStatus.VOID)]
    assert credit.of_order(twice).version == 5
    in_order()
    with pytest.raises(Conflict, match="by hand"), unit_of_work():
        commands.undo(twice, by=world.mona.user_id)


def test_what_is_payable_keeps_its_credit(world, ada, ben, shop):
    order_id = shop.sells("10.00 USD", "ADA15")
    db.session.execute(Commission.__table__.update().values(status=CommissionStatus.PAYABLE.value))
    db.session.commit()
    with pytest.raises(Conflict, match="payable"), unit_of_work():
        commands.credit(order_id, ben.id, "Hers.", by=world.mona.user_id)


def test_another_is_credited_before_it_is_payable(world, shop, ada, ben):
    order_id = shop.sells("10.00 USD", "ADA15")
    with unit_of_work():
        commands.credit(order_id, ben.id, "His post.", by=world.mona.user_id)
    settle()
    assert earned(order_id) == [
        (ada.id, "0.00 USD", CommissionStatus.VOID), (ben.id, "1.00 USD", CommissionStatus.PENDING),
    ]  # fmt: skip
    with unit_of_work():
        commands.undo(order_id, by=world.mona.user_id)
    settle()
    assert decided(order_id) == (Outcome.CREDITED, Reason.CODE_TYPED)
    assert [row[:2] for row in earned(order_id) if row[1] != "0.00 USD"] == [(ada.id, "1.00 USD")]
    in_order()


def test_above_the_limit_an_order_waits_for_a_person(world, ada, shop):
    set_rules(world, ask_above=Money.of("50.00 USD"))
    assert decided(shop.sells("50.00 USD", "ADA15")) == (Outcome.CREDITED, Reason.CODE_TYPED)
    large = shop.sells("50.01 USD", "ADA15")
    assert decided(large) == (Outcome.NEEDS_DECISION, Reason.ABOVE_LIMIT)
    assert earned(large) == []
    nobody = shop.sells("90.00 USD")
    assert decided(nobody) == (Outcome.NOT_CREDITED, Reason.NO_CODE_NO_CLICK)
    in_order()


def test_R51_a_likeness_waits_only_where_the_brand_asks_for_it(world, ada, shop):
    clues = BuyerClues(surname="Example")
    assert decided(shop.sells("9.00 USD", "ADA15", clues=clues))[0] is Outcome.CREDITED
    set_rules(world, asks_likeness=True)
    waits = shop.sells("9.00 USD", "ADA15", clues=clues)
    assert decided(waits) == (Outcome.NEEDS_DECISION, Reason.BUYER_ALIKE)
    in_order()


def test_finance_agrees_above_its_limit(world, ada, twice):
    set_rules(world, finance_above=Money.of("0.99 USD"))
    with unit_of_work():
        waits = commands.credit(twice, ada.id, "Hers.", by=world.mona.user_id)
        name = waits.id
    settle()
    assert decided(twice)[0] is Outcome.NEEDS_DECISION
    assert queries.next_waiting(world.glow.id) is None
    with pytest.raises(Conflict, match="waits for finance"), unit_of_work():
        commands.credit(twice, ada.id, "Hers.", by=world.mona.user_id)
    with pytest.raises(NotAllowed, match="yourself"), unit_of_work():
        commands.agree(name, by=world.mona.user_id)
    with unit_of_work():
        commands.agree(name, by=world.faye.user_id)
    settle()
    assert decided(twice)[0] is Outcome.CREDITED
    with pytest.raises(Conflict, match="agreed to"), unit_of_work():
        commands.refuse(name, "Late.", by=world.faye.user_id)
    in_order()


def test_finance_refuses_and_a_manager_takes_it_back(world, ada, twice):
    set_rules(world, finance_above=Money.of("0.99 USD"))
    with unit_of_work():
        name = commands.credit(twice, ada.id, "Hers.", by=world.mona.user_id).id
    settle()
    assert db.session.scalar(select(Message).where(Message.letter == "order_put_forward"))
    with pytest.raises(InvalidInput), unit_of_work():
        commands.refuse(name, " ", by=world.faye.user_id)
    with unit_of_work():
        commands.refuse(name, "Counted twice.", by=world.faye.user_id)
    assert queries.next_waiting(world.glow.id).id == twice
    with unit_of_work():
        commands.credit(twice, ada.id, "Hers indeed.", by=world.mona.user_id)
        commands.undo(twice, by=world.mona.user_id)
    assert queries.proposal_of(twice).status is ProposalStatus.WITHDRAWN


def test_nobody_of_another_brand_and_no_test_order(world, ada, shop, twice):
    stranger = an_ambassador(a_program(world.rival, slug="rival"), "Zoe")
    with pytest.raises(NotFound), unit_of_work():
        commands.credit(twice, stranger.id, "Hers.", by=world.mona.user_id)
    tried = shop.sells("9.00 USD", "ADA15", is_test=True)
    with pytest.raises(Conflict, match="test"), unit_of_work():
        commands.credit(tried, ada.id, "Hers.", by=world.mona.user_id)
    with pytest.raises(InvalidInput, match="Say why"), unit_of_work():
        commands.credit(twice, ada.id, " ", by=world.mona.user_id)


def test_somebody_is_found_by_code_or_handle(world, ada):
    assert queries.ambassador_named(world.glow.id, "ada15") == ada.id
    with pytest.raises(InvalidInput, match="No ambassador"):
        queries.ambassador_named(world.glow.id, "@nobody")


def test_another_currency_than_the_limits_asks_finance_too(world, ada, shop):
    set_rules(world, finance_above=Money.of("500.00 USD"))
    shop.sells("10.00 EUR", "ADA15", number="55")
    twin = Shop(world.glow).sells("10.00 EUR", "ADA15", number="55")
    with unit_of_work():
        assert commands.credit(twin, ada.id, "Hers.", by=world.mona.user_id) is not None


def test_what_finance_agreed_to_is_not_exceeded(world, ada, shop):
    set_rules(world, finance_above=Money.of("0.99 USD"), ask_above=Money.of("5.00 USD"))
    order_id = shop.sells("10.00 USD", "ADA15", number="77")
    with unit_of_work():
        name = commands.credit(order_id, ada.id, "Hers.", by=world.mona.user_id).id
    clock.pass_days(1)
    shop.sells("90.00 USD", "ADA15", number="77", placed_at=sales.by_id(order_id).placed_at)
    assert str(sales.by_id(order_id).base) == "90.00 USD"
    with pytest.raises(Conflict, match=r"\$9\.00 now"), unit_of_work():
        commands.agree(name, by=world.faye.user_id)
    with unit_of_work():
        commands.refuse(name, "It has grown.", by=world.faye.user_id)
    assert queries.next_waiting(world.glow.id).id == order_id


def test_it_earns_what_was_shown_where_rates_ask_about_the_customer(world, shop, ada):
    asks = Condition(Asks.CUSTOMER, ("new",))
    table = RateTable(rules=(RateRule(1, Basis.PERCENT, 5_000, conditions=(asks,)),))
    with unit_of_work():
        programs.publish_terms(ada.program_id, rate_bp=1_000, by=None, rates=table)
    clock.pass_days(1)
    shop.sells("10.00 USD", "ADA15", number="55")
    twin = Shop(world.glow).sells("10.00 USD", "ADA15", number="55", customer_id="c1")
    shown = queries.worth(sales.by_id(twin), ada.id).amount
    with unit_of_work():
        commands.credit(twin, ada.id, "Two orders.", by=world.mona.user_id)
    assert earned(twin) == [(ada.id, str(shown), CommissionStatus.PENDING)]
    assert str(shown) == "5.00 USD"
