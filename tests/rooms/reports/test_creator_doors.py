"""A creator's home and earnings: her own money, explained, and nobody else's."""

import csv
import io

import pytest

from portal.commissions import commands, jobs, queries
from portal.creators import commands as creators
from portal.creators.models import Rail
from portal.destinations import commands as destinations
from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.storage.unit_of_work import unit_of_work
from tests.support.assignments import an_open_brief
from tests.support.people import a_creator, an_ambassador, an_enrolled
from tests.support.shop import clicked


@pytest.fixture
def home(world, ada):
    """Ada's browser on her home page."""
    return lambda: world.signed_in("ada@example.com").opens("/creator")


def commission_of(order_id):
    found = queries.of_order(order_id)
    assert found is not None
    return found


def matured(shop, base="400.00 USD", number="1"):
    order_id = shop.sells(base, "ADA15", number=number)
    clock.pass_days(31)
    jobs.mature_due()
    return order_id


# ---- home
def test_a_new_ambassador_is_told_to_share(home):
    page = home().sees(
        "Payable to you", "$0", "15% off for your people", "No sales yet",
        "Share your code to get your first sale",
    )  # fmt: skip
    assert page.field("Your code")["value"] == "ADA15"
    assert page.page.find(id="link-1")["value"] == "localhost/go/ada"


def test_a_sale_shows_with_the_date_it_turns_payable(home, shop):
    shop.sells("80.00 USD", "ADA15")
    page = home().sees(
        "Sale of $80.00", "ADA15 · pending until 1 Apr", "+$8.00", "Pending until 1 Apr"
    )
    page.sees("Earned in all", "Next payout", "5 Mar", "If at least $25.00 is payable then")
    page.does_not_see("Share your code")


def test_a_click_and_its_order_are_counted_this_month(home, shop, ada):
    click_id = clicked(ada)
    shop.sells("80.00 USD", click_id=str(click_id))
    home().sees("Your link · pending", "Clicks, Mar 1", "Orders 1", "Net sales $80.00")


def test_payable_without_an_account_is_blocked_and_says_what_to_do(home, shop):
    matured(shop)
    page = home().sees("$40", "Next payout", "Blocked", "Tell us where to send your money")
    page.sees("$40.00 is payable", "Above the $25 minimum")


def test_an_account_that_needs_something_comes_first(home, shop, ada, program):
    matured(shop)
    with unit_of_work():
        destinations.set_destination(ada.creator_id, Rail.STRIPE, "acct_1", by=None)
        creators.record_account_state("acct_1", "not_payable", missing=["individual.dob"])
    home().sees("Your payout account needs you", "Add it by 5 Apr", "Blocked")
    with unit_of_work():
        creators.record_account_state("acct_1", "payable")
    home().does_not_see("needs you", "Tell us where")


def test_the_agreement_comes_before_everything(world, program):
    an_enrolled(program, "Eva")
    world.settle()
    clock.pass_days(1)
    page = world.signed_in("eva@example.com").opens("/creator")
    page.sees("Read and accept the agreement", "Onboarding").does_not_see("Share your code")


def test_a_brief_to_answer_is_the_next_step_and_due_next(world, home, program, shop):
    an_open_brief(program, world.mona.user_id, world.owen.user_id)
    home().sees("A new brief for you", "Due next", "Winter roast in your kitchen", "$120.00")


def test_R69_R70_a_negative_balance_is_said_plainly(home, shop, ada):
    matured(shop)
    owner = ada.brand_id, ada.creator_id
    moves = [
        (accounts.payable(*owner), accounts.committed(*owner)),
        (accounts.committed(*owner), accounts.PAID_OUT),
    ]
    with unit_of_work():
        for source, target in moves:
            ledger.post(
                "payout", f"payout:test:{target}", [(source, target, Money.of("40.00 USD"))]
            )
    shop.refunds("1", "400.00 USD")
    page = home().sees("−$40", "Carried forward", "New sales make up for it; nothing is charged")
    page.sees("A buyer returned $400.00 of a $400.00 order. Comes off your next payout.", "−$40.00")


def test_currencies_are_never_summed(home, shop):
    """Shipped mistake 16."""
    shop.sells("80.00 USD", "ADA15")
    shop.sells("10000 JPY", "ADA15")
    home().sees("USD 8.00", "JPY 1,000").does_not_see("1,008")


def test_somebody_without_a_program_sees_where_to_begin(world):
    a_creator("Cy")
    world.signed_in("cy@example.com").opens("/creator").sees("No code yet", "$0")


def test_the_feed_asks_for_itself_and_the_balance(app, world, ada, shop):
    shop.sells("80.00 USD", "ADA15")
    client = world.signed_in("ada@example.com").client
    answer = client.get("/creator", headers={"HX-Request": "true", "HX-Target": "latest"}).text
    assert answer.strip().startswith('<section id="latest"')
    assert 'id="balance" hx-swap-oob="true"' in answer
    assert "<html" not in answer


# ---- earnings
def test_every_line_of_earnings_and_their_sum(world, shop, ada):
    shop.sells("80.00 USD", "ADA15", number="2471")
    shop.sells("20.00 USD", "ADA15", number="2472")
    shop.refunds("2471", "20.00 USD")
    page = world.signed_in("ada@example.com").opens("/creator/earnings")
    page.sees("Sale of $80.00", "order ending 2471", "Adjustment", "A buyer returned $20.00 of a $80.00 order.",
              "−$2.00", "3 lines", "$8.00", "All 3 shown")  # fmt: skip


@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [
        ("kind=sale", "Sale of $80.00", "Adjustment"),
        ("kind=adjustment", "−$2.00", "Sale of $80.00"),
        ("kind=fee", "Nothing matches", "Sale of"),
        ("status=payable", "Nothing matches", "Sale of"),
        ("status=pending", "Sale of $80.00", "Nothing matches"),
        ("period=30", "Sale of $80.00", "Nothing matches"),
        ("status=nonsense&program=99&period=x&kind=y", "Sale of $80.00", "Nothing matches"),
    ],
)
def test_filters(world, shop, ada, query, seen, unseen):
    shop.sells("80.00 USD", "ADA15", number="1")
    shop.refunds("1", "20.00 USD")
    page = world.signed_in("ada@example.com").opens(f"/creator/earnings?{query}")
    page.sees(seen)
    assert unseen not in page.page.find(id="list").get_text(" ", strip=True).replace(
        "Adjustments", ""
    )


def test_a_made_up_cursor_is_a_clear_sentence(world, ada):
    world.signed_in("ada@example.com").opens("/creator/earnings?cursor=zzz", status=422).sees(
        "page link is not complete"
    )


def test_pages_of_earnings_hold_every_line_once(world, shop, ada):
    for number in range(1, 8):
        shop.sells("10.00 USD", "ADA15", number=str(number))
        shop.refunds(str(number), "5.00 USD")
    seen, cursor = [], None
    while True:
        page = queries.earnings_of(ada.creator_id, PageRequest(after=cursor, size=4))
        seen += [(row.commission.id, row.reversal and row.reversal.id) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 14


def test_R136_R149_the_file_has_the_same_lines_and_runs_nothing(world, shop, ada):
    shop.sells("80.00 USD", "ADA15", number="2471")
    shop.refunds("2471", "20.00 USD")
    answer = world.signed_in("ada@example.com").client.get("/creator/earnings.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [(row["Type"], row["Amount"], row["Rate"]) for row in rows] == [
        ("Adjustment", "-2.00", ""),
        ("Sale", "8.00", "10%"),
    ]
    assert sum(int(row["Amount"].replace(".", "")) for row in rows) == 600


# ---- one commission
def test_the_sum_can_be_added_and_the_reason_read(world, shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15", number="2471")
    page = world.signed_in("ada@example.com").opens(
        f"/creator/earnings/{commission_of(order_id).public_id}"
    )
    page.sees("Credited to you", "Order ending 2471", "Winter roast $80.00", "Shipping and tax $13.00, never counted",
              "Counts for you $80.00", "× 10%", "Commission", "$8.00", "ADA15 was typed at checkout",
              "Nothing excluded", "Return window open", "Payable on 1 Apr")  # fmt: skip


def test_a_refund_stands_below_the_sum(world, shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    shop.refunds("1", "20.00 USD")
    page = world.signed_in("ada@example.com").opens(
        f"/creator/earnings/{commission_of(order_id).public_id}"
    )
    page.sees("What came after", "−$2.00", "Left for you $6.00")


def test_a_hold_says_why(world, shop, ada):
    found = commission_of(shop.sells("80.00 USD", "ADA15"))
    with unit_of_work():
        commands.hold(found.id, "We ask the shop about this order.", by=None)
    page = world.signed_in("ada@example.com").opens(f"/creator/earnings/{found.public_id}")
    page.sees("On hold", "We ask the shop about this order.")


def test_R144_nobody_elses_commission_and_no_buyer(world, program, shop, ada):
    """Shipped mistake 24."""
    an_ambassador(program, "Eva")
    found = commission_of(
        shop.sells("80.00 USD", "ADA15", number="9981234", customer_email="buyer@example.com")
    )
    world.signed_in("eva@example.com").opens(f"/creator/earnings/{found.public_id}", status=404)
    world.mona.opens(f"/creator/earnings/{found.public_id}", status=403)
    page = world.signed_in("ada@example.com").opens(f"/creator/earnings/{found.public_id}")
    page.does_not_see("buyer@example.com", "9981234").sees("Order ending 1234")


@pytest.mark.parametrize(
    "path", ["/creator", "/creator/earnings", "/creator/earnings.csv", "/creator/links"]
)
def test_who_is_not_a_creator_is_kept_out(world, browser, path):
    world.mona.opens(path, status=403)
    assert browser.client.get(path).status_code == 303
