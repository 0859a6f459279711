"""A yen program paid by bank, a creator with three currencies, a refund of a refund."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from portal.commissions import queries as commissions
from portal.doctor import CHECKS
from portal.files import commands as files
from portal.integrations.csv_orders import commands as csv_orders
from portal.kernel import clock
from portal.kernel.money import Money
from portal.paying import commands as paying
from portal.payouts import jobs
from portal.sales import commands as sales
from portal.sales import queries as orders
from portal.sales.models import Order
from portal.statements import jobs as months
from portal.statements.models import Statement
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.file_payees import RAILS, FilePayees
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, settle
from tests.support.world import World

AMOUNTS = {"USD": "80.00", "EUR": "40.05", "JPY": "12345"}
HEADER = "type,order_id,refund_id,occurred_at,currency,amount,code\n"


@pytest.fixture
def payees(world: World) -> FilePayees:
    return FilePayees(world)


def well() -> None:
    assert [wrong for _, find in CHECKS for wrong in find()] == []


def rate(payees: FilePayees, currency: str, worth: str) -> None:
    with unit_of_work():
        paying.enter_rate(payees.brand.id, currency, "EUR", worth, clock.today("UTC"), "ECB",
                          by=payees.finn.user_id)  # fmt: skip
    end_read()


def statement(currency: str) -> str:
    wanted = db.select(Statement.public_id).where(Statement.currency == currency)
    found: str = db.session.scalars(wanted).one()
    return found


def rows_of(person: Any, url: str) -> list[dict[str, str]]:
    text = person.opens(url).response.get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def test_a_yen_balance_is_paid_by_bank_and_told_without_decimals(
    payees: FilePayees, world: World
) -> None:
    ada = payees.by_bank("Ada", f"{AMOUNTS['JPY']} JPY")
    rate(payees, "JPY", "0.0061")
    run, file = payees.written("JPY")
    found = payees.of(run, ada)
    assert (found.amount, found.pays) == (Money.of("12345 JPY"), Money.of("75.30 EUR"))  # 75.3045
    assert ">75.30<" in file.body
    page = world.finn.opens(f"/finance/glow/runs/{run.public_id}/items/{found.public_id}")
    page.sees("¥12,345", "€75.30").does_not_see("12,345.00", "$")
    with clock.at("2026-04-02T12:00:00+00:00"):
        months.publish_due()
        settle()
        her = world.signed_in("ada@example.com").opens("/creator/statements")
        her.sees("¥12,345").does_not_see("$", ".00").follows("March 2026")
        her.sees("¥12,345").does_not_see("12,345.00", "$")
        rows = rows_of(her, f"/creator/statements/{statement('JPY')}/file.csv")
        told = {cell for row in rows for cell in row.values()}
        assert "12345" in told
        assert not [cell for cell in told if cell.endswith(".00")]
        pdf = her.opens(f"/creator/statements/{statement('JPY')}/file.pdf").response
        assert pdf.data.startswith(b"%PDF-")
    well()


def test_three_currencies_are_three_runs_three_statements_and_no_sum(
    payees: FilePayees, world: World
) -> None:
    ada = payees.by_bank("Ada", f"{AMOUNTS['USD']} USD")
    for currency in ("EUR", "JPY"):
        payees.owes(ada, f"{AMOUNTS[currency]} {currency}")
    rate(payees, "USD", "0.9215")
    rate(payees, "JPY", "0.0061")
    page = world.finn.opens("/finance/glow/payees")
    page.sees("USD 80.00", "EUR 40.05", "JPY 12,345").does_not_see("12,345.00")
    rows = rows_of(page, "/finance/glow/payees/list.csv")
    assert {row["Currency"]: row["Payable"] for row in rows} == AMOUNTS
    for currency, leaves in (("USD", "73.72"), ("EUR", "40.05"), ("JPY", "75.30")):
        run, file = payees.written(currency)
        assert (run.net, file.total) == (
            Money.of(f"{AMOUNTS[currency]} {currency}"), Money.of(f"{leaves} EUR"),
        )  # fmt: skip
        with unit_of_work():
            files.line_paid(payees.line(run, ada).id, f"bank {currency}", by=None)
        jobs.finish_runs(RAILS, "test")
    for line in rows_of(page, "/finance/glow/payees/list.csv"):
        assert int(line["Payable"].replace(".", "")) == 0
    with clock.at("2026-04-02T12:00:00+00:00"):
        months.publish_due()
        settle()
        her = world.signed_in("ada@example.com").opens("/creator/statements/2026-03")
        her.sees("$80.00", "€40.05", "¥12,345").does_not_see("12,345.00", "12,465")
        for currency, owed in AMOUNTS.items():
            rows = rows_of(her, f"/creator/statements/{statement(currency)}/file.csv")
            assert owed in {cell for row in rows for cell in row.values()}, rows
            assert {row["Currency"] for row in rows} == {currency}
    well()


def test_a_refund_of_a_refund_takes_nothing_and_says_why(world: World) -> None:
    program = a_program(world.glow, terms={"hold_days": 10})
    an_ambassador(program, "Ada", code="ADA15")
    shop = Shop(world.glow)
    found = shop.sells("80.00 USD", "ADA15", number="1001")
    shop.refunds("1001", "80.00 USD", as_id="r1")
    earned = commissions.of_order(found)
    assert earned is not None
    assert (str(earned.amount), str(earned.net)) == ("8.00 USD", "0.00 USD")
    clock.pass_days(1)
    assert shop.refunds("r1", "80.00 USD", as_id="r2") is None  # it waits for an order named r1
    shop.refunds("1001", "80.00 USD", as_id="r3")  # and more than was bought is not given back
    end_read()
    assert str(orders.standing(found).remaining) == "0.00 USD"
    again = commissions.of_order(found)
    assert again is not None
    assert str(again.net) == "0.00 USD"
    well()


def test_a_refund_of_a_refund_in_a_file(world: World) -> None:
    brand_id = world.glow.id
    with unit_of_work():
        connection = sales.csv_connection(brand_id)
    told = (
        "order,1,,2026-02-01,USD,80.00,ADA15\n"
        "refund,1,r1,2026-02-02,USD,80.00,\n"
        "refund,r1,r2,2026-02-03,USD,80.00,\n"
        "refund,1,r1,2026-02-04,USD,0.00,\n"
    )
    report = csv_orders.import_orders(connection, io.BytesIO((HEADER + told).encode()), False)
    settle()
    (refused,) = report.rejected
    assert (report.accepted, refused.row) == (3, 5)
    assert "recorded already, as $80.00 of order 1" in refused.reason
    (order,) = db.session.scalars(db.select(Order))
    assert str(orders.standing(order.id).remaining) == "0.00 USD"
    well()
