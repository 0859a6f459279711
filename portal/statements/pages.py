"""What the pages and files of statements show."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from portal.creators import queries as creators
from portal.creators.models import Creator
from portal.identity.models import Brand
from portal.kernel import clock, currencies
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.statements import queries
from portal.statements.account_queries import Account, figures_as_published
from portal.statements.models import Statement
from portal.statements.rules import Month, MoveKind
from portal.web.formatting import day, money, signed_money, zone_name

MONTH_HEAD = ("Id", "Creator", "Handle", "Currency", "Opening", "Earned", "Taken back",
              "Adjustments", "Withheld", "Paid out", "Closing")  # fmt: skip
CSV_HEAD = ("Date", "Type", "What", "About", "Id", "Amount", "Currency")


def month_of_brand(brand: Brand, month: Month, request: PageRequest) -> dict[str, Any]:
    """All statements of a month, with the names of their creators."""
    listed = queries.of_brand_in(brand.id, month, request)
    people = creators.creators([one.creator_id for one in listed.rows])
    sums = [one for one in queries.months_of(brand.id) if one.month == month]
    return {"brand": brand, "month": month, "listed": listed, "people": people, "sums": sums}


def file_name(found: Statement) -> str:
    """What a file of a statement is called."""
    return f"statement-{found.month}-{found.currency}-{found.public_id}"


def month_rows(brand: Brand, month: Month) -> Iterator[list[str]]:
    """A month of a brand as lines of a file, one per creator and currency."""
    for found, creator in queries.all_of_brand_in(brand.id, month):
        figures = figures_as_published(found)
        sums = [figures.opening, *map(figures.of, MoveKind), figures.closing]
        who = [found.public_id, creator.name, f"@{creator.handle}", found.currency]
        yield [*who, *map(_plain, sums)]


def csv_rows(account: Account) -> list[list[str]]:
    """The account as lines of a file: opening, every change, closing."""
    zone, month = account.brand.zone, account.month
    last = month.last_day if account.statement else clock.today(zone)
    rows = [_row(month.first, "opening", "Opening", "", "", account.figures.opening)]
    for line in account.lines:
        on = line.at.astimezone(ZoneInfo(zone)).date()
        rows.append(_row(on, line.kind.value, line.words, line.note, line.thing, line.amount))
    return [*rows, _row(last, "closing", "Closing", "", "", account.figures.closing)]


def document(account: Account, creator: Creator) -> dict[str, Any]:
    """What the PDF is made from: words and figures, nothing to compute."""
    zone = account.brand.zone
    return {
        "title": f"Statement {account.month.words}",
        "brand": account.brand.name, "creator": creator.name, "handle": f"@{creator.handle}",
        "number": account.statement.public_id if account.statement else "",
        "currency": account.currency, "zone": zone_name(zone),
        "sums": [["Opening", money(account.figures.opening)],
                 *([word, signed_money(amount)] for word, amount in account.sums)],
        "closing": money(account.figures.closing),
        "lines": [[day(line.at, zone), line.words, line.note, signed_money(line.amount)]
                  for line in account.lines],
        "seals": queries.seals_of(account.brand.id, account.month) if account.statement else [],
    }  # fmt: skip


def _row(on: date, kind: str, words: str, about: str, thing: str, amount: Money) -> list[str]:
    return [on.isoformat(), kind, words, about, thing, _plain(amount), amount.currency]


def _plain(amount: Money) -> str:
    return f"{currencies.to_major(amount.minor, amount.currency):f}"
