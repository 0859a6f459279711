"""Many payouts of a run at once: narrowed, ticked or all that match, asked by mail, and as a file."""

import csv
import io
from datetime import timedelta

import pytest

from portal.creators.models import Rail
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.notifications import queries as outbox
from portal.payouts import commands, item_queries, line_commands, queries
from portal.payouts.item_queries import ItemFilter, Which
from portal.payouts.line_rules import Reminded, reminded_words
from portal.payouts.models import BlockedReason, Payout, PayoutRun, PayoutStatus
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.payees import Payees
from tests.support.queries import counted, keeps_budget
from tests.support.world import World

BLOCKED = ItemFilter("blocked")


@pytest.fixture
def run(payees: Payees) -> PayoutRun:
    """Two ready (one by hand), two without an account, one below the minimum."""
    payees.owed("Ada", "80.00 USD")
    payees.owed("Ola", "40.00 USD", account="IBAN by mail", rail=Rail.MANUAL)
    payees.owed("Nia", "60.00 USD", account="")
    payees.owed("=Nora", "70.00 USD", account="")
    payees.owed("Pia", "24.99 USD")
    return payees.draft()


def states(run: PayoutRun) -> dict[str, PayoutStatus]:
    rows = db.session.query(Payout).filter_by(run_id=run.id)
    return {one.creator_name: one.status for one in rows.populate_existing()}


def test_a_list_is_narrowed_by_rail_reason_and_name_together(
    payees: Payees, run: PayoutRun
) -> None:
    page = payees.finn.opens(f"/finance/glow/runs/{run.public_id}/items")
    page.sees("Ada", "Ola").fills("Way", "manual").presses("Find").sees(
        "Ola", "All 1"
    ).does_not_see("Ada")
    page.opens(f"{page.url.partition('?')[0]}?view=blocked&reason=no_account")
    page.fills("Find a creator", "nia").presses("Find").sees("Nia").does_not_see("Nora", "Pia")
    page.fills("Find a creator", "pia").presses("Find").sees("Nobody called “pia” here")


def test_all_that_match_are_left_to_the_next_run_by_one_statement(
    payees: Payees, world: World, run: PayoutRun
) -> None:
    which = Which(run.id, ItemFilter("blocked", BlockedReason.NO_ACCOUNT))
    finn = world.finn.user_id
    with pytest.raises(InvalidInput), unit_of_work():
        line_commands.roll_over_each(which, "", by=finn, shown=2)
    with pytest.raises(Conflict, match="2 of them"), unit_of_work():
        line_commands.roll_over_each(which, "Too late", by=finn, shown=3)
    with unit_of_work():
        assert line_commands.roll_over_each(which, "Set up an account.", by=finn, shown=2) == 2
    assert states(run)["Nia"] is states(run)["=Nora"] is PayoutStatus.ROLLED_OVER
    assert states(run)["Pia"] is PayoutStatus.BLOCKED
    assert payees.again(run).net == Money.of("120.00 USD")
    assert queries.violations() == []


def test_holding_and_taking_back_all_changes_the_runs_sum_and_its_editors(
    payees: Payees, world: World, run: PayoutRun
) -> None:
    ready, held = Which(run.id, ItemFilter("ready")), Which(run.id, ItemFilter("held"))
    by = world.member("Fay", "finance.preparer", brand=payees.brand).user_id
    with unit_of_work():
        line_commands.hold_each(ready, "Look first", by=by, shown=2)
        line_commands.hold_each(Which(run.id, BLOCKED), "Look first", by=by, shown=3)
    assert set(states(run).values()) == {PayoutStatus.HELD}
    assert (payees.again(run).net, by in queries.editors_of(run.id)) == (Money.of("0.00 USD"), True)
    with unit_of_work():
        assert line_commands.include_each(held, by=by, shown=5) == 5
    assert (payees.again(run).payout_count, payees.again(run).net) == (2, Money.of("120.00 USD"))
    assert states(run)["Pia"] is PayoutStatus.BLOCKED


def test_a_locked_run_is_not_decided_about(payees: Payees, world: World, run: PayoutRun) -> None:
    submitted = payees.again(run)
    with unit_of_work():
        commands.submit_run(submitted.id, "", by=world.finn.user_id)
    with pytest.raises(Conflict, match="locked"), unit_of_work():
        line_commands.hold_each(Which(run.id, BLOCKED), "Why", by=world.finn.user_id, shown=3)


def test_how_many_payouts_does_not_change_how_many_statements(
    payees: Payees, world: World, run: PayoutRun
) -> None:
    which, finn = Which(run.id, BLOCKED), world.finn.user_id
    one = Which(run.id, BLOCKED, (payees_id(run, "Pia"),))
    with counted() as few, unit_of_work():
        line_commands.hold_each(one, "Look first", by=finn, shown=1)
    with counted() as many, unit_of_work():
        line_commands.hold_each(which, "Look first", by=finn, shown=2)
    assert many.count == few.count


def payees_id(run: PayoutRun, name: str) -> str:
    found = db.session.query(Payout).filter_by(run_id=run.id, creator_name=name).one()
    return str(found.public_id)


def test_who_misses_something_is_asked_once_in_three_days(
    payees: Payees, world: World, run: PayoutRun
) -> None:
    which, finn = Which(run.id, BLOCKED), world.finn.user_id
    nia = Which(run.id, BLOCKED, (payees_id(run, "Nia"),))
    with unit_of_work():
        assert line_commands.remind_each(nia, by=finn) == Reminded(1, 0)
    day = clock.today(identity.brand(payees.brand.id).zone)
    clock.pass_time(timedelta(days=2))
    with unit_of_work():
        assert line_commands.remind_each(which, by=finn) == Reminded(1, 0, (day,))
    with unit_of_work():
        assert line_commands.remind_each(which, by=finn).mailed == 0
    clock.pass_time(timedelta(days=2))
    with unit_of_work():
        assert line_commands.remind_each(which, by=finn).accounts == 1
    payees.work()
    told = [one.recipient for one in outbox.latest() if one.letter == "destination_asked"]
    assert sorted(told) == ["=nora@example.com", "nia@example.com", "nia@example.com"]


def test_how_many_were_mailed_is_said_with_the_day_of_the_others() -> None:
    assert reminded_words(Reminded(41, 0), []) == "41 mailed."
    said = reminded_words(Reminded(40, 1), ["20 Nov"] * 3)
    assert said == "41 mailed, 3 had been mailed on 20 Nov."
    assert reminded_words(Reminded(0, 0), ["19 Nov", "20 Nov"]) == (
        "Nobody was mailed, 2 had been mailed from 19 Nov to 20 Nov."
    )
    assert reminded_words(Reminded(0, 0), []).endswith("misses an account or a form.")


def test_finance_decides_about_all_that_match_after_one_more_look(
    payees: Payees, world: World, run: PayoutRun
) -> None:
    base = f"/finance/glow/runs/{run.public_id}"
    page = payees.finn.opens(f"{base}/items?view=blocked").presses("All 3 here")
    page.sees(
        "3 payouts", "2 creators miss", "Leave 3 payouts to the next run", "No payout account"
    )
    page.presses("Hold 3 payouts", status=422).sees("Write a reason.")
    page.presses("Ask 2 creators by mail").sees("2 mailed.", "Nia")
    page.opens(f"{base}/many?view=blocked&scope=all").sees("2 of them had a mail")
    page.fills("Reason for the creator", "We wait for the samples.")
    page.presses("Leave 3 payouts to the next run").sees("3 left to the next run", "Taken out")
    page.opens(f"{base}/items?view=ready").presses("Decide about the ticked")
    page.sees("Tick at least one payout first.")
    one = payees_id(run, "Ada")
    page.opens(f"{base}/many?view=ready&ids={one}").fills("Reason for holding", "no_account")
    page.presses("Hold 1 payout").sees("1 held out of this run", "Ada").does_not_see("Ola")
    page.opens(f"{base}/many?view=held&scope=all").presses("Take 1 payout back in").sees("Ada")


def test_many_payouts_are_not_decided_about_by_others(
    payees: Payees, world: World, run: PayoutRun
) -> None:
    many = f"/finance/glow/runs/{run.public_id}/many"
    faye = world.faye.opens(f"{many}?view=blocked&scope=all").sees("Ask 2 creators by mail")
    faye.does_not_see("Leave 3 payouts")
    for act in ("hold", "include", "roll-over"):
        faye.posts(f"{many}/{act}?view=blocked&scope=all", {"shown": "3"}, status=403)
    rae = world.member("Rae2", "finance.preparer", "finance.approver", brand=world.rival)
    rae.opens(f"/finance/rival/runs/{run.public_id}/many?scope=all", status=404)
    rae.opens(f"/finance/rival/runs/{run.public_id}/payouts.csv", status=404)


def test_the_file_has_every_payout_with_its_reason_and_runs_no_formula(
    payees: Payees, world: World, run: PayoutRun
) -> None:
    url = f"/finance/glow/runs/{run.public_id}/payouts.csv"
    page = payees.finn.opens(url)
    assert page.response is not None
    text = page.response.get_data(as_text=True).lstrip("\ufeff")
    rows = {row["Creator"]: row for row in csv.DictReader(io.StringIO(text))}
    assert len(rows) == 5
    assert rows["'=Nora"]["Reason"] == "No payout account"
    ada = rows["Ada"]
    assert (ada["Status"], ada["Way"], ada["Net"], ada["Fee"]) == (
        "ready",
        "Stripe",
        "80.00",
        "0.00",
    )
    assert (rows["Pia"]["Net"], ada["Group"]) == ("24.99", run.public_id)


def test_pages_of_many_payouts_ask_twelve(payees: Payees, run: PayoutRun) -> None:
    base = f"/finance/glow/runs/{run.public_id}"
    keeps_budget(payees.finn.browser, f"{base}/many?view=blocked&scope=all", most=12)
    keeps_budget(payees.finn.browser, f"{base}/items?view=blocked", most=12)


def test_a_file_is_read_some_at_a_time(run: PayoutRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_queries, "ROWS_AT_ONCE", 2)
    names = [one.creator_name for one in item_queries.every(run)]
    assert names == ["=Nora", "Ada", "Nia", "Ola", "Pia"]
