"""The brand's limits, agreed by two people, and the codes of its accounts."""

from inspect import getmembers, isfunction, signature

import pytest

from portal.audit.models import AuditEntry
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.limits import commands, queries, rules
from portal.limits.rules import Limits
from portal.proposals.jobs import end_waits
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.proof import confirms

SETTINGS = "/finance/glow/settings"
HIGHER = Limits(90, Money.of("500.00 USD"), Money.of("1000.00 USD"))


def test_the_usual_limits_hold_before_anybody_agreed(world):
    assert queries.in_force(world.glow.id) == Limits(120, Money.of("50.00 USD"), None)
    yen = world.brand("Kiku", currency="JPY")
    assert queries.in_force(yen.id).adjustment_limit == Money.of("50 JPY")
    world.finn.opens(SETTINGS).sees("120 days", "$50.00", "No size waits")


def test_one_proposes_and_another_confirms(world):
    assert world.faye.user_id  # there is somebody who may
    page = world.finn.opens(SETTINGS)
    page.fills("Days after a payment", "90").fills("Adjustments above", "500")
    page.fills("Commissions above", "1000").presses("Propose these limits", status=200)
    page.sees("Put forward.", "120 days", "90 days", "Finn Example").does_not_see("Confirm this")
    assert queries.in_force(world.glow.id).clawback_days == 120
    faye = world.faye.opens(SETTINGS).presses("Confirm this change")
    confirms(faye).presses("Confirm this change", status=200).sees("Confirmed", "90 days")
    assert queries.in_force(world.glow.id) == HIGHER
    world.finn.opens(SETTINGS).sees("Agreed before", "Faye Example", "proposed by Finn Example")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(731, Money.of("50.00 USD"), None), "between 0 and 730"),
        (Limits(120, Money.of("50.00 EUR"), None), "in USD"),
        (Limits(120, Money.of("50.00 USD"), None), "in force already"),
    ],
)
def test_limits_that_cannot_be(world, limits, said):
    finn = world.finn.user_id
    with pytest.raises(InvalidInput, match=said), unit_of_work():
        commands.propose(world.glow.id, limits, by=finn)


def test_bad_figures_keep_what_was_typed(world):
    page = world.finn.opens(SETTINGS).fills("Days after a payment", "many")
    page.presses("Propose these limits", status=422).sees("There is something to correct")


def test_codes_are_the_brands_own_and_agreed_by_two(world):
    assert world.faye.user_id  # there is somebody who may
    page = world.finn.opens(SETTINGS).fills("Commissions and fees promised", "4400-1")
    page.presses("Propose these codes", status=200).sees("Put forward.", "6100", "4400-1")
    page.does_not_see("Confirm this")
    assert queries.codes_of(world.glow.id) == dict(rules.CODES)
    faye = world.faye.opens(SETTINGS).sees("General-ledger codes", "Proposed by Finn Example")
    confirms(faye.presses("Confirm this change")).presses("Confirm this change", status=200)
    assert queries.codes_of(world.glow.id)["expense"] == "4400-1"
    assert queries.codes_of(world.rival.id) == dict(rules.CODES)
    noted = db.session.scalars(
        db.select(AuditEntry).where(AuditEntry.act == "ledger-codes.changed")
    ).one()
    assert (noted.actor_id, noted.brand_id) == (world.faye.user_id, world.glow.id)
    assert noted.facts == {"before": {"expense": "6100"}, "after": {"expense": "4400-1"}}


def test_codes_that_cannot_be_or_hold_already(world):
    page = world.finn.opens(SETTINGS).presses("Propose these codes", status=422)
    page.sees("This is in force already.")
    page.fills("Paid out", "<b>").presses("Propose these codes", status=422)
    page.sees("letters, digits")


def test_codes_of_a_brand_with_one_person_of_finance_wait_a_week(world):
    """Nobody is locked out, and nobody changes them in a moment (ADR 0032)."""
    page = world.finn.opens(SETTINGS).fills("Paid out", "1020")
    page.presses("Propose these codes", status=200).sees("it takes effect by itself on 9 Mar")
    with clock.at("2026-03-10T09:00:00+00:00"):
        end_waits()
        assert queries.codes_of(world.glow.id)["paid-out"] == "1020"


def test_another_brand_is_told_404(world):
    world.rae.opens(SETTINGS, status=404)


def test_every_kind_of_shared_account_has_a_code_and_a_meaning() -> None:
    names = [
        make(1) if "brand_id" in signature(make).parameters else make()
        for name, make in getmembers(accounts, isfunction)
        if list(signature(make).parameters) in ([], ["brand_id"])
        and signature(make).return_annotation in (str, "str")
    ]
    assert accounts.input_tax(1) in names
    kinds = {accounts.kind_of(name) for name in names} | set(accounts.CREATOR_STATES)
    assert kinds <= set(rules.CODES) == set(rules.MEANINGS)
    assert len(set(rules.CODES.values())) == len(rules.CODES)
