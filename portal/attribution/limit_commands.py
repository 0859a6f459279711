"""Codes that may be used so many times: what they brought is known here, their end is below."""

from sqlalchemy import func, select

from portal.attribution.models import Attribution, Outcome
from portal.storage.model import db
from portal.tracking import code_commands
from portal.tracking.models import CodeStatus, DiscountCode


def exhaust_codes() -> int:
    """End every working code that was credited as often as its limit allows. How many ended.

    Orders placed before that instant keep what they earned, also those beyond the limit.
    """
    uses = func.count(Attribution.id)
    rows = db.session.execute(
        select(DiscountCode.id, uses)
        .join(Attribution, Attribution.code_id == DiscountCode.id)
        .where(
            DiscountCode.use_limit.is_not(None),
            DiscountCode.status.in_((CodeStatus.ACTIVE, CodeStatus.REPLACED)),
            Attribution.is_latest,
            Attribution.outcome == Outcome.CREDITED,
        )
        .group_by(DiscountCode.id, DiscountCode.use_limit)
        .having(uses >= DiscountCode.use_limit)
    ).all()
    return sum(code_commands.exhaust(code_id, int(count)) for code_id, count in rows)
