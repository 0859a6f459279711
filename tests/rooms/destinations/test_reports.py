"""What a provider reports of an account: another bank behind it is a change like any other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.audit import queries as audit
from portal.creators import queries as creators
from portal.creators.models import DestinationState, PayoutDestination, Rail
from portal.destinations import commands, queries, rules
from portal.destinations.provider import AccountState
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.payouts import commands as payouts
from portal.payouts import jobs
from portal.payouts import queries as runs
from portal.payouts.models import BlockedReason, PayoutStatus
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees, claimed
from tests.support.world import World

OWN = AccountState("payable", (), "••6789", "US", bank="fp_own")
OTHER = replace(OWN, label="••1111", bank="fp_other")
STOPPED = AccountState("restricted", ("individual.id_number",), "••6789", "US", bank="fp_own")


@pytest.fixture
def payees(world: World) -> Payees:
    return Payees(world, ScriptedRail())


def reported(told: AccountState, minutes: int | None = None, account: str = "acct_ada") -> None:
    at = None if minutes is None else clock.wall() + timedelta(minutes=minutes)
    with unit_of_work():
        commands.record_report(account, told, reported_at=at)


def of(creator_id: int) -> PayoutDestination:
    end_read()
    found = creators.destination_of(creator_id)
    assert found is not None
    return found


def connected(payees: Payees, amount: str = "40.00 USD") -> int:
    """Ada, paid through Stripe to a bank that is known."""
    payees.owes(ada := payees.creator("Ada", ""), amount)
    with unit_of_work():
        commands.set_destination(ada.id, Rail.STRIPE, "acct_ada", by=None)
    reported(OWN)
    return int(ada.id)


@pytest.mark.parametrize(("known", "label", "told", "told_label", "is_other"), [
    ("", "", "bank_1", "••6789", False),  # the first bank ever
    ("bank_1", "••6789", "bank_1", "••6789", False),
    ("bank_1", "••6789", "bank_2", "••6789", True),  # the same last four, another account
    ("bank_1", "••6789", "", "", False),  # not said
    ("", "••6789", "bank_1", "••6789", False),  # from before there were prints
    ("", "••6789", "bank_1", "••1111", True),
])  # fmt: skip
def test_r91_when_a_bank_is_another_one(known, label, told, told_label, is_other):
    assert rules.is_other_bank(known, label, told, told_label) is is_other


def test_r91_the_first_bank_is_no_change_and_is_kept_as_a_print(payees: Payees) -> None:
    ada = of(connected(payees))
    assert (ada.state, ada.cooling_until) == (DestinationState.READY, None)
    assert ada.bank_print.startswith("bank_")
    assert "fp_own" not in ada.bank_print
    assert queries.open_change(ada.creator_id) is None


def test_r91_a_bank_retyped_before_it_could_be_paid_is_no_change(payees: Payees) -> None:
    ada = payees.creator("Ada", "")
    with unit_of_work():
        commands.set_destination(ada.id, Rail.STRIPE, "acct_ada", by=None)
    reported(replace(OTHER, state="not_payable"))
    reported(OWN)
    assert of(ada.id).state is DestinationState.READY


@pytest.mark.parametrize("between", [[], [STOPPED]], ids=["ready", "after a stop"])
def test_r91_another_bank_cools_and_is_confirmed_by_mail(
    payees: Payees, between: list[AccountState]
) -> None:
    ada = connected(payees)
    for told in between:
        reported(told)
    reported(OTHER)
    found, change = of(ada), queries.open_change(ada)
    assert found.state is DestinationState.ACTION_NEEDED
    assert found.cooling_until == clock.now() + timedelta(hours=72)
    assert change is not None
    assert (change.before_masked, change.label_masked) == ("••6789", "••1111")
    entry = audit.history_of("payout-destination", found.id)
    facts = next(one.facts for one in entry if one.act == "payout-destination.bank-changed")
    assert facts == {"before": "••6789", "after": "••1111"}
    reported(OTHER)
    assert queries.open_change(ada).id == change.id  # told again: nothing new
    with unit_of_work():
        commands.confirm(change.id, by=1)
    assert of(ada).state is DestinationState.COOLING
    clock.pass_days(3)
    reported(OTHER)
    assert of(ada).state is DestinationState.READY


def test_r91_confirmed_while_stripe_still_checks_it_is_asked_how_it_stands(
    payees: Payees, world: World
) -> None:
    ada = connected(payees)
    checked = replace(OTHER, state="not_payable")
    payees.rail.accounts["acct_ada"] = checked
    payees.use(payees.rail)
    reported(checked)
    with unit_of_work():
        commands.confirm(queries.open_change(ada).id, by=1)
    world.settle()
    assert of(ada).state is DestinationState.VERIFYING


def test_r91_back_to_the_first_bank_is_a_change_too(payees: Payees) -> None:
    ada = connected(payees)
    reported(OTHER)
    first = queries.open_change(ada)
    reported(OWN)
    assert queries.open_change(ada).id != first.id


def test_r91_she_denies_it_and_the_account_is_never_paid(payees: Payees) -> None:
    ada = connected(payees)
    reported(OTHER)
    with unit_of_work():
        commands.deny(queries.open_change(ada).id, by=1)
    for told in (OTHER, OWN):
        reported(told)
    assert of(ada).state is DestinationState.DISCONNECTED


def test_r91_a_run_under_way_skips_it_and_the_next_waits(payees: Payees) -> None:
    ada = connected(payees)
    run = payees.approved()
    reported(OTHER)
    payees.use(payees.rail)
    payees.work()
    skipped = payees.of(run, creators.creator(ada))
    assert skipped.status is PayoutStatus.FAILED
    assert skipped.refusal_code == "destination_changed"
    assert payees.rail.made == {}
    with unit_of_work():
        commands.confirm(queries.open_change(ada).id, by=1)
    line = payees.of(payees.draft(label="Second"), creators.creator(ada))
    assert line.blocked_reason is BlockedReason.COOLING


def test_r91_a_payout_that_is_being_sent_goes_on(payees: Payees) -> None:
    ada = connected(payees)
    run = payees.approved()
    with unit_of_work():
        payouts.begin_execution(run.id)
    line = payees.of(run, creators.creator(ada))
    with unit_of_work():
        claimed(line.id)
    reported(OTHER)
    with unit_of_work():
        (attempt,) = runs.attempts_of(line.id)
        attempt.lease_until = clock.wall()
    jobs.send_payout(line.id, {"stripe": payees.rail}, "test")
    assert payees.of(run, creators.creator(ada)).status is PayoutStatus.SENT


def test_another_bank_of_an_account_that_is_not_used_waits_until_it_is(payees: Payees) -> None:
    ada = connected(payees)
    clock.pass_days(1)
    with unit_of_work():
        commands.set_destination(ada, Rail.MANUAL, "By wire", by=None)
        commands.confirm(queries.open_change(ada).id, by=1)
    reported(OTHER)
    assert of(ada).rail is Rail.MANUAL
    assert queries.open_change(ada) is None
    with unit_of_work():
        commands.set_destination(ada, Rail.STRIPE, "acct_ada", by=None)
    assert of(ada).state is DestinationState.ACTION_NEEDED


def test_an_older_report_after_a_newer_one_changes_nothing(payees: Payees) -> None:
    ada = connected(payees)
    reported(OTHER, minutes=10)
    change = queries.open_change(ada)
    reported(OWN, minutes=5)
    reported(STOPPED, minutes=5)
    assert queries.open_change(ada).id == change.id
    assert of(ada).label_masked == "••1111"
    reported(STOPPED, minutes=20)
    reported(OTHER, minutes=15)
    reported(OTHER, minutes=20)  # written in the same second: read
    assert of(ada).missing == ["confirmation"]


def test_a_rejected_account_stays_so_whatever_comes_and_when(payees: Payees) -> None:
    ada = connected(payees)
    reported(OWN, minutes=10)
    reported(AccountState("rejected", ("rejected.fraud",)), minutes=5)  # older, and final
    for told, minutes in ((OWN, 20), (OTHER, None), (STOPPED, 30)):
        reported(told, minutes)
    found = of(ada)
    assert (found.state, found.missing) == (DestinationState.REJECTED, ["rejected.fraud"])
    assert queries.open_change(ada) is None


def test_an_account_of_nobody_is_not_found(payees: Payees) -> None:
    with pytest.raises(NotFound):
        reported(OWN, account="acct_nobody")
    with pytest.raises(NotFound), unit_of_work():
        commands.read_again("acct_nobody")
