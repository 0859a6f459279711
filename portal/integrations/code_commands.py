"""Codes in shops: what is wanted, and what the shop said. The calls themselves are in `jobs`."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, true

from portal.audit.commands import note
from portal.integrations.models import CodeSync, Promotion, ShopAccess, SyncState
from portal.jobs import commands as jobs
from portal.kernel import clock, codes
from portal.sales.models import Connection, Source
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tracking.models import CodeStatus, DiscountCode

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30, 6 * 3600
SOME = 200
WORKING = (CodeStatus.ACTIVE, CodeStatus.REPLACED)


def want(code_id: int) -> None:
    """Bring this code into every shop that holds codes, as it is now. Repeatable."""
    code = db.session.get(DiscountCode, code_id)
    if code is None:  # freed since: it was never in a shop
        return
    known = select(CodeSync.id).where(
        CodeSync.connection_id == Connection.id, CodeSync.code_id == code_id
    )
    rows = (
        select(Connection.id)
        .join(ShopAccess, ShopAccess.connection_id == Connection.id)
        .where(
            Connection.brand_id == code.brand_id,
            Connection.is_active.is_(True),
            ShopAccess.is_pushing.is_(True),
            known.exists() if not code.is_working else true(),
        )
    )
    for connection_id in db.session.scalars(rows).all():
        _want(code.brand_id, connection_id, code_id)


def want_each(code_ids: Sequence[int]) -> None:
    """`want` for many codes: only those of brands with a shop that holds codes are looked at."""
    holders = (
        select(Connection.brand_id)
        .join(ShopAccess, ShopAccess.connection_id == Connection.id)
        .where(Connection.is_active.is_(True), ShopAccess.is_pushing.is_(True))
    )
    wanted = select(DiscountCode.id).where(
        DiscountCode.id.in_(code_ids), DiscountCode.brand_id.in_(holders)
    )
    for code_id in db.session.scalars(wanted.order_by(DiscountCode.id)).all():
        want(code_id)


def want_some(connection_id: int, after_id: int) -> int | None:
    """Bring the next codes of a brand into a shop just opened to us, and take out those that ended
    while it was closed; returns the last code's row id, or None when there were no more."""
    opened = (
        select(Connection.brand_id)
        .join(ShopAccess, ShopAccess.connection_id == Connection.id)
        .where(
            Connection.id == connection_id,
            Connection.is_active.is_(True),
            ShopAccess.is_pushing.is_(True),
        )
    )
    brand_id: int | None = db.session.scalar(opened)
    if brand_id is None:
        return None
    is_there = select(CodeSync.id).where(
        CodeSync.connection_id == connection_id,
        CodeSync.code_id == DiscountCode.id,
        CodeSync.state != SyncState.ENDED,
    )
    wanted = (
        select(DiscountCode.id)
        .where(
            DiscountCode.brand_id == brand_id,
            DiscountCode.status.in_(WORKING) | is_there.exists(),
            DiscountCode.id > after_id,
        )
        .order_by(DiscountCode.id)
        .limit(SOME)
    )
    found: Sequence[int] = db.session.scalars(wanted).all()
    for code_id in found:
        _want(brand_id, connection_id, code_id)
    return found[-1] if len(found) == SOME else None


def _want(brand_id: int, connection_id: int, code_id: int) -> None:
    insert_once(
        CodeSync, public_id=codes.public_id("sync"), brand_id=brand_id,
        connection_id=connection_id, code_id=code_id, state=SyncState.WAITING, wanted=0,
        reference="", problem="", tries=0, next_try_at=None, changed_at=clock.now(),
    )  # fmt: skip
    row = select(CodeSync.id).where(
        CodeSync.connection_id == connection_id, CodeSync.code_id == code_id
    )
    sync = lock(CodeSync, int(db.session.scalar(row) or 0))
    sync.wanted, sync.state, sync.tries, sync.problem = sync.wanted + 1, SyncState.WAITING, 0, ""
    sync.next_try_at, sync.changed_at = None, clock.now()
    _push(sync)


def retry(sync_id: int, *, by: int | None) -> CodeSync:
    """Try once more, now: what the shop refused may have been put right."""
    sync = lock(CodeSync, sync_id)
    sync.state, sync.problem, sync.tries, sync.next_try_at = SyncState.WAITING, "", 0, None
    sync.wanted += 1
    note(by, "code-in-shop.retried", sync.id, brand_id=sync.brand_id)
    _push(sync)
    return sync


def retry_all(brand_id: int, state: SyncState, *, by: int | None, limit: int = SOME) -> int:
    """`retry` for the brand's codes in this state, at most 200 at once; returns how many."""
    wanted = (
        select(CodeSync.id)
        .where(CodeSync.brand_id == brand_id, CodeSync.state == state)
        .order_by(CodeSync.id)
        .limit(limit)
    )
    found = db.session.scalars(wanted).all()
    for sync_id in found:
        retry(sync_id, by=by)
    return len(found)


# ---- what the shop said about attempt `wanted`. A newer wish has a job of its own, which may have
# come to the shop first: it is told once more, so that the last word there is the newest wish.
def settled(sync_id: int, wanted: int, reference: str, *, is_working: bool) -> None:
    """The shop holds the code as it was wanted, or no longer holds it."""
    sync = _still_there(sync_id)
    if sync is None:
        return
    sync.reference = reference or sync.reference
    source = db.session.scalar(select(Connection.source).where(Connection.id == sync.connection_id))
    if source is Source.STRIPE and reference:
        code = db.session.get_one(DiscountCode, sync.code_id).code
        remember_promotion(sync.connection_id, reference, code)
    if sync.wanted == wanted:
        sync.state = SyncState.IN_SHOP if is_working else SyncState.ENDED
        sync.problem, sync.tries, sync.next_try_at = "", 0, None
        sync.changed_at = clock.now()
    else:
        _push(sync)


def refused(sync_id: int, wanted: int, problem: str) -> None:
    """The shop said no: a person must look."""
    sync = _still_there(sync_id)
    if sync is not None and sync.wanted == wanted:
        sync.state, sync.problem, sync.next_try_at = SyncState.REFUSED, problem[:1000], None
        sync.changed_at = clock.now()


def not_reached(sync_id: int, wanted: int, problem: str, wait_seconds: int = 0) -> None:
    """Nobody knows: tried again after 30 s, then twice as long each time up to six hours."""
    sync = _still_there(sync_id)
    if sync is None:
        return
    if sync.wanted != wanted:
        _push(sync)
        return
    sync.tries += 1
    doubled = FIRST_WAIT_SECONDS * 2 ** min(sync.tries - 1, 20)
    wait = timedelta(seconds=max(wait_seconds, min(doubled, LONGEST_WAIT_SECONDS)))
    sync.state, sync.problem = SyncState.UNREACHABLE, problem[:1000]
    sync.changed_at, sync.next_try_at = clock.now(), clock.now() + wait
    _push(sync)


def remember_promotion(connection_id: int, reference: str, code: str) -> None:
    """Stripe's id of a promotion code stands for this code."""
    insert_once(Promotion, connection_id=connection_id, reference=reference[:120], code=code[:120])


def _still_there(sync_id: int) -> CodeSync | None:
    """The row, locked; None when the shop's key was forgotten while the shop was asked."""
    found: CodeSync | None = db.session.scalar(
        select(CodeSync).where(CodeSync.id == sync_id).with_for_update()
    )
    return found


def _push(sync: CodeSync) -> None:
    db.session.flush()
    jobs.enqueue(
        "integrations.push_code", {"sync_id": sync.id, "wanted": sync.wanted},
        run_at=sync.next_try_at,
    )  # fmt: skip
