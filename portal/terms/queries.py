"""Look at whom rates name, and at dry runs."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from portal.ambassadors.models import Ambassador
from portal.creators.models import Creator
from portal.kernel.errors import NotFound
from portal.programs.rate_rules import Asks, RateTable
from portal.storage.model import db
from portal.terms.models import DryRun


def by_handle(program_id: int, handles: Collection[str]) -> dict[str, str]:
    """The public ids of a program's ambassadors with these folded handles."""
    rows = db.session.execute(
        select(Creator.folded_handle, Ambassador.public_id)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .where(Ambassador.program_id == program_id, Creator.folded_handle.in_(handles))
    )
    return {handle: public_id for handle, public_id in rows}  # noqa: C416  (rows, not pairs)


def handles(table: RateTable) -> dict[str, str]:
    """The handles of every ambassador that rates name, by public id."""
    named = {
        value
        for rule in (*table.rules, *table.boosts)
        for condition in rule.conditions
        if condition.asks is Asks.AMBASSADOR
        for value in condition.values
    }
    if not named:
        return {}
    rows = db.session.execute(
        select(Ambassador.public_id, Creator.handle)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .where(Ambassador.public_id.in_(named))
    )
    return {public_id: handle for public_id, handle in rows}  # noqa: C416


def names(table: RateTable) -> dict[str, str]:
    """The same, as they stand in a sentence: @ana."""
    return {public_id: f"@{handle}" for public_id, handle in handles(table).items()}


def run_of_brand(brand_id: int, public_id: str) -> DryRun:
    """A brand's dry run by its public id. Raises NotFound, for another brand's too."""
    found = db.session.scalar(
        select(DryRun).where(DryRun.brand_id == brand_id, DryRun.public_id == public_id)
    )
    if found is None:
        raise NotFound("This try is not kept any more. Try the terms again.")
    return found  # type: ignore[no-any-return]


def runs_of(program_id: int, limit: int = 5) -> Sequence[DryRun]:
    """A program's latest dry runs."""
    wanted = select(DryRun).where(DryRun.program_id == program_id)
    return db.session.scalars(wanted.order_by(DryRun.id.desc()).limit(limit)).all()  # type: ignore[no-any-return]
