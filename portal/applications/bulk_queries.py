"""Look at decisions about many applications: who is meant, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal.applications import queries, rules
from portal.applications.bulk_models import BulkDecision
from portal.applications.models import Application
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class Chosen:
    """Those that are meant: the ones that can be decided, and the others."""

    open: Sequence[Application]
    decided: Sequence[Application]

    @property
    def count(self) -> int:
        return len(self.open) + len(self.decided)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of it all. `left` are (application, why it is as it was)."""

    bulk: BulkDecision
    done: Sequence[Application]
    left: Sequence[tuple[Application, str]]
    undoable: int
    undo_seconds: int

    @property
    def total(self) -> int:
        return len(self.bulk.application_ids)

    @property
    def so_far(self) -> int:
        return len(self.bulk.results)


def chosen(
    brand_id: int, public_ids: Sequence[str], view: str, text: str, most: int, *, everybody: bool
) -> Chosen:
    """Those ticked, or everybody in a view (and search) in its order; at most `most` + 1."""
    if everybody:
        rows = queries.all_in_view(brand_id, view, text, most + 1)
    else:
        wanted = select(Application).where(
            Application.brand_id == brand_id, Application.public_id.in_(public_ids[: most + 1])
        )
        rows = db.session.scalars(wanted.order_by(Application.id)).all()
    return Chosen([one for one in rows if one.is_open], [one for one in rows if not one.is_open])


def one_of_brand(brand_id: int, public_id: str) -> BulkDecision:
    """A brand's bulk decision. Raises NotFound, for another brand's too."""
    found = db.session.scalar(
        select(BulkDecision).where(
            BulkDecision.brand_id == brand_id, BulkDecision.public_id == public_id
        )
    )
    if found is None:
        raise NotFound()
    return found


def result_of(bulk: BulkDecision) -> Result:
    """What became of each so far, and for how long it can be taken back."""
    ids = [one for one, _ in bulk.results]
    rows = db.session.scalars(select(Application).where(Application.id.in_(ids)))
    by_id = {row.id: row for row in rows}
    now = clock.now()
    done = [by_id[one] for one, why in bulk.results if not why]
    open_until = [
        one.undo_until for one in done if bulk.holds(one) and rules.can_undo(one.undo_until, now)
    ]
    latest = max((until for until in open_until if until is not None), default=now)
    return Result(
        bulk, done, [(by_id[one], why) for one, why in bulk.results if why],
        len(open_until), int((latest - now).total_seconds()),
    )  # fmt: skip
