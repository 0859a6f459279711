"""Who is told of a month that is out (UX §5, mail 37)."""

from portal.notifications.letters import link_to, send
from portal.notifications.subscribers import email_of_creator
from portal.statements import account_queries as accounts
from portal.statements import commands, queries
from portal.statements.events import StatementPublished
from portal.web.formatting import day, money, signed_money

MOST_LINES = 30


def on_statement_published(event: StatementPublished) -> None:
    """The month in one sentence and its first lines, so that it can be read in the mail itself."""
    found = queries.statement(event.statement_id)
    account = accounts.of_statement(found)
    sums = [("opening", money(account.figures.opening))]
    sums += [(word.lower(), signed_money(amount)) for word, amount in account.sums]
    sums.append(("closing", money(account.figures.closing)))
    lines = [
        " · ".join(part for part in (day(one.at, account.brand.zone), one.words, one.note,
                                     signed_money(one.amount)) if part)
        for one in account.lines[:MOST_LINES]
    ]  # fmt: skip
    number = commands.note_mailed(found.id)
    send(
        "statement_ready", found.id * 100 + number, email_of_creator(found.creator_id),
        month=account.month.words, brand=account.brand.name,
        sums=", ".join(f"{word} {amount}" for word, amount in sums), lines=lines,
        more=max(len(account.lines) - MOST_LINES, 0),
        link=link_to("statements_creator.month", month=found.month),
    )  # fmt: skip
