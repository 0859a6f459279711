"""What codes and links have earned, after what was taken back."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select

from portal.attribution.models import Attribution
from portal.commissions.models import Commission
from portal.kernel.money import Money
from portal.storage.model import db
from portal.tracking.models import Click

EARNED = func.sum(Commission.amount_minor - Commission.reversed_minor)


def by_code(code_ids: Sequence[int]) -> dict[int, list[Money]]:
    """Code id → commission of the orders it was typed in, per currency."""
    wanted = (
        select(Attribution.code_id, Commission.currency, EARNED)
        .join(Attribution, Attribution.id == Commission.attribution_id)
        .where(Attribution.code_id.in_(code_ids))
        .group_by(Attribution.code_id, Commission.currency)
        .order_by(Commission.currency)
    )
    return _by_key(db.session.execute(wanted))


def by_link(ambassador_ids: Sequence[int]) -> dict[int, list[Money]]:
    """Link id → commission of the orders that came by one of its clicks, per currency."""
    wanted = (
        select(Click.link_id, Commission.currency, EARNED)
        .join(Attribution, Attribution.id == Commission.attribution_id)
        .join(Click, Click.id == Attribution.click_id)
        .where(Commission.ambassador_id.in_(ambassador_ids))
        .group_by(Click.link_id, Commission.currency)
        .order_by(Commission.currency)
    )
    return _by_key(db.session.execute(wanted))


def _by_key(rows: Iterable[Any]) -> dict[int, list[Money]]:
    found: dict[int, list[Money]] = {}
    for key, currency, earned_minor in rows:
        found.setdefault(key, []).append(Money(int(earned_minor), currency))
    return found
