"""The brand's limits, agreed by two people, and the codes of its accounts."""

import pytest

from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.limits import commands, queries, rules
from portal.limits.rules import Limits
from portal.storage.unit_of_work import unit_of_work
from tests.support.proof import confirms

SETTINGS = "/finance/glow/settings"
HIGHER = Limits(90, Money.of("500.00 USD"), Money.of("1000.00 USD"))


def test_the_usual_limits_hold_before_anybody_agreed(world):
    assert queries.in_force(world.glow.id) == Limits(120, Money.of("50.00 USD"), None)
    yen = world.brand("Kiku", currency="JPY")
    assert queries.in_force(yen.id).adjustment_limit == Money.of("50 JPY")
    world.finn.opens(SETTINGS).sees("120 days", "$50.00", "No size waits")


def test_one_proposes_and_another_agrees(world):
    page = world.finn.opens(SETTINGS)
    page.fills("Days after a payment", "90").fills("Adjustments above", "500")
    page.fills("Commissions above", "1000").presses("Propose these limits", status=200)
    page.sees("Proposed.", "Other limits are proposed", "Finn Example").does_not_see("Agree: these")
    assert queries.in_force(world.glow.id).clawback_days == 120
    faye = world.faye.opens(SETTINGS).presses("Agree: these limits hold")
    confirms(faye).presses("Agree: these limits hold", status=200).sees("Agreed", "90 days")
    assert queries.in_force(world.glow.id) == HIGHER


def test_the_proposer_cannot_agree_by_url(world):
    both = world.member("Bo", "finance.preparer", "finance.approver", brand=world.glow)
    with unit_of_work():
        found = commands.propose(world.glow.id, HIGHER, by=both.user_id)
        public_id = found.public_id
    page = both.opens(SETTINGS).does_not_see("Agree: these limits")
    page = confirms(page.posts(f"{SETTINGS}/limits/{public_id}/agree", {}))
    page.posts(f"{SETTINGS}/limits/{public_id}/agree", {}, status=403).sees("somebody else")


def test_a_new_proposal_replaces_the_old_and_a_withdrawn_one_is_gone(world):
    finn, faye = world.finn.user_id, world.faye.user_id
    with unit_of_work():
        first = commands.propose(world.glow.id, HIGHER, by=finn).id
        second = commands.propose(world.glow.id, Limits(60, HIGHER.adjustment_limit, None), by=finn)
        second_id = second.id
    with pytest.raises(Conflict, match="withdrawn already"), unit_of_work():
        commands.agree(first, by=faye)
    with unit_of_work():
        commands.withdraw(second_id, by=finn)
    assert queries.proposed_of(world.glow.id) is None


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


def test_codes_are_the_brands_own(world):
    page = world.finn.opens(SETTINGS).fills("Commissions and fees promised", "4400-1")
    page.presses("Save codes", status=200).sees("Saved.")
    assert queries.codes_of(world.glow.id)["expense"] == "4400-1"
    assert queries.codes_of(world.rival.id) == dict(rules.CODES)
    page.fills("Paid out", "<b>").presses("Save codes", status=422).sees("letters, digits")


def test_another_brand_is_told_404(world):
    world.rae.opens(SETTINGS, status=404)
