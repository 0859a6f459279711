"""Self-billed invoices: agreed to, numbered without a gap, their VAT payable and in the books."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from portal.adjustments import commands as adjustments
from portal.commissions import commands as selling
from portal.commissions import jobs as maturing
from portal.commissions import queries as earnings
from portal.invoices import commands, jobs, queries
from portal.invoices.models import Invoice, InvoiceSeries, VatCase
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.ledger import queries as books
from portal.statements import jobs as statements
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador
from tests.support.queries import counted

GERMAN = {"legal_name": "Glow GmbH", "address": "Weg 1\n10115 Berlin", "country": "DE",
          "vat_number": "DE136695976"}  # fmt: skip
HERS = {"legal_name": "Ada Example", "address": "Gasse 2\n20095 Hamburg", "country": "DE",
        "vat_number": "DE811569869"}  # fmt: skip


@pytest.fixture
def finn(world):
    return world.finn.user_id


@pytest.fixture
def agreed(world, ada, finn):
    """Glow writes invoices since March, and Ada agreed."""
    with unit_of_work():
        commands.save_issuer(world.glow.id, GERMAN, vat_rate_bp=1900, writes=True, by=finn)
        commands.save_supplier(ada.creator_id, HERS, by=finn)
        commands.agree(ada.creator_id, world.glow.id, by=finn)
    return ada


def payable(brand, creator_id, minor, reference, currency="EUR", reason="commission matured"):
    path = accounts.expense(brand.id), accounts.payable(brand.id, creator_id)
    with unit_of_work():
        ledger.post(
            reason, reference, [(*(path if minor > 0 else path[::-1]), Money(abs(minor), currency))]
        )


def written(brand):
    statements.publish_due()
    jobs.write_due()
    rows = db.session.query(Invoice).filter_by(brand_id=brand.id).order_by(Invoice.id)
    return [(one.month, one.number, one.net_minor, one.vat_minor, one.vat_case) for one in rows]


def owed(brand, creator_id):
    db.session.expire_all()
    return books.balances_of(brand.id, creator_id, "EUR").payable


def test_R107_vat_is_paid_on_top_of_what_was_earned(world, agreed):
    payable(world.glow, agreed.creator_id, 10_000, "t:1")
    with clock.at("2026-04-02T09:00:00+00:00"):
        assert written(world.glow) == [("2026-03", 1, 10_000, 1_900, VatCase.DOMESTIC)]
        assert written(world.glow) == [("2026-03", 1, 10_000, 1_900, VatCase.DOMESTIC)]
        assert owed(world.glow, agreed.creator_id) == Money.of("119.00 EUR")
        assert (queries.violations(), books.violations()) == ([], [])


def test_R108_a_month_below_zero_is_a_credit_note_in_the_same_series(world, agreed):
    payable(world.glow, agreed.creator_id, 10_000, "t:1")
    with clock.at("2026-04-10T09:00:00+00:00"):
        payable(world.glow, agreed.creator_id, -10_000, "t:2", reason="commission reversed")
    with clock.at("2026-05-02T09:00:00+00:00"):
        assert [row[:4] for row in written(world.glow)] == [
            ("2026-03", 1, 10_000, 1_900), ("2026-04", 2, -10_000, -1_900),
        ]  # fmt: skip
        assert owed(world.glow, agreed.creator_id) == Money.of("0.00 EUR")
        assert [one.title for one in db.session.query(Invoice).order_by(Invoice.number)] == [
            "Invoice 1", "Credit note 2",
        ]  # fmt: skip
        assert (queries.violations(), books.violations()) == ([], [])


def test_R108_a_credit_note_carries_the_rate_of_the_invoice_it_credits(world, agreed, finn):
    payable(world.glow, agreed.creator_id, 10_000, "t:1")
    with clock.at("2026-04-10T09:00:00+00:00"):
        written(world.glow)
        with unit_of_work():
            commands.save_issuer(world.glow.id, GERMAN, vat_rate_bp=2100, writes=True, by=finn)
        payable(world.glow, agreed.creator_id, 5_000, "t:2")
    with clock.at("2026-05-10T09:00:00+00:00"):
        written(world.glow)
        payable(world.glow, agreed.creator_id, -7_000, "t:3", reason="commission reversed")
    with clock.at("2026-06-10T09:00:00+00:00"):
        written(world.glow)
        with unit_of_work():
            commands.save_supplier(agreed.creator_id, {**HERS, "vat_number": ""}, by=finn)
        payable(world.glow, agreed.creator_id, -8_500, "t:4", reason="commission reversed")
    with clock.at("2026-07-02T09:00:00+00:00"):
        assert [row[:4] for row in written(world.glow)] == [
            ("2026-03", 1, 10_000, 1_900), ("2026-04", 2, 5_000, 1_050),
            ("2026-05", 3, -7_000, -1_430),  # 50.00 at 21 %, 20.00 at 19 %
            ("2026-06", 4, -8_500, -1_520),  # 80.00 at 19 %, and 5.00 that was never billed
        ]  # fmt: skip
        third = db.session.query(Invoice).filter_by(number=3).one()
        assert [(one["number"], one["net"], one["rate_bp"]) for one in third.credits] == [
            (2, 5_000, 2_100), (1, 2_000, 1_900),
        ]  # fmt: skip
        fourth = db.session.query(Invoice).filter_by(number=4).one()
        assert (fourth.vat_case, fourth.vat_rate_bp) == (VatCase.DOMESTIC, 1_900)
        assert (queries.violations(), books.violations()) == ([], [])
        page = world.finn.opens(f"/finance/glow/invoices/{third.public_id}")
        page.sees("21% and 19%", "Credits €50.00 of invoice 2", "of invoice 1")


def test_what_is_paid_out_is_on_no_invoice(world, agreed):
    payable(world.glow, agreed.creator_id, 10_000, "t:1")
    with unit_of_work():
        own = world.glow.id, agreed.creator_id
        move = (accounts.payable(*own), accounts.committed(*own), Money(4_000, "EUR"))
        ledger.post("payout reserved", "payout:1:1:reserved", [move])
    with clock.at("2026-04-02T09:00:00+00:00"):
        assert [row[2] for row in written(world.glow)] == [10_000]


def test_a_debt_that_is_given_up_is_on_no_invoice_and_earns_no_vat(world, agreed):
    payable(world.glow, agreed.creator_id, 10_000, "t:1")
    payable(world.glow, agreed.creator_id, -15_000, "t:2", reason="commission reversed")
    finn, faye, own = world.finn.user_id, world.faye.user_id, (world.glow.id, agreed.creator_id)
    with clock.at("2026-04-02T09:00:00+00:00"):
        written(world.glow)
        with unit_of_work():
            given_up = adjustments.write_off(*own, "EUR", "She left.", by=finn)
            adjustments.approve(given_up.id, by=faye)
        assert owed(world.glow, agreed.creator_id) == Money.of("0.00 EUR")
    with clock.at("2026-05-02T09:00:00+00:00"):
        assert [row[:3] for row in written(world.glow)] == [("2026-03", 1, -5_000)]
        assert owed(world.glow, agreed.creator_id) == Money.of("0.00 EUR")


def test_the_vat_of_a_month_is_booked_at_once_whoever_and_whatever_it_is_for(
    world, agreed, ben, finn
):
    with unit_of_work():
        commands.save_supplier(ben.creator_id, HERS, by=finn)
        commands.agree(ben.creator_id, world.glow.id, by=finn)
    for number, creator_id in enumerate((agreed.creator_id, ben.creator_id)):
        for code in ("EUR", "JPY", "KWD"):
            payable(world.glow, creator_id, 1_005, f"t:{number}:{code}", currency=code)
    with clock.at("2026-04-02T09:00:00+00:00"):
        statements.publish_due()
        with counted() as asked:
            rows = written(world.glow)
        assert [row[1:4] for row in rows] == [(n, 1_005, 191) for n in (1, 2, 3)] * 2
        assert sum("INSERT INTO ledger_journals" in one for one in asked.statements) == 1
        assert (queries.violations(), books.violations()) == ([], [])


def test_R106_without_agreement_nothing_is_written_and_the_money_stays_payable(
    world, agreed, ben, finn
):
    payable(world.glow, ben.creator_id, 10_000, "t:1")
    with unit_of_work():
        commands.stop(agreed.creator_id, world.glow.id, by=finn)
    payable(world.glow, agreed.creator_id, 10_000, "t:2")
    with clock.at("2026-04-02T09:00:00+00:00"):
        assert written(world.glow) == []
        assert owed(world.glow, agreed.creator_id) == Money.of("100.00 EUR")


def test_R106_an_agreement_that_ran_out_blocks_invoices_not_payment(world, agreed, finn):
    with clock.at("2027-03-20T09:00:00+00:00"):
        payable(world.glow, agreed.creator_id, 10_000, "t:1")
    with clock.at("2027-04-02T09:00:00+00:00"):
        assert written(world.glow) == []
        with unit_of_work():
            commands.agree(agreed.creator_id, world.glow.id, by=finn)
        payable(world.glow, agreed.creator_id, 5_000, "t:2")
    with clock.at("2027-05-02T09:00:00+00:00"):
        assert [row[:3] for row in written(world.glow)] == [("2027-04", 1, 5_000)]


def test_R106_whoever_agrees_after_a_month_gets_no_invoice_for_it(world, agreed, ben, finn):
    payable(world.glow, ben.creator_id, 10_000, "t:1")
    with clock.at("2026-04-01T09:00:00+00:00"):
        with unit_of_work():
            commands.save_supplier(ben.creator_id, HERS, by=finn)
            commands.agree(ben.creator_id, world.glow.id, by=finn)
        payable(world.glow, ben.creator_id, 5_000, "t:2")
    with clock.at("2026-05-02T09:00:00+00:00"):
        assert [row[:3] for row in written(world.glow)] == [("2026-04", 1, 5_000)]


@pytest.mark.parametrize("then", [commands.agree, commands.stop])
def test_R106_renewing_or_stopping_later_leaves_the_month_before_as_agreed(
    world, agreed, finn, then
):
    payable(world.glow, agreed.creator_id, 10_000, "t:1")
    with clock.at("2026-04-01T09:00:00+00:00"):
        with unit_of_work():
            then(agreed.creator_id, world.glow.id, by=finn)
        assert [row[:3] for row in written(world.glow)] == [("2026-03", 1, 10_000)]


def test_R106_de_registering_takes_the_vat_off_the_next_invoice(world, agreed, finn):
    payable(world.glow, agreed.creator_id, 10_000, "t:1")
    with unit_of_work():
        commands.save_supplier(agreed.creator_id, {**HERS, "vat_number": ""}, by=finn)
    with clock.at("2026-04-02T09:00:00+00:00"):
        assert written(world.glow) == [("2026-03", 1, 10_000, 0, VatCase.UNREGISTERED)]


def test_an_invoice_keeps_what_stood_on_it(world, agreed, finn):
    payable(world.glow, agreed.creator_id, 10_000, "t:1")
    with clock.at("2026-04-02T09:00:00+00:00"):
        written(world.glow)
        with unit_of_work():
            commands.save_supplier(agreed.creator_id, {**HERS, "legal_name": "New name"}, by=finn)
        assert db.session.query(Invoice).one().parties["supplier"]["legal_name"] == "Ada Example"


def test_a_brand_that_writes_none_cannot_be_agreed_with(world, ada, finn):
    with unit_of_work():
        commands.save_supplier(ada.creator_id, HERS, by=finn)
    with unit_of_work(), pytest.raises(Conflict, match="writes no invoices"):
        commands.agree(ada.creator_id, world.glow.id, by=finn)


def test_months_before_the_brand_began_are_left_alone(world, ada, finn):
    payable(world.glow, ada.creator_id, 10_000, "t:1")
    with clock.at("2026-05-02T09:00:00+00:00"):
        with unit_of_work():
            commands.save_issuer(world.glow.id, GERMAN, vat_rate_bp=1900, writes=True, by=finn)
            commands.save_supplier(ada.creator_id, HERS, by=finn)
            commands.agree(ada.creator_id, world.glow.id, by=finn)
        assert written(world.glow) == []


def test_R108_numbers_have_no_gap_when_many_are_given_out_at_once(app, world, agreed):
    brand_id, creator_id = world.glow.id, agreed.creator_id

    def numbered(_):
        with app.app_context(), unit_of_work():
            return commands._next_number(brand_id, creator_id)

    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(pool.map(numbered, range(20)))
    assert numbers == list(range(1, 21))
    assert db.session.query(InvoiceSeries).one().last_number == 20


def test_a_month_is_written_when_it_is_over_however_late(world, agreed):
    payable(world.glow, agreed.creator_id, 10_000, "t:1")
    with clock.at("2026-03-31T21:00:00+00:00"):
        assert written(world.glow) == []
    with clock.at(clock.now() + timedelta(days=400)):
        assert [row[0] for row in written(world.glow)] == ["2026-03"]


# ---- what is taken back belongs to the month that billed it
@pytest.fixture
def bea(world, agreed, finn):
    """Her sales are payable at once, and she agreed."""
    program = a_program(world.glow, slug="at-once", terms={"rate_bp": 1_000, "hold_days": 0})
    made = an_ambassador(program, "Bea")
    with unit_of_work():
        commands.save_supplier(made.creator_id, HERS, by=finn)
        commands.agree(made.creator_id, world.glow.id, by=finn)
    return made


def sold(shop, number):
    order_id = shop.sells("1000.00 EUR", "BEA15", number=number)
    maturing.mature_due()
    db.session.remove()
    return earnings.of_order(order_id)


def billed(brand):
    return [row[:4] for row in written(brand)]


MARCH = ("2026-03", 1, 10_000, 1_900)


def test_R106_what_we_billed_is_credited_after_the_agreement_ended(world, bea, shop, finn):
    sold(shop, "1")
    with clock.at("2026-04-10T09:00:00+00:00"):
        assert billed(world.glow) == [MARCH]
        with unit_of_work():
            commands.stop(bea.creator_id, world.glow.id, by=finn)
        sold(shop, "2")  # which she bills herself
        shop.refunds("1", "1000.00 EUR")
    with clock.at("2026-05-02T09:00:00+00:00"):
        assert billed(world.glow) == [MARCH, ("2026-04", 2, -10_000, -1_900)]
        assert owed(world.glow, bea.creator_id) == Money.of("100.00 EUR")
        assert (queries.violations(), books.violations()) == ([], [])


def test_R106_R108_what_she_billed_herself_takes_no_vat_of_ours(world, bea, shop, finn):
    sold(shop, "1")
    with clock.at("2026-04-10T09:00:00+00:00"):
        written(world.glow)
        with unit_of_work():
            commands.stop(bea.creator_id, world.glow.id, by=finn)
        sold(shop, "2")
    with clock.at("2026-05-10T09:00:00+00:00"):
        written(world.glow)
        with unit_of_work():
            commands.agree(bea.creator_id, world.glow.id, by=finn)
        shop.refunds("2", "1000.00 EUR")
    with clock.at("2026-06-02T09:00:00+00:00"):
        assert billed(world.glow) == [MARCH]
        assert owed(world.glow, bea.creator_id) == Money.of("119.00 EUR")
        assert (queries.violations(), books.violations()) == ([], [])


@pytest.mark.parametrize("ends", ["released", "taken back"])
def test_R107_what_is_only_held_is_no_credit_note(world, bea, shop, finn, ends):
    earned = sold(shop, "1")
    with clock.at("2026-04-10T09:00:00+00:00"):
        written(world.glow)
        with unit_of_work():
            selling.hold(earned.id, "Somebody looks at it.", by=finn)
    with clock.at("2026-05-10T09:00:00+00:00"):
        assert billed(world.glow) == [MARCH]
        if ends == "released":
            with unit_of_work():
                selling.release(earned.id, by=finn)
        else:
            shop.refunds("1", "1000.00 EUR")
    with clock.at("2026-06-02T09:00:00+00:00"):
        more = [] if ends == "released" else [("2026-05", 2, -10_000, -1_900)]
        assert billed(world.glow) == [MARCH, *more]
        assert owed(world.glow, bea.creator_id) == Money(0 if more else 11_900, "EUR")
