"""The pages of invoices: she says who she is and agrees, finance says who the brand is."""

import pytest

from portal.invoices import commands, jobs
from portal.invoices.models import Invoice
from portal.kernel import clock
from portal.statements import jobs as statements
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.rooms.invoices.test_invoices import GERMAN, HERS, agreed, finn, payable
from tests.support.proof import confirms

__all__ = ["agreed", "finn"]
SETTINGS = "/finance/glow/invoices/settings"


@pytest.fixture
def invoice(world, agreed):
    payable(world.glow, agreed.creator_id, 10_000, "t:1")
    with clock.at("2026-04-02T09:00:00+00:00"):
        statements.publish_due()
        jobs.write_due()
        yield db.session.query(Invoice).one().public_id


def test_a_creator_gives_her_details_and_agrees(world, ada, finn):
    payable(world.glow, ada.creator_id, 100, "t:0")
    with unit_of_work():
        commands.save_issuer(world.glow.id, GERMAN, vat_rate_bp=1900, writes=True, by=finn)
    page = world.signed_in("ada@example.com").opens("/creator/invoices").sees("Not set up yet")
    page = page.follows("Add your details").fills("Legal name", "Ada Example")
    page.fills("Address", "Gasse 2").fills("Country", "DE").fills("VAT number", "DE1")
    page.presses("Keep these details", status=422).sees("DE1 is not a VAT number of this country")
    page.fills("VAT number", HERS["vat_number"]).presses("Keep these details")
    page.sees("Your invoice details are kept.").presses("Agree for a year")
    page.sees("Agreed until 1 March 2027.").presses("Write my own instead")
    page.sees("You write your own invoices from now on.").sees("Agree for a year")


def test_she_reads_her_invoice_and_takes_it_along(world, invoice):
    hers = world.signed_in("ada@example.com")
    hers.opens("/creator/invoices").follows("Invoice 1").sees("Glow GmbH").sees("€119.00")
    hers.sees("Self-billing").sees("VAT at 19%")
    answer = hers.client.get(f"/creator/invoices/{invoice}/file.pdf")
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")


def test_nobody_else_reads_it(world, invoice, ben):
    world.signed_in("ben@example.com").opens(f"/creator/invoices/{invoice}", status=404)
    world.signed_in("ben@example.com").opens(f"/creator/invoices/{invoice}/file.pdf", status=404)


def test_finance_sets_the_brand_up_by_two(world):
    assert world.faye.user_id  # there is somebody who may
    page = (
        world.finn.opens("/finance/glow/invoices")
        .sees("You write no invoices")
        .follows("Set it up")
    )
    page.fills("Legal name", "Glow GmbH").fills("Address", "Weg 1").fills("Country", "DE")
    page.fills("VAT number", "DE136695976").fills("Standard VAT rate", "19")
    page.chooses("Write invoices for creators who agreed to it")
    page.presses("Propose these settings", status=200).sees("Put forward.", "Glow GmbH", "19%")
    page.does_not_see("Confirm this").opens("/finance/glow/invoices").sees("You write no invoices")
    faye = world.faye.opens(SETTINGS).sees("Proposed by Finn Example", "Invoices are written")
    confirms(faye.presses("Confirm this change")).presses("Confirm this change", status=200)
    page.opens("/finance/glow/invoices").sees("No invoices yet").sees("March 2026")
    page.opens(SETTINGS).sees("Weg 1")
    page.presses("Propose these settings", status=422).sees("This is in force already.")


def test_settings_that_cannot_be_are_said_at_once(world):
    page = world.finn.opens(SETTINGS).fills("Legal name", "Glow GmbH").fills("Address", "Weg 1")
    page.fills("Country", "DE").fills("VAT number", "DE1")
    page.presses("Propose these settings", status=422).sees("DE1 is not a VAT number")


def test_finance_reads_what_was_written(world, invoice):
    page = world.finn.opens("/finance/glow/invoices").sees("Domestic VAT").sees("€119.00")
    page.follows("Invoice 1").sees("Ada Example").sees("Glow GmbH")
    world.finn.opens("/finance/glow/invoices/inv_nothing", status=404)
