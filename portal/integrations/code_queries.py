"""Look at codes in shops."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.integrations.models import CodeSync, InboundEvent, Promotion, ShopAccess, SyncState
from portal.integrations.shop_api import WantedCode
from portal.integrations.shop_apis import Reach
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.sales.models import Connection
from portal.storage.model import db
from portal.tracking.models import DiscountCode


@dataclass(frozen=True, slots=True)
class Row:
    """One code in one shop, for the page."""

    sync: CodeSync
    code: DiscountCode
    shop: Connection


@dataclass(frozen=True, slots=True)
class Push:
    """What a push needs, as plain values: no row is held during the call."""

    reach: Reach
    wanted: WantedCode
    is_working: bool
    reference: str
    mark: str


def reach_of(connection_id: int) -> Reach | None:
    """How a shop is reached; None when it is switched off or nobody gave a key."""
    row = db.session.execute(
        select(Connection.source, ShopAccess.address, ShopAccess.key, ShopAccess.secret)
        .join(ShopAccess, ShopAccess.connection_id == Connection.id)
        .where(Connection.id == connection_id, Connection.is_active.is_(True))
    ).one_or_none()
    return None if row is None else Reach(*row)


def hook_of(connection_id: int) -> str:
    """The path of a connection's hook."""
    one = db.session.get_one(Connection, connection_id)
    return f"/hooks/{one.source.value}/{one.public_id}"


def push(sync_id: int, wanted: int) -> Push | None:
    """What is to be told to the shop; None when it was overtaken or the shop is closed to us."""
    found = db.session.execute(
        select(CodeSync, DiscountCode)
        .join(DiscountCode, DiscountCode.id == CodeSync.code_id)
        .where(CodeSync.id == sync_id, CodeSync.wanted == wanted)
    ).one_or_none()
    reach = reach_of(found[0].connection_id) if found else None
    if found is None or reach is None:
        return None
    sync, code = found
    return Push(reach, wanted_code(code), code.is_working, sync.reference, code.public_id)


def wanted_code(code: DiscountCode) -> WantedCode:
    """A code as a shop shall hold it now."""
    return WantedCode(
        code=code.code,
        discount_bp=code.discount_bp,
        mark=code.public_id,
        usage_limit=code.use_limit,
        starts_at=code.valid_from,
        ends_at=code.valid_until,
    )


def listing(brand_id: int, request: PageRequest, state: SyncState | None = None) -> Page[Row]:
    """A brand's codes in its shops, what changed last first by row."""
    wanted = (
        select(CodeSync, DiscountCode, Connection)
        .join(DiscountCode, DiscountCode.id == CodeSync.code_id)
        .join(Connection, Connection.id == CodeSync.connection_id)
        .where(CodeSync.brand_id == brand_id)
    )
    counting = select(CodeSync.id).where(CodeSync.brand_id == brand_id)
    if state is not None:
        wanted = wanted.where(CodeSync.state == state)
        counting = counting.where(CodeSync.state == state)
    counted = select(func.count()).select_from(counting.limit(COUNT_CAP + 1).subquery())
    total, position = int(db.session.scalar(counted) or 0), request.position()
    if position:
        wanted = wanted.where(CodeSync.id < int(position[0]))
    newest = wanted.order_by(CodeSync.id.desc()).limit(request.size + 1)
    rows = [Row(*row) for row in db.session.execute(newest)]
    cursor = cursor_of(rows[request.size - 1].sync.id) if len(rows) > request.size else None
    return Page(rows[: request.size], cursor, total, is_first=position is None)


def counts(brand_id: int) -> dict[SyncState, int]:
    """How many of a brand's codes are in each state, over all shops."""
    rows = db.session.execute(
        select(CodeSync.state, func.count())
        .where(CodeSync.brand_id == brand_id)
        .group_by(CodeSync.state)
    )
    return dict(rows.all())


def one_of_brand(brand_id: int, public_id: str) -> CodeSync:
    """Raises NotFound."""
    found = db.session.scalar(
        select(CodeSync).where(CodeSync.brand_id == brand_id, CodeSync.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def of_code(code_id: int) -> Sequence[CodeSync]:
    """Where a code stands, shop by shop."""
    return db.session.scalars(select(CodeSync).where(CodeSync.code_id == code_id)).all()  # type: ignore[no-any-return]


def promotions(connection_id: int, references: Iterable[str]) -> dict[str, str]:
    """Stripe's promotion ids → codes, of those that are known."""
    rows = db.session.execute(
        select(Promotion.reference, Promotion.code).where(
            Promotion.connection_id == connection_id, Promotion.reference.in_(list(references))
        )
    )
    return dict(rows.all())


def connection_of_event(event_id: int) -> int | None:
    """Through which connection a message came; None for the platform's own webhook."""
    found: int | None = db.session.scalar(
        select(InboundEvent.connection_id).where(InboundEvent.id == event_id)
    )
    return found
