"""Ask payees for what stands between them and their money. Callers commit."""

from collections.abc import Iterable, Sequence

from portal.destinations import commands as destinations
from portal.kernel import clock
from portal.payees import balance_queries
from portal.payees.queries import Payee
from portal.payouts.line_rules import ASKS_ACCOUNT, ASKS_FORM
from portal.tax import commands as tax
from portal.tax.list_queries import Standings


def remind(standings: Standings, payees: Iterable[Sequence[Payee]], *, by: int) -> tuple[int, int]:
    """Ask by mail for the account or the tax form for which a run would leave these payees, each
    at most once a day; returns how many were asked for an account, and how many for a form."""
    accounts, forms, now = [], [], clock.now()
    for some in payees:
        owed = balance_queries.owed_to(standings, some, now)
        for payee in some:
            blocked = {why for one in owed.get(payee.creator.id, []) for why in one.blocked}
            if blocked & ASKS_ACCOUNT:
                accounts.append(payee.creator.id)
            if blocked & ASKS_FORM:
                forms.append(payee.creator.id)
    brand_id = standings.brand_id
    return destinations.ask(brand_id, accounts, by=by), tax.ask(brand_id, forms, by=by)
