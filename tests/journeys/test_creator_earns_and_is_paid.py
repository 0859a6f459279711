"""One order, end to end, by the pages alone: apply, approve, accept, click, buy, hold, pay."""

import re
from datetime import timedelta

import pytest

from portal.commissions.jobs import mature_due
from portal.creators import commands as creator_commands
from portal.creators import queries as creators
from portal.creators.models import Rail
from portal.demo import stripe_simulator
from portal.destinations import commands as destinations
from portal.doctor import CHECKS
from portal.identity import queries as people
from portal.kernel import clock
from portal.ledger import queries as books
from portal.notifications import queries as mail
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking.models import Click
from tests.support.browser import Browser
from tests.support.hooks import Poster
from tests.support.payees import Payees
from tests.support.people import a_program
from tests.support.proof import confirms
from tests.support.stripe import Simulator

ORDER = {
    "id": 450789469, "name": "#1001", "currency": "USD", "financial_status": "paid",
    "created_at": "2026-03-03T10:00:00+00:00", "processed_at": "2026-03-03T10:00:00+00:00",
    "updated_at": "2026-03-03T10:00:00+00:00", "test": False, "total_price": "311.90",
    "total_tax": "7.00", "total_discounts": "40.00", "email": "buyer@example.com",
    "customer": {"id": 77, "email": "buyer@example.com"}, "refunds": [],
    "line_items": [{"id": 1, "title": "Winter roast", "quantity": 2, "price": "170.00", "product_id": 9,
                    "discount_allocations": [{"amount": "40.00"}]}],
}  # fmt: skip


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def htmx(request):
    return request.param


@pytest.fixture
def simulator(app):
    rails = app.extensions["portal.adapters"].rails
    with stripe_simulator.running() as base_url:
        found = Simulator(base_url)
        rails["stripe"] = found.rail()
        yield found
        del rails["stripe"]


def code_mailed_to(email):
    db.session.remove()
    letters = [one for one in mail.latest(20, email) if one.letter == "sign_in_code"]
    return re.search(r"\b(\d{6})\b", letters[0].text).group(1)


def applies(world, htmx):
    ben = Browser(world.app, htmx=htmx)
    ben.opens("/p/glow").sees("10", "30 days").follows("Apply")
    ben.fills("Name", "Ben Example").fills("E-mail", "ben@example.com").fills("Country", "US")
    ben.fills("Profile link or handle", "https://instagram.com/ben.brews").fills(
        "Followers", "18400"
    )
    ben.chooses("I am 18 or older").chooses("Glow may read").presses("Send application")
    world.settle()
    ben.fills("6-digit code", code_mailed_to("ben@example.com")).presses(
        "Send application", status=200
    )
    return ben.sees("Reference", "usually within 3 days")


def approves(world, htmx):
    mona = world.signed_in(world.mona.email, htmx=htmx)
    mona.opens("/brand/glow/applications").sees("Ben Example").follows("Ben Example")
    mona.presses("Approve")
    clock.pass_time(timedelta(minutes=6))
    world.settle()
    assert any(one.letter == "application_approved" for one in mail.latest(20, "ben@example.com"))


def test_the_whole_story(world, simulator, htmx):
    a_program(world.glow, questions=[])
    ben = applies(world, htmx)
    approves(world, htmx)
    letter = next(
        one for one in mail.latest(20, "ben@example.com") if one.letter == "application_approved"
    )
    ben.opens(re.search(r"http://localhost(/\S+)", letter.text).group(1))
    ben.chooses("I have read").presses("Accept and get my code", status=200)
    ben.sees("BEN15", "/go/")
    slug = re.search(r"/go/([\w-]+)", str(ben.page)).group(1)

    shopper = Browser(world.app)
    answer = shopper.client.get(f"/go/{slug}", headers={"User-Agent": "Mozilla/5.0"})
    assert answer.status_code == 302
    click_id = re.search(r"vclid=(\w+)", answer.headers["Location"]).group(1)
    world.settle()
    assert db.session.query(Click).count() == 1

    with unit_of_work():
        connection = sales.connect(world.glow.id, Source.SHOPIFY, secret="shhh")
    hook = Poster(world.app, "shopify", connection.public_id, "shhh")
    clock.pass_days(1)
    message = {**ORDER, "note_attributes": [{"name": "vclid", "value": click_id}],
               "discount_codes": [{"code": "ben15", "amount": "40.00", "type": "percentage"}]}  # fmt: skip
    assert hook.posts(message, "orders/paid").status_code == 200
    assert hook.posts(message, "orders/paid").status_code == 200
    world.settle()
    ben.opens("/creator").sees("$30.00")
    world.mona.opens("/brand/glow/orders").sees("#1001", "Ben Example", "$300.00", "$30.00")

    clock.pass_days(31)
    payees = Payees(world)
    payees.use(simulator.rail())
    creator = creators.of_user(people.user_by_email("ben@example.com").id)
    pays_out_to(creator, simulator)
    mature_due()
    clock.pass_days(30)
    run_is_paid(world, payees, htmx)
    balances = books.balances_of(world.glow.id, creator.id, "USD")
    assert str(balances.paid) == "30.00 USD"
    assert simulator.state()["transfers"][0]["amount"] == 3000
    ben.opens("/creator/payouts").sees("$30.00")
    wrong = [sentence for _, find in CHECKS for sentence in find()]
    assert wrong == []


def pays_out_to(creator, simulator):
    account = simulator.account(creator.public_id)
    with unit_of_work():
        destinations.set_destination(
            creator.id, Rail.STRIPE, account, by=creator.user_id, label_masked="••6789"
        )
        creator_commands.record_account_state(account, "payable")


def run_is_paid(world, payees, htmx):
    finn, faye = (world.signed_in(one.email, htmx=htmx) for one in (world.finn, world.faye))
    finn.opens("/finance/glow/runs/new").presses("Calculate", status=200).sees("$30.00")
    run_url = finn.url.split("?")[0]
    today = f"{clock.now():%Y-%m-%d}"  # the schedule would wait until the 5th
    finn.opens(f"{run_url}/check").fills("Pay date", today).presses("Submit $30.00", status=200)
    finn.opens(f"{run_url}/approve", status=None).sees("You prepared this run")
    finn.posts(f"{run_url}/approve", {"control_hash": "x", "net_minor": "3000"})
    assert finn.status in (403, 409, 422)
    faye.opens(f"{run_url}/approve").sees("$30.00").presses("Approve $30.00 to 1 creator")
    if "Confirm" in faye.text:
        confirms(faye)
        faye.opens(f"{run_url}/approve").presses("Approve $30.00 to 1 creator")
    payees.work()
    finn.opens(f"{run_url}/result").sees("$30.00")
