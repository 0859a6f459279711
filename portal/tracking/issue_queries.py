"""Look at pools, batches and wishes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from portal.ambassadors.models import Ambassador
from portal.creators.models import Creator
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.storage.model import db
from portal.tracking.issue_models import CodeBatch as CodeBatch
from portal.tracking.issue_models import CodePool, PooledCode
from portal.tracking.issue_models import CodeRequest as CodeRequest
from portal.tracking.models import DiscountCode, RequestStatus

REQUEST_VIEWS = {"open": "Open", "decided": "Decided"}


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A pool with how many codes it holds and how many nobody has yet."""

    pool: CodePool
    total: int
    free: int


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A wish for a code, whose it is, and the code she has now."""

    request: CodeRequest
    creator: Creator
    ambassador: Ambassador


def taken_among(brand_id: int, lookalikes: Iterable[str]) -> set[str]:
    """Which of these a code of the brand, or of one of its pools, reads like already (R41)."""
    wanted = list(lookalikes)
    found: set[str] = set()
    for model in (DiscountCode, PooledCode):
        found.update(
            db.session.scalars(
                select(model.lookalike).where(
                    model.brand_id == brand_id, model.lookalike.in_(wanted)
                )
            )
        )
    return found


def pools_of(brand_id: int) -> Sequence[PoolRow]:
    """A brand's pools, newest first."""
    free = func.sum(case((PooledCode.code_id.is_(None) & PooledCode.id.is_not(None), 1), else_=0))
    rows = db.session.execute(
        select(CodePool, func.count(PooledCode.id), free)
        .outerjoin(PooledCode, PooledCode.pool_id == CodePool.id)
        .where(CodePool.brand_id == brand_id)
        .group_by(CodePool.id)
        .order_by(CodePool.id.desc())
    )
    return [PoolRow(pool, int(total), int(left or 0)) for pool, total, left in rows]


def pool_of_brand(brand_id: int, public_id: str) -> CodePool:
    """One of a brand's pools. Raises NotFound."""
    found = db.session.scalar(
        select(CodePool).where(CodePool.brand_id == brand_id, CodePool.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found


def pooled_codes(pool_id: int, request: PageRequest) -> Page[tuple[PooledCode, str]]:
    """The codes of a pool with whose each is ("" for nobody’s), those given first."""
    position = request.part_and_row_id()
    given = PooledCode.code_id.is_not(None)
    wanted = (
        select(PooledCode, Creator.name)
        .outerjoin(DiscountCode, DiscountCode.id == PooledCode.code_id)
        .outerjoin(Ambassador, Ambassador.id == DiscountCode.ambassador_id)
        .outerjoin(Creator, Creator.id == Ambassador.creator_id)
        .where(PooledCode.pool_id == pool_id)
    )
    if position is not None:
        was_given, last_id = position
        after = PooledCode.id > last_id
        wanted = wanted.where((given & after) | ~given if was_given else ~given & after)
    rows = db.session.execute(
        wanted.order_by(given.desc(), PooledCode.id).limit(request.size + 1)
    ).all()
    total = db.session.scalar(
        select(func.count()).select_from(
            select(PooledCode.id)
            .where(PooledCode.pool_id == pool_id)
            .limit(COUNT_CAP + 1)
            .subquery()
        )
    )
    shown = [(row[0], row[1] or "") for row in rows[: request.size]]
    last = shown[-1][0] if len(rows) > request.size else None
    return Page(
        shown, cursor_of(int(last.code_id is not None), last.id) if last else None,
        int(total or 0), is_first=position is None,
    )  # fmt: skip


def batches_of(brand_id: int, count: int = 10) -> Sequence[CodeBatch]:
    """A brand's latest batches, newest first."""
    rows = db.session.scalars(
        select(CodeBatch)
        .where(CodeBatch.brand_id == brand_id)
        .order_by(CodeBatch.id.desc())
        .limit(count)
    )
    return rows.all()


def batch_of_brand(brand_id: int, public_id: str) -> CodeBatch:
    """One of a brand's batches. Raises NotFound."""
    found = db.session.scalar(
        select(CodeBatch).where(CodeBatch.brand_id == brand_id, CodeBatch.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found


def requests_of(brand_id: int, view: str, request: PageRequest) -> Page[RequestRow]:
    """A brand's wishes of one view of REQUEST_VIEWS: open ones oldest first, decided ones newest
    first. Withdrawn ones are nobody's business."""
    is_open = view == "open"
    states = (RequestStatus.SUBMITTED,) if is_open else (
        RequestStatus.APPROVED, RequestStatus.DECLINED)  # fmt: skip
    mine = [CodeRequest.brand_id == brand_id, CodeRequest.status.in_(states)]
    last = request.row_id()
    wanted = (
        select(CodeRequest, Creator, Ambassador)
        .join(Ambassador, Ambassador.id == CodeRequest.ambassador_id)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .where(*mine)
    )
    if last is not None:
        wanted = wanted.where(CodeRequest.id > last if is_open else CodeRequest.id < last)
    order = CodeRequest.id.asc() if is_open else CodeRequest.id.desc()
    rows = db.session.execute(wanted.order_by(order).limit(request.size + 1)).all()
    total = db.session.scalar(select(func.count()).select_from(CodeRequest).where(*mine))
    shown = [RequestRow(row[0], row[1], row[2]) for row in rows[: request.size]]
    more = len(rows) > request.size
    return Page(
        shown, cursor_of(shown[-1].request.id) if more else None, int(total or 0),
        is_first=last is None,
    )  # fmt: skip


def open_request_count(brand_id: int) -> int:
    """How many wishes wait for the brand."""
    return int(
        db.session.scalar(
            select(func.count())
            .select_from(CodeRequest)
            .where(CodeRequest.brand_id == brand_id, CodeRequest.status == RequestStatus.SUBMITTED)
        )
        or 0
    )


def request_of_brand(brand_id: int, public_id: str) -> CodeRequest:
    """One of a brand's wishes. Raises NotFound."""
    found = db.session.scalar(
        select(CodeRequest).where(
            CodeRequest.brand_id == brand_id, CodeRequest.public_id == public_id
        )
    )
    if found is None:
        raise NotFound()
    return found


def request_of_creator(creator_id: int, public_id: str) -> CodeRequest:
    """One of a creator's own wishes. Raises NotFound."""
    found = db.session.scalar(
        select(CodeRequest)
        .join(Ambassador, Ambassador.id == CodeRequest.ambassador_id)
        .where(Ambassador.creator_id == creator_id, CodeRequest.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found


def latest_requests(ambassador_ids: Iterable[int]) -> dict[int, CodeRequest]:
    """Membership → its latest wish that was not withdrawn."""
    rows = db.session.scalars(
        select(CodeRequest)
        .where(
            CodeRequest.ambassador_id.in_(list(ambassador_ids)),
            CodeRequest.status != RequestStatus.WITHDRAWN,
        )
        .order_by(CodeRequest.id)
    )
    return {row.ambassador_id: row for row in rows}
