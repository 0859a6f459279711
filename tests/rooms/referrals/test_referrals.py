"""Two levels of recruiting, through real applications, orders and jobs."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from portal.ambassadors import commands as ambassadors
from portal.applications import commands as applications
from portal.commissions import commands as earning
from portal.commissions import jobs as maturing
from portal.commissions import queries as commissions
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.creators.models import Creator
from portal.doctor import CHECKS
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as books
from portal.notifications.models import Message
from portal.referrals import commands, jobs, queries, share_commands
from portal.referrals.models import Basis, Recruit
from portal.referrals.rules import Plan
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador, an_application
from tests.support.shop import settle

HEAD_START_SECONDS = 0.5


@pytest.fixture
def program(world):
    return a_program(world.glow, terms={"hold_days": 10})


def published(program, *levels, basis=Basis.SIMPLE, first_sale="0.00 USD"):
    with unit_of_work():
        return commands.publish(program.id, Plan(basis, levels, Money.of(first_sale)), by=None)


def brought(program, who, by, **more):
    """Somebody who applied on another's invitation and became an active member."""
    with unit_of_work():
        code = commands.invite(by.id).code
    application = an_application(program, who, invite=f" {code.lower()} ")
    settle()
    return an_ambassador(program, who, application=application, **more)


def family(program):
    """Johnny brought Betty, who brought Angela, who brought Jim (R79)."""
    johnny = an_ambassador(program, "Johnny")
    betty = brought(program, "Betty", johnny)
    angela = brought(program, "Angela", betty)
    return johnny, betty, angela, brought(program, "Jim", angela, code="JIM15")


def shares():
    rows = db.session.scalars(
        db.select(Commission).where(Commission.kind == CommissionKind.OVERRIDE).order_by(
            Commission.id
        )
    )  # fmt: skip
    return list(rows)


def figures(*members):
    nets = {one.ambassador_id: str(one.net)[:-4] for one in shares()}
    return [nets.get(member.id) for member in members]


def sale_of(order_id):
    found = commissions.of_order(order_id)
    assert found is not None
    return found


def all_well():
    assert [wrong for _, find in CHECKS for wrong in find()] == []


def test_R79_jim_sells_and_two_above_him_earn_beside_it(program, shop):
    published(program, 200, 100)
    johnny, betty, angela, jim = family(program)
    order = shop.sells("100.00 USD", "JIM15")
    assert str(sale_of(order).amount) == "10.00 USD"  # R82: never deducted from the child
    assert figures(angela, betty, johnny, jim) == ["2.00", "1.00", None, None]
    settle()
    jobs.tend()
    assert len(shares()) == 2
    all_well()


def test_R81_a_share_of_what_the_recruit_earns(program, shop):
    published(program, 1000, basis=Basis.DYNAMIC)
    _, _, angela, _ = family(program)
    shop.sells("100.00 USD", "JIM15")
    assert figures(angela) == ["1.00"]


EVENTS = (
    lambda shop: shop.refunds("1001", "30.00 USD", as_id="a"),
    lambda shop: shop.refunds("1001", "21.11 USD", as_id="b"),
    lambda shop: shop.disputes("1001", "lost", "100.00 USD"),
    lambda shop: shop.disputes("1001", "won", "100.00 USD"),
)


@pytest.mark.parametrize("order_of", [(0, 1), (1, 0), (0, 2, 3, 1), (2, 0, 3, 1), (2, 3, 1, 0)])
def test_R75_the_shares_follow_in_the_same_ratio_in_any_order(program, shop, order_of):
    published(program, 333, 111)
    _, betty, angela, _ = family(program)
    order = shop.sells("100.00 USD", "JIM15")
    for number in order_of:
        clock.pass_time(timedelta(minutes=1))
        EVENTS[number](shop)
        settle()
    assert str(sale_of(order).net) == "4.89 USD"
    assert figures(angela, betty) == ["1.63", "0.54"]
    for share in shares():
        back = sum(-row.effect.minor for row in commissions.reversals_of(share.id))
        assert 0 <= back <= share.amount_minor
    all_well()


def test_two_shares_of_one_sale_wait_for_the_books_as_a_run_does(world, program, shop):
    """By account name, so that neither waits for the other. Bites on PostgreSQL."""
    published(program, 500, 200)
    _, betty, angela, _ = family(program)
    order = shop.sells("100.00 USD", "JIM15")
    brand_id, first, then = program.brand_id, betty.creator_id, angela.creator_id
    child = sale_of(order).id
    with unit_of_work():
        earning.hold(child, "Looked into", by=None)

    def follow():
        with world.app.app_context(), unit_of_work():
            share_commands.follow(child)

    with ThreadPoolExecutor(1) as threads:
        with unit_of_work():
            for creator_id in (first, then):
                name = accounts.pending(brand_id, creator_id)
                books.open_account(name, "USD", for_update=True)
                if creator_id == first:
                    other = threads.submit(follow)
                    time.sleep(HEAD_START_SECONDS)  # it comes as far as it can
        other.result()
    db.session.remove()
    assert {one.status for one in shares()} == {CommissionStatus.ON_HOLD}


def test_R75_they_are_held_released_and_taken_back_with_it(program, shop):
    published(program, 200)
    _, _, angela, _ = family(program)
    sale = sale_of(shop.sells("100.00 USD", "JIM15"))
    with unit_of_work():
        earning.hold(sale.id, "Somebody looks.", by=None)
    settle()
    assert shares()[0].status is CommissionStatus.ON_HOLD
    with unit_of_work():
        earning.release(sale.id, by=None)
    settle()
    assert shares()[0].status is CommissionStatus.PENDING
    clock.pass_days(10)
    maturing.mature_due()
    assert shares()[0].status is CommissionStatus.PAYABLE
    with unit_of_work():
        earning.hold(sale.id, "Somebody looks again.", by=None)
    settle()
    with unit_of_work():
        earning.void(sale.id, "It was a test.", by=None)
    settle()
    assert figures(angela) == ["0.00"]
    all_well()


def test_R80_nothing_for_recruiting_alone_and_once_for_the_first_approved_sale(program, shop):
    published(program, first_sale="5.00 USD")
    johnny = an_ambassador(program, "Johnny")
    brought(program, "Betty", johnny, code="BETTY15")
    jobs.tend()
    assert db.session.scalar(db.select(db.func.count(Commission.id))) == 0
    shop.sells("80.00 USD", "BETTY15")
    jobs.tend()
    assert queries.recruits_of(johnny.id).rows[0].earned == []
    clock.pass_days(10)
    maturing.mature_due()
    jobs.tend()
    jobs.tend()
    assert [str(one) for one in queries.recruits_of(johnny.id).rows[0].earned] == ["5.00 USD"]
    shop.refunds("1001", "80.00 USD")
    jobs.tend()
    assert [str(one) for one in queries.recruits_of(johnny.id).rows[0].earned] == ["0.00 USD"]
    all_well()


def test_R82_the_first_recruiter_stays_and_nobody_recruits_herself(program):
    johnny, betty = an_ambassador(program, "Johnny"), an_ambassador(program, "Betty")
    with unit_of_work():
        codes = [commands.invite(one.id).code for one in (johnny, betty)]
        assert commands.invite(johnny.id).code == codes[0]
    first = an_application(program, "Jim", invite=codes[0])
    settle()
    with unit_of_work():
        applications.withdraw(first.id, by=1)
    an_application(program, "Jim", invite=codes[1])
    an_application(program, "Una", invite="NOBODY99")
    settle()
    found = db.session.scalars(db.select(Recruit)).all()
    assert [one.parent_id for one in found] == [johnny.id]


def test_who_is_a_member_already_is_nobodys_recruit_and_an_ended_one_recruits_no_more(
    world, program
):
    johnny = an_ambassador(program, "Johnny")
    other = a_program(world.rival)
    stranger = an_ambassador(other, "Betty")
    with unit_of_work():
        code = commands.invite(stranger.id).code
    an_application(program, "Jim", invite=code)  # of another program
    settle()
    assert db.session.scalars(db.select(Recruit)).all() == []
    assert queries.parents_of([johnny.id]) == {}


def test_R43_an_order_from_before_she_left_pays_her_share_however_late_it_is_paid(program, shop):
    published(program, 200, 100)
    _, betty, angela, _ = family(program)
    clock.pass_days(1)
    bought = clock.now()
    shop.sells("100.00 USD", "JIM15", number="1", is_paid=False)
    clock.pass_days(1)
    with unit_of_work():
        ambassadors.end(angela.id, by=None, reason="I leave")
        ambassadors.pause(betty.id, by=None)
    clock.pass_days(1)
    shop.sells("100.00 USD", "JIM15", number="1", placed_at=bought)
    assert figures(angela, betty) == ["2.00", "1.00"]
    later = shop.sells("100.00 USD", "JIM15", number="2")
    assert str(sale_of(later).amount) == "10.00 USD"
    assert len(shares()) == 2  # R82: not active when it was bought, and it goes to nobody else
    assert commissions.violations() == queries.violations() == []


def test_R43_nor_does_coming_back_bring_a_share_of_what_was_bought_meanwhile(program, shop):
    published(program, 200)
    _, _, angela, _ = family(program)
    clock.pass_days(1)
    with unit_of_work():
        ambassadors.pause(angela.id, by=None)
    clock.pass_days(1)
    bought = clock.now()
    shop.sells("100.00 USD", "JIM15", number="1", is_paid=False)
    clock.pass_days(1)
    with unit_of_work():
        ambassadors.resume(angela.id, by=None)
    shop.sells("100.00 USD", "JIM15", number="1", placed_at=bought)
    assert shares() == []


def test_a_plan_that_takes_something_begins_after_the_notice(program, shop):
    published(program, 200)
    terms = published(program, 100)
    assert (terms.effective_at - clock.now()).days >= program.notice_days - 1
    _, _, angela, _ = family(program)
    shop.sells("100.00 USD", "JIM15")
    assert figures(angela) == ["2.00"]


def test_pages_say_names_she_knows_and_figures_only_hers(world, program, shop):
    page = world.owen.opens("/brand/glow/recruiting")
    page.fills("To whoever invited the seller", "2").fills("To whoever invited her", "1")
    page.presses("Read it as sentences").sees("Angela, who invited Jim, earns $2.00")
    page.presses("Publish this version").sees("Published", "Version 1")
    _, betty, _, _ = family(program)
    sale = shop.sells("100.00 USD", "JIM15")
    me = world.signed_in("betty@example.com")
    seen = me.opens("/creator/recruits").sees("Angela Example", "Brought by your recruits", "$1.00")
    seen.does_not_see("Jim", "$100.00", "$10.00")
    share = next(one for one in shares() if one.ambassador_id == betty.id)
    me.opens("/creator/earnings?kind=override").sees("Referral", "somebody Angela Example invited")
    me.opens(f"/creator/earnings/{share.public_id}").sees("1% of what counted of the sale")
    me.does_not_see("Jim", "$100.00")
    world.finn.opens("/finance/glow/commissions").sees("Referral")
    shop.refunds("1001", "50.00 USD")
    me.opens(f"/creator/earnings/{share.public_id}").sees("same share was taken back", "$0.50")
    me.opens(f"/creator/earnings/{sale_of(sale).public_id}", status=404)


def test_the_way_from_an_invitation_to_the_application(world, program):
    published(program, 200)
    an_ambassador(program, "Johnny")
    me = world.signed_in("johnny@example.com")
    me.opens("/creator/recruits").presses("Make my invitation").sees("Copy your invitation")
    invite = db.session.scalars(db.select(queries.Invite)).one()
    page = world.cy.opens(f"/join/{invite.code}").sees("Johnny Example invites you")
    page.follows("Apply to Glow Ambassadors")
    assert page.field("Invitation code")["value"] == invite.code
    world.cy.opens("/join").fills("Invitation code", "WRONG").presses("Continue", status=422)
    world.cy.opens("/join/WRONG", status=404)
    world.mona.opens("/brand/glow/recruiting").sees("Recruits")
    world.rae.browser.posts(f"/brand/glow/recruiting/{program.public_id}", status=404)


def told(person):
    rows = db.session.scalars(
        db.select(Message).where(Message.recipient == f"{person}@example.com").order_by(Message.id)
    )
    return [row.subject for row in rows if "Recruit" in row.letter.title()]


def test_a_recruiter_has_a_mail_when_a_recruit_joins_and_one_for_the_first_share(program, shop):
    published(program, 200, 100, first_sale="5.00 USD")
    family(program)
    settle()
    assert told("angela") == ["Jim Example joined on your invitation"]
    for _ in range(2):
        shop.sells("100.00 USD", "JIM15")
        settle()
    assert told("angela")[1:] == ["Your first share from Jim Example: $2.00"]
    assert told("betty") == ["Angela Example joined on your invitation"]  # level 2 has no names
    clock.pass_days(11)
    maturing.mature_due()
    jobs.tend()
    settle()
    (bonus,) = db.session.scalars(db.select(Message).where(Message.letter == "bonus_earned"))
    assert (bonus.recipient, bonus.subject) == ("angela@example.com", "Your bonus at Glow: $5.00")
    assert "First sale of Jim Example: you earn $5.00 at Glow." in bonus.text


def test_a_recruiter_of_many_reads_fifty_to_a_page(world, program):
    published(program, 200)
    johnny = an_ambassador(program, "Johnny")
    now, count = clock.now(), 53
    with unit_of_work():
        for model, rows in (
            (User, [{"email": f"many{n}@example.com"} for n in range(count)]),
            (Creator, [{"handle": f"many{n}", "folded_handle": f"many{n}"} for n in range(count)]),
        ):
            for n, row in enumerate(rows):
                made = {"public_id": f"{model.__name__}-{n}", "name": f"Recruit {n:02d}",
                        "created_at": now, **row}  # fmt: skip
                if model is Creator:
                    found = db.select(User.id).where(User.email == f"many{n}@example.com")
                    made |= {"user_id": db.session.scalar(found), "country": "US"}
                db.session.add(model(**made))
            db.session.flush()
        wanted = db.select(Creator.id).where(Creator.handle.startswith("many"))
        for creator_id in db.session.scalars(wanted.order_by(Creator.id)).all():
            db.session.add(
                Recruit(program_id=program.id, creator_id=creator_id, parent_id=johnny.id, at=now)
            )
    me = world.signed_in("johnny@example.com").opens("/creator/recruits")
    me.sees("Recruit 52", "Recruit 03", "First 50 of 53").does_not_see("Recruit 02")
    me.follows("Next").sees("Recruit 02", "Recruit 00", "3 more of 53").does_not_see("Recruit 03")
    me.follows("First page").sees("Recruit 52")
    me.opens("/creator/recruits?of=" + johnny.public_id + "&cursor=madeup", status=422)
