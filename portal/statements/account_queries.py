"""One creator's month as an account: its figures and what changed it, out or still running."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.identity import queries as identity
from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.statements import queries
from portal.statements.lines import Line, lines_of
from portal.statements.models import Statement
from portal.statements.rules import Figures, Month, MoveKind
from portal.statements.wording import WORDS


@dataclass(frozen=True, slots=True)
class Account:
    """One creator's month with one brand in one currency; `statement` None while it runs."""

    brand: Brand
    month: Month
    figures: Figures
    statement: Statement | None = None
    lines: Sequence[Line] = ()

    @property
    def currency(self) -> str:
        return self.figures.opening.currency

    @property
    def sums(self) -> list[tuple[str, Money]]:
        """The rows between opening and closing; what never happened is left out, sales are not."""
        moved = self.figures.moved
        kinds = [kind for kind in MoveKind if kind is MoveKind.EARNED or moved.get(kind)]
        return [(WORDS[kind], self.figures.of(kind)) for kind in kinds]

    @property
    def changes(self) -> Money:
        """Everything that is neither earned nor paid, in one figure."""
        kinds = (MoveKind.REVERSED, MoveKind.ADJUSTED, MoveKind.WITHHELD)
        return Money.total([self.figures.of(kind) for kind in kinds], self.currency)


def months_of_creator(creator_id: int) -> list[Account]:
    """Her accounts, month by month, the running one first."""
    brands = {brand_id for brand_id, _ in books.currencies_of(creator_id)}
    known = {brand_id: identity.brand(brand_id) for brand_id in brands}
    running = [
        Account(brand, month, figures)
        for brand in known.values()
        for month in _open_months(brand)
        for figures in queries.figures_of(brand.id, creator_id, month).values()
        if not figures.is_empty
    ]
    out = [_published(one, known[one.brand_id]) for one in queries.of_creator(creator_id)]
    running.sort(key=lambda one: (one.month, one.brand.name, one.currency), reverse=True)
    return running + out


def month_of_creator(creator_id: int, month: Month) -> list[Account]:
    """Her accounts in one month with all their lines, by brand and currency; published or not."""
    return [
        with_lines(one, creator_id) for one in months_of_creator(creator_id) if one.month == month
    ]


def with_lines(account: Account, creator_id: int) -> Account:
    """The same account with what changed it."""
    moves = queries.moves_of(account.brand.id, creator_id, account.currency, account.month)
    return replace(account, lines=lines_of(moves))


def of_statement(found: Statement) -> Account:
    """A published statement with its lines."""
    return with_lines(_published(found, identity.brand(found.brand_id)), found.creator_id)


def figures_as_published(found: Statement) -> Figures:
    """The figures a statement was published with."""
    return Figures(found.opening, {kind: getattr(found, kind.value) for kind in MoveKind})


def _published(found: Statement, brand: Brand) -> Account:
    return Account(brand, Month.of(found.month), figures_as_published(found), found)


def _open_months(brand: Brand) -> list[Month]:
    """The months of a brand that are not out: the running one, and one that just ended."""
    running, newest = Month.at(clock.now(), brand.zone), queries.newest_month(brand.id)
    is_late = newest is not None and newest < running.before
    return [running, running.before] if is_late else [running]
