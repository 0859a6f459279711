"""From balances to an approved run, and everything that must be refused on the way."""

from datetime import timedelta

import pytest

from portal.creators.models import Rail
from portal.destinations import commands as destinations
from portal.destinations import queries as changes
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.payee_holds import sharing_commands as sharing
from portal.payouts import commands, control, queries
from portal.payouts.models import BlockedReason, PayoutStatus, RunStatus
from portal.programs import commands as programs
from portal.storage.unit_of_work import unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import World


def test_a_run_pays_balances_and_says_who_is_left_out(payees: Payees) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    poor = payees.owed("Pia", "24.99 USD")
    none = payees.owed("Nia", "60.00 USD", account="")
    minus = payees.owed("Mia", "-5.00 USD")
    run = payees.draft()
    assert run.status is RunStatus.IN_REVIEW
    assert (run.considered_count, run.payout_count, run.net) == (4, 1, Money.of("80.00 USD"))
    assert payees.of(run, ada).status is PayoutStatus.READY
    assert payees.of(run, poor).blocked_reason is BlockedReason.BELOW_MINIMUM
    assert payees.of(run, none).blocked_reason is BlockedReason.NO_ACCOUNT
    assert payees.of(run, minus).blocked_reason is BlockedReason.NEGATIVE_BALANCE
    assert payees.balances(ada) == {"payable": 8000, "committed": 0, "paid": 0}


def test_r84_a_cent_more_lifts_the_balance_over_the_minimum(payees: Payees) -> None:
    pia = payees.owed("Pia", "24.99 USD")
    payees.owes(pia, "0.01 USD")
    run = payees.draft()
    assert payees.of(run, pia).amount == Money.of("25.00 USD")


def test_the_brands_own_minimum_counts(payees: Payees, world: World) -> None:
    with unit_of_work():
        programs.set_minimum(payees.brand.id, Money.of("100.00 USD"), by=None)
    ada = payees.owed("Ada", "80.00 USD")
    assert payees.of(payees.draft(), ada).blocked_reason is BlockedReason.BELOW_MINIMUM


def test_r85_what_became_payable_after_the_cut_off_waits(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    cutoff = clock.now() + timedelta(seconds=1)
    clock.pass_days(2)
    payees.owes(ada, "20.00 USD")
    payees.owed("Eva", "90.00 USD")
    with unit_of_work():
        run = commands.draft_run(payees.brand.id, "USD", "February", cutoff, by=None)
        commands.calculate(run.id, by=None)
    assert (run.considered_count, run.net) == (1, Money.of("80.00 USD"))


def test_currencies_are_never_mixed(payees: Payees) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    payees.owes(ada, "4000 JPY")
    assert payees.draft().net == Money.of("80.00 USD")
    assert payees.draft(currency="JPY").net == Money.of("4000 JPY")


def test_p5_one_run_is_open_per_brand_and_currency(payees: Payees) -> None:
    payees.owed("Ada", "80.00 USD")
    payees.draft()
    with pytest.raises(Conflict, match="March 2026 in USD is still in review"):
        payees.draft(label="Again")


def test_a_cut_off_in_the_future_is_refused(payees: Payees) -> None:
    with pytest.raises(InvalidInput), unit_of_work():
        commands.draft_run(payees.brand.id, "USD", "X", clock.now() + timedelta(days=1), by=None)


def test_holding_takes_a_line_out_and_recalculating_keeps_it_out(
    payees: Payees, world: World
) -> None:
    ada, eva = payees.owed("Ada", "80.00 USD"), payees.owed("Eva", "50.00 USD")
    run = payees.draft()
    with unit_of_work():
        commands.hold(run.id, payees.of(run, eva).id, "Same address twice", by=world.finn.user_id)
    assert payees.again(run).net == Money.of("80.00 USD")
    payees.owes(ada, "1.00 USD")
    with unit_of_work():
        commands.calculate(run.id, by=world.finn.user_id)
    held = payees.of(run, eva)
    assert (held.status, held.held_reason) == (PayoutStatus.HELD, "Same address twice")
    assert payees.again(run).net == Money.of("81.00 USD")
    with unit_of_work():
        commands.include(run.id, held.id, by=world.finn.user_id)
    assert payees.again(run).net == Money.of("131.00 USD")


def test_a_hold_needs_a_reason(payees: Payees, world: World) -> None:
    eva = payees.owed("Eva", "50.00 USD")
    run = payees.draft()
    with pytest.raises(InvalidInput), unit_of_work():
        commands.hold(run.id, payees.of(run, eva).id, " ", by=world.finn.user_id)


def test_R86_submitting_sets_the_money_aside_and_locks_the_lines(
    payees: Payees, world: World
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    assert run.status is RunStatus.AWAITING_APPROVAL
    assert payees.balances(ada) == {"payable": 0, "committed": 8000, "paid": 0}
    with pytest.raises(Conflict, match="locked"), unit_of_work():
        commands.hold(run.id, payees.of(run, ada).id, "Too late", by=world.finn.user_id)


def test_R86_the_run_is_the_sum_of_its_payouts_and_of_the_journals(payees: Payees) -> None:
    """The three-way check: the run's total, its items, the rows that were set aside."""
    owed = [payees.owed(name, f"{amount} USD") for name, amount in
            (("Ada", "80.00"), ("Eva", "25.01"), ("Pia", "24.99"))]  # fmt: skip
    payees.owes(owed[0], "0.01 USD")  # two rows of one creator are one item
    run = payees.submitted()
    items = [payees.of(run, creator) for creator in owed]
    ready = [item for item in items if item.status is PayoutStatus.READY]
    journals = [one for item in ready for one in books.journals_with(f"payout:{item.id}:1:")]
    moves = [amount for one in journals for _, amount in books.lines_of(one.id)]
    moved = sum(amount.minor for amount in moves if amount.minor > 0)
    assert (run.net, sum(item.amount_minor for item in ready), moved) == (
        Money.of("105.02 USD"), 10502, 10502,
    )  # fmt: skip


def test_nothing_ready_cannot_be_submitted(payees: Payees) -> None:
    payees.owed("Pia", "5.00 USD")
    with pytest.raises(Conflict, match="nothing to submit"):
        payees.submitted()


def test_a_refund_between_calculation_and_submission_asks_for_another_calculation(
    payees: Payees, world: World
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.draft()
    payees.owes(ada, "-10.00 USD")
    with pytest.raises(Conflict, match="overtook 1 of the payouts"), unit_of_work():
        commands.submit_run(run.id, "", by=world.finn.user_id)
    assert payees.balances(ada)["committed"] == 0
    assert payees.again(run).status is RunStatus.IN_REVIEW


def test_R86_mistake_4_a_refund_after_submission_leaves_the_run_and_waits_for_the_next(
    payees: Payees, world: World
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    payees.owes(ada, "-10.00 USD")
    assert control.recomputed_hash(payees.again(run)) == run.control_hash
    late = queries.refunds_since(run)
    assert (late.count, late.amount) == (1, Money.of("-10.00 USD"))
    with unit_of_work():
        commands.approve_run(run.id, run.control_hash, by=world.faye.user_id)
    payees.work()
    assert payees.balances(ada) == {"payable": -1000, "committed": 0, "paid": 8000}
    after = payees.draft(label="April")
    assert payees.of(after, ada).blocked_reason is BlockedReason.NEGATIVE_BALANCE


def test_recalling_gives_the_money_back_and_changes_the_hash(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    first = run.control_hash
    with unit_of_work():
        commands.recall(run.id, by=world.finn.user_id)
    assert payees.balances(ada) == {"payable": 8000, "committed": 0, "paid": 0}
    with unit_of_work():
        commands.submit_run(run.id, "Again", by=world.finn.user_id)
    assert payees.again(run).control_hash != first
    with pytest.raises(Conflict, match="changed since you opened it"), unit_of_work():
        commands.approve_run(run.id, first, by=world.faye.user_id)


def test_an_approver_returns_a_run_with_a_comment(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    with pytest.raises(InvalidInput), unit_of_work():
        commands.return_run(run.id, "", by=world.faye.user_id)
    with unit_of_work():
        commands.return_run(run.id, "Who is Ada?", by=world.faye.user_id)
    run = payees.again(run)
    assert (run.status, run.return_note) == (RunStatus.IN_REVIEW, "Who is Ada?")
    assert payees.balances(ada)["payable"] == 8000


@pytest.mark.parametrize("deed", ["prepared", "held", "submitted"])
def test_r87_nobody_approves_what_they_touched(payees: Payees, world: World, deed: str) -> None:
    ada, eva = payees.owed("Ada", "80.00 USD"), payees.owed("Eva", "50.00 USD")
    one, two, three = (world.member(name).user_id for name in ("One", "Two", "Three"))
    with unit_of_work():
        run = commands.draft_run(payees.brand.id, "USD", "March", clock.now(), by=one)
        commands.calculate(run.id, by=one)
    with unit_of_work():
        commands.hold(run.id, payees.of(run, eva).id, "Checking", by=two)
    with unit_of_work():
        run = commands.submit_run(run.id, "", by=three)
    culprit = {"prepared": one, "held": two, "submitted": three}[deed]
    with pytest.raises(NotAllowed, match="You prepared this run"), unit_of_work():
        commands.approve_run(run.id, run.control_hash, by=culprit)
    with unit_of_work():
        commands.approve_run(run.id, run.control_hash, by=world.faye.user_id)
    assert payees.of(run, ada).status is PayoutStatus.QUEUED


def test_approval_needs_the_funds_of_the_rail(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    payees.owed("Ola", "40.00 USD", account="IBAN by mail", rail=Rail.MANUAL)
    run = payees.submitted()
    with pytest.raises(Conflict, match=r"short by \$0\.01"), unit_of_work():
        commands.approve_run(
            run.id, run.control_hash, by=world.faye.user_id, funds=Money.of("79.99 USD")
        )
    with unit_of_work():
        commands.approve_run(
            run.id, run.control_hash, by=world.faye.user_id, funds=Money.of("80.00 USD")
        )


def test_approving_twice_is_refused(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    with pytest.raises(Conflict, match="This run is approved"), unit_of_work():
        commands.approve_run(run.id, run.control_hash, by=world.faye.user_id)


def test_an_approval_lapses_after_72_hours_unexecuted(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    clock.pass_time(timedelta(hours=72))
    payees.work()
    assert payees.again(run).status is RunStatus.AWAITING_APPROVAL
    assert payees.balances(ada) == {"payable": 0, "committed": 8000, "paid": 0}


def test_cancelling_frees_what_was_set_aside(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    with unit_of_work():
        commands.cancel(run.id, by=world.finn.user_id)
    assert payees.balances(ada) == {"payable": 8000, "committed": 0, "paid": 0}
    assert payees.draft(label="Another").status is RunStatus.IN_REVIEW


def test_an_approved_run_is_sent_and_everything_adds_up(
    payees: Payees, world: World, rail: ScriptedRail
) -> None:
    ada, eva = payees.owed("Ada", "80.00 USD"), payees.owed("Eva", "50.00 USD")
    run = payees.approved()
    payees.work()
    run = payees.again(run)
    assert run.status is RunStatus.COMPLETED
    made = sorted(transfer.amount.minor for transfer in rail.made.values())  # they leave together
    assert made == [5_000, 8_000]
    assert set(rail.keys) == {f"test:payout:{payees.of(run, c).id}:1" for c in (ada, eva)}
    assert payees.balances(ada) == {"payable": 0, "committed": 0, "paid": 8000}
    assert books.violations() + queries.violations() == []


def test_mistake_10_a_commission_is_paid_by_the_rail_not_by_the_run(payees: Payees) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    payees.approved()
    assert payees.balances(ada)["paid"] == 0


def test_the_line_says_what_it_is_made_of(payees: Payees) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    payees.owes(ada, "40.00 USD")
    payees.owes(ada, "-6.75 USD")
    line = payees.of(payees.draft(), ada)
    assert (line.gross, line.adjustments) == (Money.of("120.00 USD"), Money.of("-6.75 USD"))
    assert (line.amount, line.commission_count) == (Money.of("113.25 USD"), 2)
    assert [str(b.amount) for b in queries.covered_by(line)] == [
        "-6.75 USD",
        "40.00 USD",
        "80.00 USD",
    ]


def test_the_next_run_knows_the_one_before(payees: Payees) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    first = payees.approved()
    payees.work()
    assert payees.of(first, ada).cautions.split() == ["first_payout"]
    payees.owes(ada, "250.00 USD")
    second = payees.of(payees.draft(label="April"), ada)
    assert second.previous == Money.of("80.00 USD")
    assert (second.gross, second.commission_count) == (Money.of("250.00 USD"), 1)
    assert second.cautions.split() == ["over_usual"]
    assert [str(b.amount) for b in queries.covered_by(second)] == ["250.00 USD"]


def test_what_somebody_usually_gets_is_found_however_long_ago(payees: Payees) -> None:
    """Bea was paid in the first run only, and four runs since then paid Ada."""
    bea = payees.owed("Bea", "60.00 USD")
    ada = payees.owed("Ada", "80.00 USD")
    for label, amount in (("May", "90.00 USD"), ("June", "100.00 USD"), ("July", "110.00 USD"),
                          ("August", "120.00 USD")):  # fmt: skip
        payees.approved(label=label)
        payees.work()
        payees.owes(ada, amount)
    payees.owes(bea, "200.00 USD")
    run = payees.draft(label="September")
    first, rare = payees.of(run, ada), payees.of(run, bea)
    assert (first.previous, first.usual_minor) == (Money.of("110.00 USD"), 10_000)
    assert (rare.previous, rare.usual_minor) == (None, 6_000)
    assert rare.cautions.split() == ["over_usual"]
    assert (rare.gross, rare.commission_count) == (Money.of("200.00 USD"), 1)


def test_one_account_used_by_two_creators_blocks_both_until_finance_permits_it(
    payees: Payees, world: World
) -> None:
    ada = payees.owed("Ada", "80.00 USD", account="paypal_same", rail=Rail.PAYPAL)
    eva = payees.owed("Eva", "50.00 USD", account="paypal_same", rail=Rail.PAYPAL)
    run, finn = payees.draft(), world.finn.user_id
    assert payees.of(run, ada).blocked_reason is BlockedReason.DUPLICATE
    assert payees.of(run, eva).blocked_reason is BlockedReason.DUPLICATE
    with pytest.raises(InvalidInput), unit_of_work():
        sharing.permit(payees.brand.id, ada.id, " ", by=finn)
    with unit_of_work():
        assert sharing.permit(payees.brand.id, ada.id, "Sisters, one account", by=finn) == 2
    ida = payees.owed("Ida", "30.00 USD", account="paypal_same", rail=Rail.PAYPAL)
    with unit_of_work():
        commands.calculate(run.id, by=finn)
    assert payees.of(run, ada).status is payees.of(run, eva).status is PayoutStatus.READY
    assert "shared_account" in payees.of(run, ada).cautions.split()
    assert payees.of(run, ida).blocked_reason is BlockedReason.DUPLICATE
    una = payees.owed("Una", "1.00 USD")
    with pytest.raises(Conflict), unit_of_work():
        sharing.permit(payees.brand.id, una.id, "Alone", by=finn)


def test_a_shared_account_found_since_asks_for_another_calculation(
    payees: Payees, world: World
) -> None:
    payees.owed("Ada", "80.00 USD", account="paypal_same", rail=Rail.PAYPAL)
    run = payees.draft()
    payees.owed("Eva", "50.00 USD", account="paypal_same", rail=Rail.PAYPAL)
    with pytest.raises(Conflict, match="Recalculate"), unit_of_work():
        commands.submit_run(run.id, "", by=world.finn.user_id)


def test_a_manual_payout_is_confirmed_by_a_second_person(payees: Payees, world: World) -> None:
    ola = payees.owed("Ola", "40.00 USD", account="IBAN by mail", rail=Rail.MANUAL)
    run = payees.approved()
    payees.work()
    payout = payees.of(run, ola)
    assert (payout.status, payees.again(run).status) == (PayoutStatus.QUEUED, RunStatus.EXECUTING)
    with pytest.raises(NotAllowed), unit_of_work():
        commands.mark_outside(run.id, payout.id, "Wire 1", by=world.finn.user_id)
    with pytest.raises(InvalidInput), unit_of_work():
        commands.mark_outside(run.id, payout.id, "", by=world.faye.user_id)
    with unit_of_work():
        commands.mark_outside(run.id, payout.id, "Wire 2026-03-02", by=world.faye.user_id)
    assert payees.of(run, ola).status is PayoutStatus.MARKED_OUTSIDE
    assert payees.again(run).status is RunStatus.COMPLETED
    assert payees.balances(ola) == {"payable": 0, "committed": 0, "paid": 4000}
    assert queries.violations() == []


def test_mistake_9_a_transfer_that_comes_back_is_payable_again(
    payees: Payees, rail: ScriptedRail
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    payees.work()
    for _ in range(5):
        with unit_of_work():
            commands.record_return("tr_1", Money.of("80.00 USD"))
    assert payees.of(run, ada).status is PayoutStatus.RETURNED
    assert payees.balances(ada) == {"payable": 8000, "committed": 0, "paid": 0}
    assert books.violations() + queries.violations() == []


def test_a_part_that_comes_back_is_payable_again_and_the_rest_stays_sent(
    payees: Payees, rail: ScriptedRail
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    payees.work()
    for returned in ("30.00 USD", "30.00 USD", "50.00 USD"):
        with unit_of_work():
            commands.record_return("tr_1", Money.of(returned))
    assert payees.of(run, ada).status is PayoutStatus.SENT
    assert payees.balances(ada) == {"payable": 5000, "committed": 0, "paid": 3000}


def test_a_return_we_know_nothing_of_is_not_ours(payees: Payees) -> None:
    with pytest.raises(NotFound), unit_of_work():
        commands.record_return("tr_unknown")


def test_another_brands_run_does_not_exist(payees: Payees, world: World) -> None:
    run = payees.draft()
    with pytest.raises(NotFound):
        queries.one_of_brand(world.rival.id, run.public_id)


def test_closing_waits_for_its_checklist_and_is_final(
    payees: Payees, world: World, rail: ScriptedRail
) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    payees.work()
    with pytest.raises(Conflict, match="reconcile with the provider, export the journal"):
        with unit_of_work():
            commands.close(run.id, by=world.finn.user_id)
    from portal.payouts import jobs

    jobs.finish_runs({"stripe": rail}, "test")
    with unit_of_work():
        commands.note_exported(run.id, by=world.finn.user_id)
    with unit_of_work():
        commands.close(run.id, by=world.finn.user_id)
    with pytest.raises(Conflict, match="This run is closed"), unit_of_work():
        commands.close(run.id, by=world.finn.user_id)


def test_a_sent_payout_is_taken_as_arrived_after_some_days(payees: Payees) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    payees.work()
    clock.pass_days(6)
    with unit_of_work():
        assert commands.assume_arrived(clock.now()) == 1
    assert payees.of(run, ada).status is PayoutStatus.PAID


def test_destinations_the_last_one_set_counts_and_cools(payees: Payees) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    clock.pass_days(1)
    with unit_of_work():
        destinations.set_destination(ada.id, Rail.MANUAL, "IBAN by mail", by=None)
    run = payees.draft()
    assert payees.of(run, ada).blocked_reason is BlockedReason.ACCOUNT_RESTRICTED
    with unit_of_work():
        destinations.confirm(changes.open_change(ada.id).id, by=ada.user_id)
        commands.calculate(run.id, by=None)
    assert payees.of(run, ada).blocked_reason is BlockedReason.COOLING
    clock.pass_days(3)
    with unit_of_work():
        commands.calculate(run.id, by=None)
    assert payees.of(run, ada).rail == "manual"
