"""The pages and files of statements: hers alone, the same figures everywhere."""

import csv
import io

import pytest

from portal.adjustments import commands as adjustments
from portal.adjustments.models import AdjustmentReason
from portal.commissions.models import Commission
from portal.kernel import clock
from portal.kernel.money import Money
from portal.statements import jobs
from portal.statements.models import Statement
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.shop import settle


@pytest.fixture
def sold(world, ada, shop):
    """Ada sold for 8.00 in March and lost 4.00 of it in April; it is May, March and April are out."""
    shop.sells("80.00 USD", "ADA15", number="SH-2001")
    with clock.at("2026-04-10T09:00:00+00:00"):
        shop.refunds("SH-2001", "40.00 USD")
    with clock.at("2026-05-02T09:00:00+00:00"):
        jobs.publish_due()
        settle()
        yield ada


def statement_of(month):
    return db.session.query(Statement).filter_by(month=month).one().public_id


def rows_of(answer):
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))


# ---- hers
def test_a_creator_reads_her_months(world, sold):
    page = world.signed_in("ada@example.com").opens("/creator/statements")
    page.sees("May 2026").sees("So far").sees("April 2026").sees("March 2026").sees("−$4.00")
    page.opens("/creator/statements/2026-04").sees("Opening").sees("$8.00").sees("Taken back")
    page.sees("Order ending 2001").sees("Closing").sees("$4.00").does_not_see("SH-2001")


def test_each_line_leads_to_its_reason(world, sold):
    page = world.signed_in("ada@example.com").opens("/creator/statements/2026-03")
    page.follows("Sale").sees("How it was worked out")


def test_the_running_month_can_be_read_but_not_taken_along(world, sold, shop):
    shop.sells("20.00 USD", "ADA15")
    page = world.signed_in("ada@example.com").opens("/creator/statements/2026-05")
    page.sees("So far").sees("This month is not over").does_not_see("Mail it to me")


def test_her_file_adds_up_and_is_what_the_page_says(world, sold):
    client = world.signed_in("ada@example.com").client
    rows = rows_of(client.get(f"/creator/statements/{statement_of('2026-04')}/file.csv"))
    assert [(row["Type"], row["Amount"]) for row in rows] == [
        ("opening", "8.00"), ("reversed", "-4.00"), ("closing", "4.00"),
    ]  # fmt: skip


def test_her_document_is_a_tagged_pdf_and_always_the_same(world, sold):
    client = world.signed_in("ada@example.com").client
    url = f"/creator/statements/{statement_of('2026-03')}/file.pdf"
    first, second = client.get(url), client.get(url)
    assert (first.mimetype, first.data[:5]) == ("application/pdf", b"%PDF-")
    assert b"pdfuaid" in first.data
    assert first.data == second.data


def test_she_has_it_mailed(world, sold):
    page = world.signed_in("ada@example.com").opens("/creator/statements/2026-04")
    page.presses("Mail it to me").sees("on its way to your mailbox")
    settle()
    assert db.session.query(Statement).filter_by(month="2026-04").one().mails == 2


def test_another_creators_statement_does_not_exist(world, sold, ben):
    theirs = statement_of("2026-03")
    page = world.signed_in("ben@example.com")
    page.opens("/creator/statements").sees("No statement yet")
    for url in ("/creator/statements/2026-03", f"/creator/statements/{theirs}/file.csv",
                f"/creator/statements/{theirs}/file.pdf", "/creator/statements/nonsense"):  # fmt: skip
        page.opens(url, status=404)


# ---- finance
def test_finance_sees_the_months_with_their_sums(world, sold):
    page = world.finn.opens("/finance/glow/statements").sees("March 2026").sees("−$4.00")
    page.follows("April 2026").sees("1 statement").sees("Ada").follows("Ada")
    page.sees("Taken back").sees("$4.00").presses("Mail again").sees("on its way to the creator")


def test_finance_publishes_a_month_that_is_due_at_once(world, ada, shop):
    shop.sells("80.00 USD", "ADA15")
    with clock.at("2026-04-02T09:00:00+00:00"):
        page = world.finn.opens("/finance/glow/statements").sees("March 2026 has ended")
        page.presses("Publish March 2026").sees("The statements of March 2026 are out.")
        page.does_not_see("has ended")


def test_an_empty_brand_says_when_the_first_month_comes(world):
    world.finn.opens("/finance/glow/statements").sees("No statements yet").sees("1 Apr")


def test_the_months_file_has_a_line_for_everybody(world, sold):
    rows = rows_of(world.finn.browser.client.get("/finance/glow/statements/2026-04.csv"))
    assert [
        (row["Creator"], row["Opening"], row["Taken back"], row["Closing"]) for row in rows
    ] == [("Ada Example", "8.00", "-4.00", "4.00")]


def test_another_brands_statements_do_not_exist(world, sold):
    theirs = statement_of("2026-03")
    world.finn.opens("/finance/glow/statements/2026-05", status=404)
    world.finn.opens(f"/finance/glow/statements/2026-04/{theirs}", status=404)
    world.finn.opens(f"/finance/glow/statements/2026-03/{theirs}")


# ---- what an adjustment is about
@pytest.fixture
def adjusted(world, ada, shop):
    """A sale and a bonus of 5.00 for it, in March."""
    shop.sells("80.00 USD", "ADA15", number="SH-2001")
    commission, finn = db.session.query(Commission).one(), world.finn.user_id
    with unit_of_work():
        adjustments.propose(
            ada.brand_id, ada.creator_id, Money.of("5.00 USD"), AdjustmentReason.BONUS,
            "For the lovely reel.", by=finn,
            about=adjustments.About(commission_id=commission.id),
        )  # fmt: skip
    return ada


def test_an_adjustment_says_why_and_leads_to_what_it_is_about(world, adjusted):
    page = world.signed_in("ada@example.com").opens("/creator/statements/2026-03")
    page.sees("Adjustment: bonus").sees("For the lovely reel.")
    page.follows("Adjustment: bonus").sees("How it was worked out")


def test_finance_goes_from_a_line_to_its_adjustment(world, adjusted):
    with clock.at("2026-05-02T09:00:00+00:00"):
        jobs.publish_due()
        settle()
        page = world.signed_in("finn@example.com")
        page.opens(f"/finance/glow/statements/2026-03/{statement_of('2026-03')}")
        page.sees("For the lovely reel.").follows("Adjustment: bonus")
        page.sees("What the creator reads")
