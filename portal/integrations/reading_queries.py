"""Look at readings again."""

from sqlalchemy import func, select

from portal.integrations.models import Reconciliation
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.sales.models import Connection
from portal.storage.model import db

Row = tuple[Reconciliation, Connection]


def listing(brand_id: int, request: PageRequest) -> Page[Row]:
    """A brand's readings with their shops, newest first."""
    wanted = (
        select(Reconciliation, Connection)
        .join(Connection, Connection.id == Reconciliation.connection_id)
        .where(Reconciliation.brand_id == brand_id)
    )
    counting = select(Reconciliation.id).where(Reconciliation.brand_id == brand_id)
    counted = select(func.count()).select_from(counting.limit(COUNT_CAP + 1).subquery())
    total, position = int(db.session.scalar(counted) or 0), request.position()
    if position:
        wanted = wanted.where(Reconciliation.id < int(position[0]))
    newest = wanted.order_by(Reconciliation.id.desc()).limit(request.size + 1)
    rows = [(reading, shop) for reading, shop in db.session.execute(newest)]
    cursor = cursor_of(rows[request.size - 1][0].id) if len(rows) > request.size else None
    return Page(rows[: request.size], cursor, total, is_first=position is None)


def one_of_brand(brand_id: int, public_id: str) -> Reconciliation:
    """Raises NotFound."""
    found = db.session.scalar(
        select(Reconciliation).where(
            Reconciliation.brand_id == brand_id, Reconciliation.public_id == public_id
        )
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]
