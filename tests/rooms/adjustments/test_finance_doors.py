"""Adjustments as finance makes, approves and finds them, and as the creator reads them."""

import io

import pytest

from portal.adjustments import queries
from portal.kernel.pages import PageRequest
from portal.ledger import queries as books
from portal.notifications.models import Message
from portal.storage.model import db
from tests.support.proof import confirms
from tests.support.queries import counted, keeps_budget

ADJUSTMENTS = "/finance/glow/adjustments"


def fill(page, amount, note="A good month.", way="Add to what she is owed"):
    page.opens(f"{ADJUSTMENTS}/new").chooses(way).fills("Amount", amount).fills("Reason", "bonus")
    return page.fills("Note to the creator", note)


def only(world):
    return queries.listing(world.glow.id, PageRequest()).rows[0].adjustment


def payable(ada):
    return str(books.balances_of(ada.brand_id, ada.creator_id, "USD").payable)


def test_an_empty_list_offers_the_first(world):
    world.finn.opens(ADJUSTMENTS).sees("No adjustments yet", "New adjustment")


def test_a_small_one_is_posted_and_the_creator_reads_why(world, ada):
    fill(world.finn.browser, "20.00").presses("Post, or send for approval", status=200).sees(
        "Posted. The creator reads why.", "$20.00", "Payable", "A good month."
    )
    assert payable(ada) == "20.00 USD"
    her = world.signed_in("ada@example.com")
    her.opens("/creator/earnings").sees("Bonus", "A good month.", "+$20.00")
    her.opens("/creator/earnings?kind=adjustment").sees("A good month.")
    her.opens("/creator/earnings?kind=sale").does_not_see("A good month.")
    her.opens("/creator").sees("Bonus", "A good month.")
    assert "Adjustment: bonus" in her.opens("/creator/earnings.csv").response.get_data(as_text=True)


def test_above_the_limit_somebody_else_approves_after_a_fresh_proof(world, ada):
    fill(world.finn.browser, "80.00").presses("Post, or send for approval", status=200).sees(
        "Sent to a second person for approval.", "Waits for a second person", "you proposed it"
    )
    assert payable(ada) == "0.00 USD"
    url = f"{ADJUSTMENTS}/{only(world).public_id}"
    faye = world.faye.opens(url).presses("Approve +$80.00")
    confirms(faye).presses("Approve +$80.00", status=200).sees("Approved and posted.")
    assert payable(ada) == "80.00 USD"


def test_nobody_approves_her_own_by_url(world, ada):
    both = world.member("Bo", "finance.preparer", "finance.approver", brand=world.glow)
    fill(both.browser, "80.00").presses("Post, or send for approval", status=200)
    url = f"{ADJUSTMENTS}/{only(world).public_id}"
    both.opens(url).does_not_see("Approve +$80.00")
    page = both.browser.posts(f"{url}/approve", {})
    confirms(page).posts(f"{url}/approve", {}, status=403).sees("somebody else")
    assert payable(ada) == "0.00 USD"


def test_declined_with_a_reason_and_reversed_by_the_opposite(world, ada):
    fill(world.finn.browser, "80.00").presses("Post, or send for approval")
    url = f"{ADJUSTMENTS}/{only(world).public_id}"
    page = world.faye.opens(url).presses("Decline", status=422).sees("Say why")
    page.fills("Why not", "Too much.").presses("Decline", status=200).sees("Declined", "Too much.")
    fill(world.finn.browser, "5.00", "Oops.").presses("Post, or send for approval", status=200)
    page = world.finn.browser.fills("Note to the creator", "A mistake.")
    page.presses("Reverse this adjustment", status=200).sees("Opposite entry", "−$5.00")
    assert payable(ada) == "0.00 USD"


def test_bad_input_keeps_what_was_typed(world, ada):
    page = fill(world.finn.browser, "lots").presses("Post, or send for approval", status=422)
    page.sees("Write an amount such as", "A good month.")
    page = fill(world.finn.browser, "5.00").fills("Order number", "#404")
    page.presses("Post, or send for approval", status=422).sees("No order of this brand")


def test_found_by_view_and_creator_and_as_a_file(world, ada):
    fill(world.finn.browser, "20.00", "=1+1").presses("Post, or send for approval")
    world.finn.opens(f"{ADJUSTMENTS}?view=approved&q=ada").sees("Ada Example")
    world.finn.opens(f"{ADJUSTMENTS}?view=declined").sees("No adjustment matches")
    text = world.finn.browser.opens(f"{ADJUSTMENTS}/list.csv").response.get_data(as_text=True)
    assert "Ada Example,20.00,USD,bonus,'=1+1,payable" in text


@pytest.mark.parametrize("path", ["", "/list.csv", "/new"])
def test_another_brands_finance_is_told_404(world, path):
    world.rae.opens(f"{ADJUSTMENTS}{path}", status=404)


def test_a_negative_balance_is_written_off_by_two(world, ada):
    fill(world.finn.browser, "12.00", "Paid twice.", "Take from what she is owed").presses(
        "Post, or send for approval", status=200
    )
    page = world.finn.opens("/finance/glow/balances").sees("Ada Example", "−USD 12.00")
    page.fills("Note to the creator", "We give this up.").presses("Propose to write off $12.00")
    page.sees("A second person has to approve this.", "Write-off")
    faye = world.faye.opens("/finance/glow/balances").follows("$12.00 waits for a second person")
    confirms(faye.presses("Approve +$12.00")).presses("Approve +$12.00", status=200)
    world.faye.opens("/finance/glow/balances").sees("No balance is negative")


def test_the_list_takes_few_queries(world, ada):
    fill(world.finn.browser, "20.00").presses("Post, or send for approval")
    for page in (ADJUSTMENTS, "/finance/glow/balances", "/finance/glow/commissions?view=payable"):
        keeps_budget(world.finn.browser, page, most=12)


def test_a_creator_beyond_the_list_is_found_and_stays_chosen(world, ada, ben):
    url = f"{ADJUSTMENTS}/new?q=ben"
    page = world.finn.opens(url).sees("Find a creator", "Ben Example").does_not_see("Ada Example")
    page.fills("Amount", "5.00").fills("Reason", "bonus").fills("Note to the creator", "Hello.")
    page.presses("Post, or send for approval", status=200).sees("Adjustment for Ben Example")


def test_who_may_approve_is_told_and_the_creator_once_it_is_posted(world, ada):
    assert world.faye.user_id
    fill(world.finn.browser, "80.00").presses("Post, or send for approval")
    world.settle()
    letters = {one.recipient: one.subject for one in db.session.query(Message)}
    assert letters[world.faye.email] == "To approve: +$80.00 for Ada Example"
    assert "An adjustment" not in letters.get("ada@example.com", "")


def test_a_file_is_attached_and_only_finance_gets_it(world, ada):
    page = fill(world.finn.browser, "20.00")
    page.fills("File", (io.BytesIO(b"%PDF-1.7 letter"), "letters/letter.pdf"))
    page.presses("Post, or send for approval", status=200).sees("letter.pdf", "attached a file")
    found = only(world)
    kept = world.faye.opens(f"{ADJUSTMENTS}/{found.public_id}/file").response
    assert (kept.data, kept.mimetype) == (b"%PDF-1.7 letter", "application/pdf")
    assert kept.headers["Content-Disposition"] == "attachment; filename=letter.pdf"
    world.rae.opens(f"/finance/rival/adjustments/{found.public_id}/file", status=404)
    world.mona.opens(f"{ADJUSTMENTS}/{found.public_id}/file", status=403)


def test_the_page_of_an_adjustment_does_not_read_its_file(world, ada):
    page = fill(world.finn.browser, "20.00")
    page.fills("File", (io.BytesIO(b"%PDF-1.7" + b" " * 1_400_000), "letter.pdf"))
    page.presses("Post, or send for approval", status=200)
    with counted() as asked:
        world.finn.opens(f"{ADJUSTMENTS}/{only(world).public_id}").sees("letter.pdf")
    assert not [one for one in asked.statements if "adjustment_files.body" in one]


def test_a_file_that_may_not_be_kept_posts_nothing(world, ada):
    page = fill(world.finn.browser, "20.00").fills("File", (io.BytesIO(b"MZ\x90\x00"), "a.pdf"))
    page.presses("Post, or send for approval", status=422).sees("Attach a PDF")
    assert payable(ada) == "0.00 USD"
    assert queries.listing(world.glow.id, PageRequest()).rows == []
