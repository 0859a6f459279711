"""What is earned beside an order's own sale: once per source, with its own hold, exact back."""

from datetime import timedelta

import pytest

from portal.commissions import extra_commands, jobs, queries
from portal.commissions.extra_commands import Extra, Part
from portal.commissions.models import CommissionKind, CommissionStatus
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.ledger import queries as books
from portal.storage.unit_of_work import unit_of_work


def an_extra(ada, amount="50.00 USD", source="true-up:1:2026-11", hold_days=30, **more):
    return Extra(
        CommissionKind.TRUE_UP, source, ada.brand_id, ada.creator_id, ada.id, Money.of(amount),
        "15% from the 10th sale of a month",
        clock.now() + timedelta(days=hold_days),
        parts=[Part("10 sales of November", Money.of("1000.00 USD"), note="at 15%, not 10%")],
        steps=[("You reached 10 sales", "On 14 November")], **more,
    )  # fmt: skip


def earned(*extras):
    with unit_of_work():
        return [one.id for one in extra_commands.earn_extras(extras)]


def sums(ada):
    balances = books.balances_of(ada.brand_id, ada.creator_id, "USD")
    return str(balances.pending)[:-4], str(balances.payable)[:-4]


def test_R29_a_source_earns_once_however_often_it_is_evaluated(world, ada):
    assert len(earned(an_extra(ada))) == 1
    assert earned(an_extra(ada), an_extra(ada, "70.00 USD")) == []
    assert sums(ada) == ("50.00", "0.00")
    with unit_of_work():
        again = extra_commands.earn_extra(an_extra(ada))
    assert again.id == queries.of_source("true-up:1:2026-11").id


def test_R30_it_has_a_word_and_a_hold_of_its_own(world, ada):
    (found,) = earned(an_extra(ada))
    clock.pass_days(29)
    jobs.mature_due()
    assert queries.commission(found).status is CommissionStatus.PENDING
    clock.pass_days(1)
    jobs.mature_due()
    assert sums(ada) == ("0.00", "50.00")
    bill = queries.bill_of(queries.commission(found))
    assert [line.label for line in bill] == ["10 sales of November", "Tier true-up"]
    assert queries.first_sales([found]) == []


def test_without_a_hold_it_is_payable_at_once_and_nothing_is_refused(world, ada):
    earned(an_extra(ada, hold_days=0))
    assert sums(ada) == ("0.00", "50.00")
    with pytest.raises(InvalidInput):
        earned(an_extra(ada, "0.00 USD", source="other"))


def test_R26_it_is_brought_to_a_figure_and_back_to_the_cent(world, ada):
    (found,) = earned(an_extra(ada))
    for left, effect in (("45.00", "-5.00"), ("45.00", None), ("0.00", "-45.00"),
                         ("60.00", "50.00")):  # fmt: skip
        with unit_of_work():
            row = extra_commands.bring_to(found, Money.of(f"{left} USD"))
        assert (row and str(row.effect)) == (effect and f"{effect} USD")
        world.settle()
    assert queries.commission(found).status is CommissionStatus.PENDING
    assert sums(ada) == ("50.00", "0.00")
    assert queries.violations() == []


def test_R69_after_it_was_payable_it_is_taken_from_what_comes_next(world, ada):
    (found,) = earned(an_extra(ada, hold_days=0))
    with unit_of_work():
        extra_commands.bring_to(found, Money.of("0.00 USD"))
    assert queries.commission(found).word == "reversed"
    assert sums(ada) == ("0.00", "0.00")
    lines = queries.earnings_of(ada.creator_id, PageRequest()).rows
    assert [line.kind_words for line in lines] == ["Tier true-up"] * 2
    assert lines[0].followed_words == "Returns changed the sales it was worked out from."


def test_the_creator_and_finance_read_it_with_its_own_word(world, ada):
    (found,) = earned(an_extra(ada, hold_days=0))
    public_id = queries.commission(found).public_id
    world.settle()
    me = world.signed_in("ada@example.com")
    me.opens("/creator/earnings").sees("Tier true-up").sees("15% from the 10th sale of a month")
    me.opens("/creator/earnings?kind=true_up").sees("Tier true-up")
    me.opens("/creator/earnings?kind=fee").sees("Nothing matches")
    me.opens(f"/creator/earnings/{public_id}").sees("Tier true-up").sees("You reached 10 sales")
    assert "Tier true-up" in me.opens("/creator/earnings.csv").response.text
    world.finn.opens("/finance/glow/commissions").sees("Tier true-up")
    world.finn.opens(f"/finance/glow/commissions/{public_id}").sees("10 sales of November")
