"""What a payout run asks of statements before it closes."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.identity import queries as identity
from portal.payouts.rules import MonthOut
from portal.statements import queries
from portal.statements.models import Statement
from portal.statements.rules import Month
from portal.storage.model import db


def month_out_by(brand_id: int, cutoff_at: datetime) -> MonthOut:
    """Whether the statements of the last month that ended by a run's cut-off are out. A run in the
    middle of a month waits for the month before it."""
    brand = identity.brand(brand_id)
    month = Month.at(cutoff_at - timedelta(microseconds=1), brand.zone)
    if month.end(brand.zone) > cutoff_at:
        month = month.before
    newest = queries.newest_month(brand_id)
    if newest is not None and newest >= month:
        return _out(brand_id, month)
    due = queries.first_not_out(brand)
    if due is None or due > month:
        return MonthOut()
    return MonthOut(str(month), month.words, due=due.words, due_at=due.settled_at(brand.zone))


def _out(brand_id: int, month: Month) -> MonthOut:
    count, mailed = db.session.execute(
        select(func.count(), func.count(Statement.mailed_at)).where(
            Statement.brand_id == brand_id, Statement.month == str(month)
        )
    ).one()
    return MonthOut(str(month), month.words, count, mailed) if count else MonthOut()
