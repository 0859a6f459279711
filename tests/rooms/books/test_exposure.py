"""Clawback exposure: what was paid and a refund could still take back, by currency and creator."""

from portal.books import exposure_queries
from portal.commissions import commands as commissions
from portal.kernel import clock
from portal.kernel.money import Money
from portal.storage.unit_of_work import unit_of_work
from tests.rooms.commissions.test_life import paid
from tests.support.queries import keeps_budget

__all__ = ["paid"]
FORECAST = "/finance/glow/forecast"
usd = Money.of


def now(world, days=120):
    return exposure_queries.exposures(world.glow.id, days)


def test_R71_what_is_paid_is_exposed_as_long_as_a_refund_is_taken_back(world, ada, paid, shop):
    shop.sells("500.00 USD", "ADA15", number="2")  # pending: not paid, so not exposed
    (one,) = now(world)
    assert (one.returnable, one.rate_bp, one.owed) == (usd("100.00 USD"), 0, usd("0.00 USD"))
    assert [(creator.name, amount) for creator, amount in one.top] == [
        ("Ada Example", usd("100.00 USD"))
    ]
    clock.pass_days(119)
    assert now(world)[0].returnable == usd("100.00 USD")
    clock.pass_days(2)
    assert now(world) == []
    assert now(world, days=200)[0].returnable == usd("100.00 USD")


def test_R69_returns_after_the_payment_are_owed_back_and_set_the_rate(world, ada, paid, shop):
    shop.refunds("1", "250.00 USD")
    (one,) = now(world)
    assert (one.returnable, one.rate_bp, one.owed) == (usd("75.00 USD"), 2500, usd("25.00 USD"))
    assert (one.likely, one.total) == (usd("18.75 USD"), usd("43.75 USD"))
    page = world.finn.opens(FORECAST).sees("Clawback exposure, USD", "$75.00", "$18.75", "$43.75")
    page.sees(
        "Paid, still returnable, USD", "Ada Example", "25%", "sales paid in the last 120 days"
    )


def test_an_amount_that_a_person_added_is_not_returnable(world, ada, paid, shop):
    finn = world.finn.user_id
    with unit_of_work():
        commissions.adjust(
            world.glow.id, ada.creator_id, ada.id, usd("40.00 USD"), "Make-good", by=finn
        )
    assert now(world)[0].returnable == usd("100.00 USD")


def test_another_brand_sees_nothing_of_it_and_the_page_keeps_its_budget(world, ada, paid):
    assert exposure_queries.exposures(world.rival.id, 120) == []
    world.rae.opens("/finance/rival/forecast").does_not_see("Clawback exposure", "Ada Example")
    keeps_budget(world.finn.browser, FORECAST, most=15)
