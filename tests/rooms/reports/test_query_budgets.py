"""What each page of brand and creator may ask of the database: rows do not count, kinds do."""

import pytest

from portal.commissions import jobs
from portal.kernel import clock
from tests.support.assignments import an_open_brief
from tests.support.people import a_program, an_ambassador, an_application
from tests.support.queries import keeps_budget
from tests.support.shop import Shop, clicked

BRAND_PAGES = {
    "/brand/glow/": 15,
    "/brand/glow/?days=365": 15,
    "/brand/glow/applications": 12,
    "/brand/glow/applications?view=all": 12,
    "/brand/glow/ambassadors": 12,
    "/brand/glow/briefs": 12,
    "/brand/glow/review": 12,
    "/brand/glow/orders": 12,
    "/brand/glow/codes": 12,
}
CREATOR_PAGES = {
    "/creator": 15,
    "/creator/programs": 12,
    "/creator/links": 13,  # two lists: her codes, with wishes for them, and her links
    "/creator/briefs": 12,
    "/creator/earnings": 12,
    "/creator/me": 12,
}


@pytest.fixture
def busy(world):
    """A brand with sales old and new, a refund, a brief, and people who wait."""
    program = a_program(world.glow)
    ada = an_ambassador(program, "Ada")
    an_ambassador(program, "Dora")
    shop = Shop(world.glow)
    shop.sells("400.00 USD", "ADA15", number="1")
    clock.pass_days(31)
    jobs.mature_due()
    shop.sells("80.00 USD", "ADA15", number="2")
    shop.sells("60.00 USD", number="3", click_id=str(clicked(ada)))
    shop.sells("50.00 USD", number="4")
    shop.refunds("2", "20.00 USD")
    an_open_brief(program, by=world.rosa.user_id, approver=world.mona.user_id)
    for name in ("Ben", "Eve", "Fay"):
        an_application(program, name)
    return world


def test_the_brands_pages_keep_their_budgets(busy):
    for url, most in BRAND_PAGES.items():
        keeps_budget(busy.mona.browser, url, most=most)


def test_the_creators_pages_keep_their_budgets(busy):
    ada = busy.signed_in("ada@example.com")
    for url, most in CREATOR_PAGES.items():
        keeps_budget(ada, url, most=most)
