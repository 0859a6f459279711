"""Files in sets: the fast reading is the careful one, and staged orders are recorded orders."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.integrations.csv_orders import commands as csv_orders
from portal.integrations.csv_orders import rows
from portal.integrations.csv_orders.plain import COLUMNS, reader_for
from portal.sales import commands as sales
from portal.sales.commands import PlainOrder
from portal.sales.models import Order, OrderLine, OrderReference, Source
from portal.sales.rules import RefundReport
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

AT = datetime(2026, 2, 1, 10, tzinfo=UTC)
OWN = {"id", "order_id", "public_id", "connection_id", "told"}


def cells(**more):
    row = dict.fromkeys(COLUMNS, "") | {
        "type": "order", "order_id": "7", "occurred_at": "2026-02-01T10:00:00Z",
        "currency": "USD", "amount": "93.00",
    }  # fmt: skip
    return [(row | more)[name] for name in COLUMNS]


def carefully(some):
    return rows._row(2, some, list(COLUMNS))


def test_the_ordinary_row_is_read_fast():
    found = reader_for(COLUMNS)(cells(discount="8.00", tax="6.80", shipping="5", code="ADA15"))
    assert found == PlainOrder(
        "7", AT, "USD", 8120, 7320, 8500, 680, 500, 800, "ADA15", None, ""
    )  # fmt: skip


@pytest.mark.parametrize("odd", [
    {"type": "refund"}, {"order_id": ""}, {"order_id": "9" * 200}, {"amount": ""},
    {"amount": "-1"}, {"amount": "1e3"}, {"amount": "+5"}, {"amount": "1.005"}, {"amount": "٣"},
    {"amount": "1,000"}, {"amount": "NaN"}, {"amount": "9" * 20}, {"discount": "94"},
    {"currency": "dollars"}, {"occurred_at": "yesterday"}, {"occurred_at": "1767225600"},
    {"order_id": "'=1+1"}, {"code": "caf\u00e9"}, {"customer_email": f"{'a' * 300}@x.example"},
])  # fmt: skip
def test_what_is_not_ordinary_is_read_with_care(odd):
    assert reader_for(COLUMNS)(cells(**odd)) is None


AMOUNTS = st.one_of(
    st.integers(0, 200_000).map(lambda minor: f"{minor // 100}.{minor % 100:02d}"),
    st.sampled_from(["", "0", "5", "1.5", "7.", "1.005", ".5"]),
)
WORDS = st.text("abXY09 .@-_\u00e9'\x00=", max_size=6)
MOMENTS = [
    "2026-02-01T10:00:00Z", "2026-02-01 10:00:00.5+05:30", "2026-02-01", "2026-02-01T10:00",
    "20260201", "2026-W05", "0001-01-01T00:00+01:00",
]  # fmt: skip


@given(st.fixed_dictionaries({
    "order_id": st.text("aB9 -'", min_size=1, max_size=5),
    "amount": AMOUNTS, "discount": AMOUNTS, "tax": AMOUNTS,
    "currency": st.sampled_from(["USD", "eur", "JPY", "KWD", "US"]),
    "code": WORDS, "click_id": WORDS, "customer_email": WORDS,
    "occurred_at": st.sampled_from(MOMENTS),
}))  # fmt: skip
def test_the_fast_reading_is_the_careful_one_or_none(more):
    some = cells(**more)
    found = reader_for(COLUMNS)(some)
    if found is not None:
        assert carefully(some).told == found


@pytest.fixture
def shops(world):
    """Two shops of one brand: what one records in sets, the other records one by one."""
    brand_id = world.glow.id
    with unit_of_work():
        return [sales.connect(brand_id, Source.CSV).id for _ in range(2)]


def written(model, connection_id):
    table = model.__table__
    mine = select(Order.id).where(Order.connection_id == connection_id)
    which = table.c.id.in_(mine) if model is Order else table.c.order_id.in_(mine)
    found = db.session.execute(select(table).where(which).order_by(table.c.id)).mappings()
    return [{name: row[name] for name in row if name not in OWN} for row in found]


def test_staged_orders_are_what_recorded_orders_are(shops):
    one = PlainOrder(
        "1", AT, "USD", 8120, 7320, 8500, 680, 500, 800, "ADA15", "42", "Sam@x.example"
    )
    other = PlainOrder("2", AT, "JPY", 0, 0, 0, 0, 0, 0, "", None, "")
    with unit_of_work():
        assert sales.record_staged(shops[0], [one, other], AT) == []
        for order in (one, other):
            sales.record_order(shops[1], order.report, heard_at=AT)
    end_read()
    for model in (Order, OrderLine, OrderReference):
        in_sets, one_by_one = (written(model, shop) for shop in shops)
        assert len(in_sets) == 2
        assert in_sets == one_by_one
    told = [
        key.rpartition("|")[0] for key in db.session.scalars(select(Order.told).order_by(Order.id))
    ]
    assert sorted(told) == sorted(told[:2] * 2)


def test_what_is_known_or_waited_for_is_left(shops):
    orders = [PlainOrder(name, AT, "USD", 100, 100, 100, 0, 0, 0, "", None, "") for name in "123"]
    refund = RefundReport("r1", ("2",), orders[0].report.base, AT)
    with unit_of_work():
        sales.record_order(shops[0], orders[0].report, heard_at=AT)
        sales.record_refund(shops[0], refund, heard_at=AT)
        assert sales.record_staged(shops[0], orders, AT) == orders[:2]
        assert sales.record_staged(shops[0], orders, AT) == [orders[0], orders[1], orders[2]]


def test_rows_told_again_are_compared_with_what_is_recorded(shops):
    def told(*some):
        lines = [",".join(COLUMNS), *(",".join(one) for one in some)]
        return csv_orders.import_orders(shops[0], io.BytesIO("\n".join(lines).encode()))

    told(cells(amount="10"))
    report = told(cells(amount="12"), cells(amount="10"), cells(amount="12"), cells(order_id="8"))
    assert (report.rows, report.accepted, report.known) == (4, 1, 1)
    assert [one.row for one in report.rejected] == [2, 4]
    assert all("recorded already, as $10.00" in one.reason for one in report.rejected)
