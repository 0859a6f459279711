"""R83, R86, R92, R97–R103: a payout from the gate to the year's total, through real runs."""

from datetime import date

import pytest

from portal.creators import commands as creators
from portal.creators import queries as creator_queries
from portal.creators.models import Rail
from portal.destinations import commands as destinations
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.payouts import commands as payouts
from portal.payouts import jobs, line_sets, sending, starting, violations
from portal.payouts.models import BlockedReason, PayoutStatus
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tax import commands, entry_commands, queries
from portal.tax.models import Asks, EntryKind, FormKind, OnMissing, Reportable, TaxEntry
from portal.tax.rules import Payee, Stop
from tests.support.queries import counted


def usd(text):
    return Money.of(f"{text} USD")


def year(payees, creator, wanted=2026):
    end_read()
    return queries.year_totals(payees.brand.id, wanted).get((creator.id, "USD"))


def entries(payees, creator):
    end_read()
    return queries.entries_of(payees.brand.id, creator.id, 2026)


def test_R83_a_missing_form_blocks_the_payout_and_not_the_earning(payees, papers):
    ada, ben = payees.owed("Ada", "2000.00 USD"), payees.owed("Ben", "1999.99 USD")
    run = payees.draft()
    assert payees.of(run, ada).blocked_reason is BlockedReason.TAX_FORM
    assert payees.of(run, ben).status is PayoutStatus.READY
    assert payees.balances(ada)["payable"] == 200_000
    papers.w9(ada)
    with unit_of_work():
        payouts.calculate(run.id, by=payees.finn.user_id)
    assert payees.of(run, ada).status is PayoutStatus.READY


def test_R97_an_earlier_payment_of_the_year_counts_toward_the_threshold(payees):
    ada = payees.owed("Ada", "1500.00 USD")
    payees.approved()
    payees.work()
    assert year(payees, ada).counted == usd("1500.00")
    payees.owes(ada, "499.99 USD")
    assert payees.of(payees.draft(label="April 2026"), ada).status is PayoutStatus.READY
    payees.owes(ada, "0.01 USD")
    gate = queries.gate(payees.brand.id, [Payee(ada.id, usd("500.00"))])
    assert gate[ada.id].stop is Stop.FORM


def test_R97_what_was_earned_in_december_and_paid_in_january_is_next_years(payees):
    with clock.at("2025-12-20T12:00Z"):
        ada = payees.owed("Ada", "80.00 USD")
    with clock.at("2026-01-05T15:00Z"):
        payees.approved()
        payees.work()
    assert year(payees, ada, 2025) is None
    assert year(payees, ada, 2026).paid == usd("80.00")


def test_R97_the_day_is_that_of_the_brands_zone(payees):
    ada = payees.creator("Ada")
    for source, at in (("a", "2026-01-01T04:59Z"), ("b", "2026-01-01T05:00Z")):
        with clock.at(at), unit_of_work():
            entry_commands.record_payments([entry_commands.Paid(
                source, brand_id=payees.brand.id, creator_id=ada.id, amount=usd("10.00"),
                withheld=usd("0.00"), rail="stripe", at=clock.now(),
            )])  # fmt: skip
    assert year(payees, ada, 2025).paid == usd("10.00")  # New York is still in 2025
    assert year(payees, ada, 2026).paid == usd("10.00")


def test_R102_24_percent_is_withheld_as_its_own_leg_and_the_books_hold(payees, papers, rail):
    papers.policy(asks=Asks.THRESHOLD, on_missing=OnMissing.WITHHOLD)
    ada = payees.owed("Ada", "1850.00 USD")
    with unit_of_work():
        entry_commands.record_benefit(
            "gift:1", brand_id=payees.brand.id, creator_id=ada.id, fair_value=usd("150.00"),
            received_on=clock.today("UTC"), note="A grinder", is_for_services=True,
        )  # fmt: skip
    run = payees.approved()
    payout = payees.of(run, ada)
    assert (payout.amount, payout.withheld, payout.owed) == (
        usd("1406.00"), usd("444.00"), usd("1850.00")
    )  # fmt: skip
    assert payees.again(run).net == usd("1406.00")
    assert payees.balances(ada) == {"payable": 0, "committed": 185_000, "paid": 0}
    payees.work()
    assert [made.amount for made in rail.made.values()] == [usd("1406.00")]
    assert payees.balances(ada) == {"payable": 0, "committed": 0, "paid": 185_000}
    assert books.balance(accounts.tax_withheld(payees.brand.id), "USD") == usd("444.00")
    assert books.balance(accounts.PAID_OUT, "USD") == usd("1406.00")
    total = year(payees, ada)
    assert (total.paid, total.withheld, total.benefits) == (
        usd("1850.00"), usd("444.00"), usd("150.00")
    )  # fmt: skip
    assert [*violations.violations(), *violations.untaxed()] == []


def test_R102_tax_that_is_withheld_whole_blocks_the_line_and_not_the_run(payees, papers):
    papers.policy(asks=Asks.ALWAYS, on_missing=OnMissing.WITHHOLD)
    with unit_of_work():
        commands.enter_rule(
            payees.brand.id, FormKind.W9, date(2026, 1, 1), usd("2000.00"), 10_000,
            by=payees.faye.user_id,
        )  # fmt: skip
    ada, ben = payees.owed("Ada", "100.00 USD"), payees.owed("Ben", "50.00 USD")
    papers.w9(ben)
    run = payees.draft()
    line = payees.of(run, ada)
    assert (line.status, line.blocked_reason) == (PayoutStatus.BLOCKED, BlockedReason.CURRENCY)
    assert (line.amount, line.withheld) == (usd("100.00"), usd("0.00"))
    assert payees.of(run, ben).status is PayoutStatus.READY


def test_R102_withheld_tax_comes_back_with_a_payment_that_comes_back(payees, papers, rail):
    papers.policy(asks=Asks.ALWAYS, on_missing=OnMissing.WITHHOLD)
    ada = payees.owed("Ada", "100.00 USD")
    run = payees.approved()
    payees.work()
    with unit_of_work():
        sending.record_return(payees.of(run, ada).provider_ref, usd("20.00"))
    assert payees.balances(ada)["payable"] == 2_000
    assert year(payees, ada).withheld == usd("24.00")
    for _ in range(2):
        with unit_of_work():
            sending.record_return(payees.of(run, ada).provider_ref)
    assert payees.balances(ada) == {"payable": 10_000, "committed": 0, "paid": 0}
    assert not books.balance(accounts.tax_withheld(payees.brand.id), "USD")
    total = year(payees, ada)
    assert (total.paid, total.withheld) == (usd("0.00"), usd("0.00"))
    kinds = [one.kind for one in entries(payees, ada)]
    assert kinds == [EntryKind.PAYMENT, EntryKind.RETURN, EntryKind.RETURN]
    assert [*violations.violations(), *violations.untaxed()] == []


def test_a_run_recalled_with_tax_in_it_gives_all_of_it_back(payees, papers):
    papers.policy(asks=Asks.ALWAYS, on_missing=OnMissing.WITHHOLD)
    ada = payees.owed("Ada", "100.00 USD")
    run = payees.submitted()
    with unit_of_work():
        payouts.recall(run.id, by=payees.finn.user_id)
    assert payees.balances(ada) == {"payable": 10_000, "committed": 0, "paid": 0}
    assert violations.in_books() == []


def test_a_form_signed_after_the_calculation_asks_for_another_one(payees, papers):
    papers.policy(asks=Asks.ALWAYS, on_missing=OnMissing.WITHHOLD)
    ada = payees.owed("Ada", "100.00 USD")
    run = payees.draft()
    papers.w9(ada)
    assert line_sets.stale(payees.again(run), clock.now()) == 1
    with pytest.raises(Conflict), unit_of_work():
        payouts.submit_run(run.id, "", by=payees.finn.user_id)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"asks": Asks.ALWAYS, "on_missing": OnMissing.WITHHOLD}, {"asks": Asks.NEVER}),
        ({"asks": Asks.NEVER}, {"asks": Asks.ALWAYS, "on_missing": OnMissing.WITHHOLD}),
    ],
    ids=["ends", "begins"],
)
def test_R102_withholding_that_ends_or_begins_after_the_calculation_asks_for_another_one(
    payees, papers, before, after
):
    papers.policy(**before)
    payees.owed("Ada", "100.00 USD")
    run = payees.draft()
    assert line_sets.stale(payees.again(run), clock.now()) == 0
    papers.policy(**after)
    assert line_sets.stale(payees.again(run), clock.now()) == 1


def test_R99_paid_through_paypal_does_not_count(payees):
    ada = payees.creator("Ada")
    with unit_of_work():
        entry_commands.record_payments([entry_commands.Paid(
            "x", brand_id=payees.brand.id, creator_id=ada.id, amount=usd("25000.00"),
            withheld=usd("0.00"), rail="paypal", at=clock.now(),
        )])  # fmt: skip
    total = year(payees, ada)
    assert (total.counted, total.excluded) == (usd("0.00"), usd("25000.00"))
    assert queries.gate(payees.brand.id, [Payee(ada.id, usd("500.00"), "stripe")]) == {}


def test_R100_a_gift_without_obligation_counts_when_finance_says_so(payees):
    ada = payees.creator("Ada")
    with unit_of_work():
        entry_commands.record_benefit(
            "gift:9", brand_id=payees.brand.id, creator_id=ada.id, fair_value=usd("499.00"),
            received_on=clock.today("UTC"), note="A lens", is_for_services=False,
        )  # fmt: skip
    assert (year(payees, ada).counted, year(payees, ada).to_review) == (usd("0.00"), 1)
    entry = entries(payees, ada)[0]
    with unit_of_work():
        entry_commands.decide_benefit(
            payees.brand.id, entry.id, counts=True, by=payees.finn.user_id
        )
    assert year(payees, ada).counted == usd("499.00")
    assert entries(payees, ada)[0].reportable is Reportable.YES
    with pytest.raises(Conflict), unit_of_work():
        entry_commands.decide_benefit(
            payees.brand.id, entry.id, counts=False, by=payees.finn.user_id
        )


def test_recording_again_changes_nothing(payees):
    ada = payees.creator("Ada")
    for amount in ("10.00", "10.00"):
        with unit_of_work():
            entry_commands.record_payments([entry_commands.Paid(
                "payout:1:1", brand_id=payees.brand.id, creator_id=ada.id, amount=usd(amount),
                withheld=usd("0.00"), rail="stripe", at=clock.now(),
            )])  # fmt: skip
    assert len(entries(payees, ada)) == 1


def test_R92_the_name_of_the_payment_must_be_the_forms(payees, papers):
    ada = payees.owed("Ada", "2500.00 USD")
    papers.w9(ada)

    def paid_to(holder):
        with unit_of_work():
            destinations.name_account(
                ada.id, Rail.SEPA, "DE89370400440532013000", holder, by=ada.user_id
            )
        end_read()
        account = creator_queries.destination_of(ada.id)
        payee = Payee(ada.id, usd("2500.00"), "sepa", account.account_ref)
        found = queries.gate(payees.brand.id, [payee])
        return found[ada.id].stop if found else None

    assert paid_to("Ada") is None
    assert paid_to("Eve Example") is Stop.NAME
    papers.w9(ada, business="Eve Example")
    assert paid_to("EXAMPLE, Eve") is None


def test_R92_a_name_that_differs_is_held_below_the_threshold_too(payees, papers):
    ada = payees.owed("Ada", "10.00 USD")
    papers.w9(ada)
    with unit_of_work():
        destinations.name_account(
            ada.id, Rail.SEPA, "DE89370400440532013000", "Eve Example", by=ada.user_id
        )
    end_read()
    payee = Payee(ada.id, usd("10.00"), "sepa", creator_queries.destination_of(ada.id).account_ref)
    assert queries.gate(payees.brand.id, [payee])[ada.id].stop is Stop.NAME


def test_R97_the_year_of_the_payment_decides_about_withholding(payees, papers):
    """1,950.00 calculated on 31 December 2025 and paid in January: 2026’s 2,000.00 holds for it."""
    papers.policy(asks=Asks.THRESHOLD, on_missing=OnMissing.WITHHOLD)
    with clock.at("2025-12-30T15:00Z"):
        ada = payees.owed("Ada", "1950.00 USD")
    with clock.at("2025-12-31T15:00Z"):
        run = payees.draft()
        assert payees.of(run, ada).withheld == usd("468.00")  # as if it were paid on this day
        late = {"by": payees.finn.user_id, "pay_on": date(2026, 1, 2)}
        late_day = {"by": late["by"], "wanted": late["pay_on"]}
        with pytest.raises(Conflict, match="Recalculate"), unit_of_work():
            payouts.submit_run(run.id, "", **late)
        with unit_of_work():
            starting.keep_day(run.id, **late_day)
        with unit_of_work():
            payouts.calculate(run.id, by=payees.finn.user_id)
        with unit_of_work():
            payouts.submit_run(run.id, "", **late)
    with clock.at("2026-01-02T15:00Z"):
        with unit_of_work():
            payouts.approve_run(run.id, payees.again(run).control_hash, by=payees.faye.user_id)
        payees.work()
        assert payees.of(run, ada).amount == usd("1950.00")
        assert (year(payees, ada).counted, year(payees, ada).withheld) == (
            usd("1950.00"), usd("0.00"),
        )  # fmt: skip


def test_R101_a_creator_abroad_gives_a_w8ben_from_the_first_payment(payees, papers):
    ada = payees.owed("Ada", "30.00 USD")
    with unit_of_work():
        creators.complete_profile(ada.user_id, name="Ada", country="CA")
    run = payees.draft()
    assert payees.of(run, ada).blocked_reason is BlockedReason.TAX_FORM
    papers.w8ben(ada)
    with clock.at("2029-12-31T12:00Z"):
        assert queries.gate(payees.brand.id, [Payee(ada.id, usd("30.00"))]) == {}
    with clock.at("2030-01-01T12:00Z"):
        end_read()
        assert queries.gate(payees.brand.id, [Payee(ada.id, usd("30.00"))])[ada.id].stop


def test_a_payer_elsewhere_asks_nobody(world, payees):
    ada = payees.creator("Ada")
    assert queries.gate(world.rival.id, [Payee(ada.id, usd("9999.00"))]) == {}


def test_the_gate_costs_the_same_for_one_and_for_three_hundred(payees, papers):
    people = [payees.creator(f"C{number}", account="") for number in range(40)]
    with counted() as one:
        queries.gate(payees.brand.id, [Payee(people[0].id, usd("2500.00"))])
    with counted() as many:
        queries.gate(payees.brand.id, [Payee(who.id, usd("2500.00")) for who in people])
    assert len(many.statements) == len(one.statements) <= 8


def test_the_doctor_sees_a_payment_that_was_not_recorded(payees):
    ada = payees.owed("Ada", "80.00 USD")
    payees.approved()
    payees.work()
    assert violations.untaxed() == []
    with unit_of_work():
        db.session.execute(db.delete(TaxEntry).where(TaxEntry.creator_id == ada.id))
    assert len(violations.untaxed()) == 1


def test_R105_a_platform_asks_sellers_in_the_eu(payees, papers):
    papers.policy(asks=Asks.NEVER, dac7_operator=True)
    ada = payees.owed("Ada", "30.00 USD")
    with unit_of_work():
        creators.complete_profile(ada.user_id, name="Ada", country="DE")
    assert payees.of(payees.draft(), ada).blocked_reason is BlockedReason.TAX_FORM
    papers.dac7(ada)
    end_read()
    assert queries.gate(payees.brand.id, [Payee(ada.id, usd("30.00"))]) == {}


def test_everything_runs_in_a_worker_that_crashed_in_between(payees, papers, rail):
    papers.policy(asks=Asks.ALWAYS, on_missing=OnMissing.WITHHOLD)
    ada = payees.owed("Ada", "100.00 USD")
    rail.script = ["lose"]
    run = payees.approved()
    payees.work()
    assert payees.of(run, ada).status in (PayoutStatus.SENT, PayoutStatus.PAID)
    assert [made.amount for made in rail.made.values()] == [usd("76.00")]
    assert len(entries(payees, ada)) == 1
    jobs.finish_runs({"stripe": rail}, "test")
    assert not payees.again(run).difference
