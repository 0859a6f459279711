"""The journal of a month, negative balances, what holds release: figures equal the ledger."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.books import balance_queries, journal_queries, periods
from portal.commissions import queries as commissions
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.ledger import queries as ledger
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop


def bounds(world):
    return periods.bounds(clock.today(world.glow.zone).replace(day=1), world.glow.zone)


@pytest.fixture
def sold(world, shop, ada):
    shop.sells("87.45 USD", "ADA15", number="1")
    shop.sells("10000 JPY", "ADA15", number="2")
    shop.refunds("1", "29.15 USD")
    return ada


def test_the_journal_balances_by_currency_and_equals_the_ledger(world, sold):
    found = journal_queries.period_totals(world.glow.id, *bounds(world))
    for debit, credit in journal_queries.sums_of(found).values():
        assert debit == credit
    closing = {(one.kind, one.currency): one.closing for one in found}
    for (state, currency), amount in ledger.totals_by_state(world.glow.id).items():
        assert -closing.get((state, currency), Money.zero(currency)) == amount
    assert str(closing["expense", "USD"]) == "5.83 USD"  # a cost is a debit
    assert str(closing["pending", "JPY"]) == "-1000 JPY"  # a debt is a credit


def test_another_brands_postings_are_not_in_it(world, sold):
    program = a_program(world.rival, slug="rival")
    rex, theirs = an_ambassador(program, "Rex", code="REX15"), Shop(world.rival)
    theirs.sells("1000.00 USD", "REX15", number="77")
    found = list(journal_queries.legs(world.glow.id, *bounds(world)))
    assert rex.creator_id
    assert len(found) == 6
    assert {leg.creator for leg in found} == {"", "Ada Example"}


def test_the_file_carries_codes_and_both_columns_sum_to_the_same(world, sold):
    answer = world.finn.opens("/finance/glow/journal/month.csv").response
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert {(row["Account"], row["Code"]) for row in rows} == {
        ("Commissions and fees promised", "6100"),
        ("Owed to creators, hold still running", "2110"),
    }
    for currency in ("USD", "JPY"):
        own = [row for row in rows if row["Currency"] == currency]
        debit = sum(Decimal(row["Debit"] or 0) for row in own)
        assert debit == sum(Decimal(row["Credit"] or 0) for row in own) > 0


def test_the_page_says_that_it_balances_and_months_before_are_empty(world, sold):
    page = world.finn.opens("/finance/glow/journal").sees("balanced", "6100", "USD", "JPY")
    page.opens("/finance/glow/journal?month=2020-01").sees("Nothing was posted")
    page.opens("/finance/glow/journal?month=soon", status=422).sees("Write a month as 2026-11.")


def test_months_are_the_brands_own(world):
    with pytest.raises(InvalidInput):
        periods.month_of("2026-13", date(2026, 1, 1))
    start, end = periods.bounds(date(2026, 3, 1), "America/New_York")
    assert (start.isoformat(), end.isoformat()) == (
        "2026-03-01T05:00:00+00:00",
        "2026-04-01T04:00:00+00:00",
    )
    assert periods.last_months(date(2026, 1, 31), 3) == [
        date(2026, 1, 1), date(2025, 12, 1), date(2025, 11, 1),
    ]  # fmt: skip


def test_the_forecast_sums_to_what_is_pending(world, sold):
    found = balance_queries.releases(world.glow.id, world.glow.zone)
    assert {code: Money.total((one.amount for one in months), code)
            for code, months in found.items()} == {
        "USD": Money.of("5.83 USD"), "JPY": Money.of("1000 JPY"),
    }  # fmt: skip
    world.finn.opens("/finance/glow/forecast").sees(
        "Released from holds, USD", "$5.83", "Accrued", "Liability"
    )


def test_the_creator_reads_what_is_released_when(world, sold):
    on = (clock.now() + timedelta(days=30)).date()
    assert sorted(commissions.released_next(sold.creator_id, "UTC"), key=str) == [
        (on, Money.of("1000 JPY")),
        (on, Money.of("5.83 USD")),
    ]
    her = world.signed_in("ada@example.com").opens("/creator/earnings")
    her.sees("Released next", "USD 5.83")


@pytest.mark.parametrize("page", ["journal", "journal/month.csv", "balances", "forecast"])
def test_another_brands_finance_is_told_404(world, page):
    world.rae.opens(f"/finance/glow/{page}", status=404)
