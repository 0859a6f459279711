"""R148: a report per row, nothing lost, and repeating it changes nothing."""

import io

import pytest
from sqlalchemy import func, select

from portal.integrations.csv_orders import commands as csv_orders
from portal.integrations.preview import preview
from portal.kernel.errors import InvalidInput
from portal.sales import commands as sales
from portal.sales import queries
from portal.sales.models import Order, Refund
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work

HEADER = "type,order_id,refund_id,occurred_at,currency,amount,discount,tax,shipping,code,click_id,customer_email"
GOOD = """\
order,1001,,2026-02-01T10:00:00Z,USD,93.00,8.00,6.80,5.00,ADA15,4211,sam@example.com
order,1002,,2026-02-02,JPY,5000,,,,ada15,,
refund,1001,r1,2026-02-05T10:00:00Z,USD,20.00,,,,,,
refund,1009,r2,2026-02-05T10:00:00Z,USD,5.00,,,,,,
"""


@pytest.fixture
def connection_id(world):
    brand_id = world.glow.id
    with unit_of_work():
        return sales.csv_connection(brand_id)


def imported(connection_id, rows, *, header=HEADER, dry_run=False):
    text = f"{header}\n{rows}" if isinstance(rows, str) else rows
    stream = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    return csv_orders.import_orders(connection_id, stream, dry_run)


def counts():
    db.session.remove()
    return tuple(
        db.session.scalar(select(func.count()).select_from(model)) for model in (Order, Refund)
    )


def order(number):
    db.session.remove()
    return db.session.scalars(select(Order).where(Order.external_id == number)).one()


def test_orders_and_refunds(connection_id):
    report = imported(connection_id, GOOD)
    assert report.as_json() == {"rows": 4, "accepted": 4, "known": 0, "rejected": []}
    assert str(order("1001").base) == "73.20 USD"
    assert str(order("1002").base) == "5000 JPY"
    assert (order("1001").codes, order("1001").click_id) == (["ADA15"], "4211")
    assert str(queries.standing(order("1001").id).remaining) == "53.20 USD"


def test_repeating_it_changes_nothing(connection_id):
    imported(connection_id, GOOD)
    before = counts()
    assert imported(connection_id, GOOD).as_json() == {
        "rows": 4,
        "accepted": 0,
        "known": 4,
        "rejected": [],
    }
    assert counts() == before


def test_a_dry_run_says_the_same_and_keeps_nothing(connection_id):
    rehearsed = imported(connection_id, GOOD + GOOD, dry_run=True)
    assert counts() == (0, 0)
    assert rehearsed == imported(connection_id, GOOD + GOOD)
    assert (rehearsed.accepted, rehearsed.known) == (4, 4)


def test_a_parked_refund_finds_the_order_of_a_later_file(connection_id):
    imported(connection_id, GOOD)
    imported(connection_id, "order,1009,,2026-02-01,USD,20.00,,,,,,\n")
    assert str(queries.standing(order("1009").id).remaining) == "15.00 USD"


@pytest.mark.parametrize(("row", "reason"), [
    ("sale,1,,2026-02-01,USD,1.00,,,,,,", "type"),
    ("order,,,2026-02-01,USD,1.00,,,,,,", "no order_id"),
    ("refund,1,,2026-02-01,USD,1.00,,,,,,", "no refund_id"),
    ("order,1,,yesterday,USD,1.00,,,,,,", "is no date"),
    ("order,1,,2026-02-01,dollars,1.00,,,,,,", "is no currency"),
    ("order,1,,2026-02-01,USD,,,,,,,", "amount is missing"),
    ("order,1,,2026-02-01,USD,1.2.3,,,,,,", "not a number"),
    ('order,1,,2026-02-01,USD,"1,000.00",,,,,,', "not a number"),
    ("order,1,,2026-02-01,USD,NaN,,,,,,", "not a number"),
    ("order,1,,2026-02-01,USD,1e99,,,,,,", "not a number"),
    ("order,1,,2026-02-01,USD,=1+1,,,,,,", "not a number"),
    ("order,1,,2026-02-01,USD,-5.00,,,,,,", "negative"),
    ("order,1,,2026-02-01,USD,1.005,,,,,,", "decimals"),
    ("order,1,,2026-02-01,JPY,1.5,,,,,,", "decimals"),
    ("order,1,,2026-02-01,USD,1.00,2.00,,,,,", "more than the amount"),
    ("order,1,,2026-02-01,USD,1.00,,,,,,,surplus", "more cells"),
    (f"order,{'9' * 200},,2026-02-01,USD,1.00,,,,,,", "longer than"),
])  # fmt: skip
def test_a_bad_row_says_what_is_wrong_and_the_others_go_in(connection_id, row, reason):
    report = imported(connection_id, f"{row}\norder,2,,2026-02-01,USD,1.00,,,,,,\n")
    assert (report.rows, report.accepted) == (2, 1)
    assert report.rejected[0].row == 2
    assert reason in report.rejected[0].reason
    assert report.rejected[0].reason.endswith(".")


def test_the_same_order_with_other_figures_is_refused(connection_id):
    imported(connection_id, "order,1,,2026-02-01,USD,10.00,,,,,,\n")
    report = imported(connection_id, "order,1,,2026-02-01,USD,12.00,,,,,,\n")
    assert "recorded already, as $10.00" in report.rejected[0].reason
    assert str(order("1").base) == "10.00 USD"


def test_zeros_beyond_the_currencys_decimals_are_no_decimals(connection_id):
    assert imported(connection_id, "order,1,,2026-02-01,JPY,1500.00,,,,,,\n").accepted == 1


def test_refunds_may_be_written_with_a_minus(connection_id):
    imported(connection_id, GOOD)
    imported(connection_id, "refund,1002,r9,2026-02-06,JPY,-1000,,,,,,\n")
    assert str(queries.standing(order("1002").id).remaining) == "4000 JPY"


def test_formula_cells_are_text(connection_id):
    row = "order,'=HYPERLINK(1),,2026-02-01,USD,1.00,,,,'@SUM(A1),,\n"
    assert imported(connection_id, row).accepted == 1
    assert order("=HYPERLINK(1)").codes == ["@SUM(A1)"]


def test_order_of_columns_capitals_and_a_byte_order_mark_do_not_matter(connection_id):
    text = "\ufeffOrder_ID;Amount;Currency;Occurred_At;Type;Remark\r\n7;1.00;usd;2026-02-01;ORDER;hello\r\n\r\n"
    report = imported(connection_id, text.encode())
    assert report.as_json() == {"rows": 1, "accepted": 1, "known": 0, "rejected": []}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"a,b\n1,2\n",
        b"type,order_id\n",
        b"\xff\xfe\x00",
        b"type,type,order_id,occurred_at,currency,amount\n",
    ],
)
def test_a_file_without_the_columns_is_refused_whole(connection_id, text):
    with pytest.raises(InvalidInput) as refused:
        imported(connection_id, text)
    assert refused.value.message.endswith(".")


def test_more_rows_than_a_slice(connection_id):
    rows = "".join(f"order,{number},,2026-02-01,USD,1.00,,,,,,\n" for number in range(450))
    assert imported(connection_id, rows).accepted == 450
    assert imported(connection_id, rows).known == 450


def test_preview_of_a_file():
    one = preview("csv", None, f"{HEADER}\n{GOOD.splitlines()[0]}\n".encode())
    assert (one["kind"], one["external_id"], one["commissionable_minor"], one["codes"]) == (
        "sale",
        "1001",
        7320,
        ["ADA15"],
    )
    with pytest.raises(InvalidInput, match="several currencies"):
        preview("csv", None, f"{HEADER}\n{GOOD}".encode())
    with pytest.raises(InvalidInput, match="Row 2"):
        preview("csv", None, f"{HEADER}\nsale,1\n".encode())
