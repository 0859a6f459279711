"""Orders from a file, by the page: checked row by row, imported, repeated without effect."""

import io

from portal.integrations import jobs
from portal.integrations.models import Upload
from portal.jobs import worker
from portal.kernel import clock
from portal.sales.models import Order
from portal.storage.model import db

FILES = "/brand/glow/shops/files"
HEAD = "type,order_id,refund_id,occurred_at,currency,amount,code\n"
GOOD = "order,A1,,2026-03-01T09:00:00Z,USD,80.00,ADA15\norder,A2,,2026-03-01T10:00:00Z,USD,20.00,\n"
BAD = "order,A3,,yesterday,USD,10.00,\n"


def uploads(world, text, name="orders.csv", status=200):
    page = world.mona.opens(FILES)
    page.fills("CSV file", (io.BytesIO(text.encode()), name)).presses(
        "Check this file", status=status
    )
    return page


def reload(page):
    worker.drain()
    db.session.remove()
    return page.opens(page.url)


def orders():
    db.session.remove()
    return db.session.query(Order).count()


def test_checked_first_then_imported_and_known_the_second_time(world):
    page = uploads(world, HEAD + GOOD + BAD).sees("Checking every row.")
    reload(page).sees("Would be imported", "Row 4", "is no date")
    assert orders() == 0, "a check keeps nothing"
    page.presses("Import 2 rows").sees("Importing.")
    reload(page).sees("Imported. The orders appear under Orders", "Rejected")
    assert orders() == 2
    db.session.remove()
    assert db.session.query(Upload).one().body == b""
    again = uploads(world, HEAD + GOOD)
    reload(again).sees("Known already").does_not_see("Import 2 rows")
    assert orders() == 2


def test_what_is_no_orders_file(world):
    reload(uploads(world, "name,price\nTea,5\n")).sees(
        "This file cannot be read.", "lacks the column"
    )
    uploads(world, "", status=422).sees("The file is empty.")
    world.mona.opens(FILES).presses("Check this file", status=422).sees("Choose a file.")


def test_a_file_nobody_imports_is_forgotten(world):
    page = uploads(world, HEAD + GOOD, name="or\x00ders.csv")
    reload(page).sees("Would be imported")
    clock.pass_days(91)
    jobs.forget_bodies(keep_days=90)
    reload(page).sees("its contents were forgotten").does_not_see("Import 2 rows")
    assert db.session.query(Upload).one().body == b""


def test_imported_once_and_only_by_a_manager(world):
    page = uploads(world, HEAD + GOOD)
    address = page.url
    world.rosa.opens(FILES).does_not_see("Check this file")
    world.rae.opens(address, status=404)
    reload(page)
    page.presses("Import 2 rows")
    page.posts(f"{address}/import", status=409).sees("only a checked one")
