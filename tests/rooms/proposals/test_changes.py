"""Changes of money policy: one puts forward, another confirms; where nobody can, it waits."""

import pytest

from portal.identity.models import StaffRole
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money
from portal.limits import commands as limits
from portal.limits import queries as limit_queries
from portal.limits.rules import Limits
from portal.notifications.models import Message
from portal.paying import change_commands as changes
from portal.paying import queries as paying
from portal.paying.models import FeeBearer, Schedule
from portal.programs import queries as programs
from portal.proposals import commands, jobs, queries
from portal.proposals.models import ProposalStatus
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.proof import confirms

PAYING, CHANGES = "/finance/glow/paying", "/finance/glow/changes"
IBAN, OTHER = "DE89 3704 0044 0532 0130 00", "DE02 1203 0000 0000 2020 51"


def put_forward(world, by):
    with unit_of_work():
        made = changes.put_forward_schedule(world.glow.id, Schedule.NET_30, by=by.user_id)
    end_read()
    return made.id


def letters(subject):
    end_read()
    return sorted(
        (row.recipient, row.subject)
        for row in db.session.query(Message).filter(Message.subject.contains(subject))
    )


def test_what_one_puts_forward_holds_once_another_confirms(world):
    finn, faye = world.finn, world.faye
    found = put_forward(world, finn)
    assert paying.terms(world.glow.id).schedule is Schedule.MONTHLY
    with pytest.raises(NotAllowed, match="somebody else"), unit_of_work():
        commands.confirm(found, by=finn.user_id)
    with unit_of_work():
        done = commands.confirm(found, by=faye.user_id)
        assert done.status is ProposalStatus.CONFIRMED
    assert paying.terms(world.glow.id).schedule is Schedule.NET_30
    with pytest.raises(Conflict, match="confirmed already"), unit_of_work():
        commands.withdraw(found, by=finn.user_id)
    with pytest.raises(InvalidInput, match="in force already"):
        put_forward(world, finn)
    assert queries.violations() == []


def test_every_change_of_how_a_brand_pays(world):
    finn, faye, glow = world.finn.user_id, world.faye.user_id, world.glow.id
    fixed = {"stripe": Money.of("0.25 USD"), "paypal": Money.of("0.00 USD")}
    with unit_of_work():
        changes.put_forward_ways(
            glow, ["stripe", "credit"], {"stripe": 25, "paypal": 0}, fixed, FeeBearer.CREATOR,
            1000, by=finn,
        )  # fmt: skip
        changes.put_forward_payer(glow, "Glow GmbH", IBAN, "", by=finn)
        changes.put_forward_limit(glow, Money.of("500.00 EUR"), by=finn)
        changes.put_forward_minimum(glow, Money.of("40.00 USD"), by=finn)
        limits.propose(glow, Limits(90, Money.of("10.00 USD"), None), by=finn)
    end_read()
    waiting = queries.open_of(glow)
    said = [line for one in waiting for line in one.proposal.lines]
    assert ["Stripe takes", "nothing", "0.25% and $0.25 a payout"] in said
    assert ["Account", "None", "Glow GmbH, DE •••• 3000"] in said
    assert "3704" not in str(said)
    with unit_of_work():
        for one in waiting:
            commands.confirm(one.proposal.id, by=faye)
    terms = paying.terms(glow)
    assert (terms.ways, terms.fees["stripe"], terms.uplift_bp) == (["stripe", "credit"], 25, 1000)
    assert terms.fixed_fee("stripe", "USD") == Money.of("0.25 USD")
    assert terms.fixed_fee("stripe", "EUR") == Money.of("0.00 EUR")
    assert (terms.fee_bearer, terms.payer_iban) == (FeeBearer.CREATOR, IBAN.replace(" ", ""))
    assert paying.second_above(glow, "EUR") == Money.of("500.00 EUR")
    assert programs.minimum_payout(glow, "USD") == Money.of("40.00 USD")
    assert limit_queries.in_force(glow).clawback_days == 90


def test_a_newer_one_replaces_what_was_open_of_its_kind_and_one_is_withdrawn(world):
    finn, faye = world.finn, world.faye
    first = put_forward(world, finn)
    with unit_of_work():
        changes.put_forward_schedule(world.glow.id, Schedule.NET_60, by=faye.user_id)
    with pytest.raises(Conflict, match="withdrawn already"), unit_of_work():
        commands.confirm(first, by=faye.user_id)
    (one,) = queries.open_of(world.glow.id)
    with unit_of_work():
        commands.withdraw(one.proposal.id, by=finn.user_id)
    assert queries.open_of(world.glow.id) == []


def test_where_nobody_else_could_confirm_it_waits_7_days_and_the_owners_are_told(world):
    world.owen  # noqa: B018  # the owner, who is told
    alone = world.faye
    found = put_forward(world, alone)
    world.settle()
    assert letters("takes effect on") == [
        ("owen@example.com", "When the brand pays: a change takes effect on 9 Mar")
    ]
    alone.opens(CHANGES).sees("takes effect by itself", "owners were told")
    (told,) = db.session.query(Message).filter(Message.recipient == "owen@example.com")
    assert "/brand/glow/changes" in told.text
    clock.pass_days(6)
    jobs.end_waits()
    assert paying.terms(world.glow.id).schedule is Schedule.MONTHLY
    clock.pass_days(1)
    jobs.end_waits()
    end_read()
    assert paying.terms(world.glow.id).schedule is Schedule.NET_30
    assert queries.proposal(found).status is ProposalStatus.WAITED
    assert queries.violations() == []
    alone.opens(CHANGES).sees("By itself", "In effect after its wait")


def test_a_second_person_need_not_wait_and_who_left_finance_changes_nothing(world):
    found = put_forward(world, world.faye)
    second = world.member("Fred", "finance.approver", brand=world.glow)
    with unit_of_work():
        commands.confirm(found, by=second.user_id)
    assert paying.terms(world.glow.id).schedule is Schedule.NET_30
    gil = world.member("Gil", "finance.preparer", "finance.approver", brand=world.rival)
    with unit_of_work():
        changes.put_forward_schedule(world.rival.id, Schedule.NET_7, by=gil.user_id)
    with unit_of_work():
        left = queries.open_of(world.rival.id)[0].proposal
        for role in list(roles_of(world.rival.id, gil.user_id)):
            db.session.delete(role)
    clock.pass_days(8)
    jobs.end_waits()
    end_read()
    assert paying.terms(world.rival.id).schedule is Schedule.MONTHLY
    assert queries.proposal(left.id).status is ProposalStatus.WITHDRAWN


def roles_of(brand_id, user_id):
    return db.session.query(StaffRole).filter_by(brand_id=brand_id, user_id=user_id)


def test_finance_changes_a_schedule_in_the_browser(world):
    assert world.faye.user_id
    page = confirms(world.finn.opens(PAYING).presses("Put this schedule forward", status=200))
    page.fills("The brand pays", "net_30").presses("Put this schedule forward", status=200)
    page.sees("Put forward.", "30 days after", "You proposed it")
    page = world.faye.opens(CHANGES).sees("When the brand pays", "Finn Example")
    confirms(page.presses("Confirm this change", status=200)).presses("Confirm this change")
    world.faye.opens(CHANGES).sees("No change waits", "Confirmed", "Faye Example")
    world.rae.opens(CHANGES, status=404)
    world.mona.opens(CHANGES, status=403)


def test_whoever_is_alone_is_not_told_that_somebody_else_will_confirm(world):
    page = confirms(world.faye.opens(PAYING).presses("Put this schedule forward", status=200))
    page.fills("The brand pays", "net_30").presses("Put this schedule forward", status=200)
    page.sees("Put forward.", "takes effect by itself on 9 Mar")
    page.does_not_see("somebody else of finance")


def test_nobody_confirms_her_own_by_url_and_another_brands_is_not_there(world):
    both = world.member("Bo", "finance.preparer", "finance.approver", brand=world.glow)
    found = put_forward(world, both)
    public_id = queries.proposal(found).public_id
    page = confirms(both.opens(CHANGES).posts(f"{CHANGES}/{public_id}/confirm", {}))
    page.posts(f"{CHANGES}/{public_id}/confirm", {}, status=403).sees("somebody else")
    rae = world.rae.opens("/finance/rival/changes")
    rae.posts(f"/finance/rival/changes/{public_id}/withdraw", {}, status=404)


@pytest.mark.parametrize("what", ["limit", "minimum"])
@pytest.mark.parametrize("code", ["12$", "ßßß", "EU", ""])
def test_what_is_no_currency_is_refused_and_proposes_nothing(world, what, code):
    page = confirms(world.finn.opens(PAYING).presses("Put this schedule forward", status=200))
    sent = {f"{what}-currency": code, f"{what}-amount": "25"}
    page.posts(f"{PAYING}/{what}", sent, status=422).sees("currency code")
    end_read()
    assert queries.open_of(world.glow.id) == []


def test_an_owner_stops_a_change_on_a_page_of_her_own_and_confirms_none(world):
    world.faye  # noqa: B018  # somebody else could confirm it
    found = put_forward(world, world.finn)
    public_id = queries.proposal(found).public_id
    page = world.owen.opens("/brand/glow/settings/team").follows("Changes of money policy")
    page.sees("When the brand pays", "waits for an approver of finance").does_not_see("Confirm")
    world.owen.browser.posts(f"{CHANGES}/{public_id}/confirm", status=403)
    world.mona.browser.opens("/brand/glow/changes", status=403)
    world.rae.browser.opens("/brand/glow/changes", status=404)
    page.opens("/brand/glow/changes").presses("Stop this change").sees(
        "Withdrawn. What was in force", "No change waits"
    )
    end_read()
    assert queries.proposal(found).status is ProposalStatus.WITHDRAWN
    page.sees("Owen Example").does_not_see("Stop this change")
    world.owen.browser.posts(f"/brand/glow/changes/{public_id}/withdraw", status=409)
