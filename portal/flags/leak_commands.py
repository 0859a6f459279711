"""A leaked code: tell its creator, replace it in one action, and withhold only what comes after."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.attribution.models import Attribution
from portal.audit import commands as audit
from portal.commissions.models import Commission, CommissionStatus
from portal.flags import commands, queries
from portal.flags.events import CodeLeaked, FlagRaised
from portal.flags.models import Flag, FlagKind, Leak
from portal.flags.rules import Evidence
from portal.flags.signal_queries import Found
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.sales.models import Order
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tracking import commands as tracking
from portal.tracking import queries as codes
from portal.tracking.models import DiscountCode

AFTER = "You were told that this code had leaked, and the order was placed after that."


def rotate(
    code_id: int, grace_days: int, *, by: int, note: str = "", wanted: str | None = None,
    flag_id: int | None = None,
) -> Leak:  # fmt: skip
    """Give the creator a new code at once; the leaked one goes on for `grace_days` (0 to 30) and
    she is told. Orders placed with it after this instant are withheld until a person decides.

    Raises Conflict when the code is treated as leaked already or cannot be replaced, InvalidInput
    for a grace or a code that cannot be.
    """
    leak = tell(code_id, by=by, note=note, flag_id=flag_id)
    leak.replaced_by_id = tracking.replace_code(code_id, wanted, grace_days, by=by).id
    return leak


def tell(code_id: int, *, by: int, note: str = "", flag_id: int | None = None) -> Leak:
    """Treat a code as leaked from this instant on, and tell its creator; the code goes on."""
    code = lock(DiscountCode, code_id)
    if queries.leak_of(code_id) is not None:
        raise Conflict(f"{code.code} is treated as leaked already, and its creator was told.")
    leak = Leak(
        brand_id=code.brand_id, code_id=code.id, ambassador_id=code.ambassador_id,
        told_at=clock.now(), note=note.strip()[:300], by_id=by,
    )  # fmt: skip
    db.session.add(leak)
    db.session.flush()
    audit.note(by, "code.leaked", code.id, brand_id=code.brand_id, note=note)
    for waiting in queries.suspicions_of(code.id, code.ambassador_id):
        commands.act_on(waiting, note, by=by)
    if flag_id is not None and queries.flag(flag_id).is_waiting:
        commands.act_on(flag_id, note, by=by)
    announce(CodeLeaked(leak.id))
    return leak


def end(leak_id: int, *, by: int) -> Leak:
    """The leak is over: orders placed from now on count as ever."""
    leak = lock(Leak, leak_id)
    if leak.ended_at is not None:
        raise Conflict("This leak is over already.")
    leak.ended_at = clock.now()
    audit.note(by, "code.leak-over", leak.code_id, brand_id=leak.brand_id)
    return leak


def withhold(commission_ids: Sequence[int]) -> int:
    """Hold those of new commissions whose order was placed, with a leaked code, after its creator
    was told. An order placed at that very instant, or before, is never touched. How many."""
    rows = db.session.execute(
        select(Commission.id, Leak.id)
        .join(Attribution, Attribution.id == Commission.attribution_id)
        .join(Order, Order.id == Commission.order_id)
        .join(Leak, Leak.code_id == Attribution.code_id)
        .where(
            Commission.id.in_(commission_ids), Order.placed_at > Leak.told_at,
            Leak.ended_at.is_(None) | (Order.placed_at < Leak.ended_at),
            Commission.status.in_((CommissionStatus.PENDING, CommissionStatus.PAYABLE)),
        )
        .order_by(Leak.id, Commission.id)
    ).all()  # fmt: skip
    for commission_id, leak_id in rows:
        _withhold(commission_id, lock(Leak, leak_id))
    return len(rows)


def _withhold(commission_id: int, leak: Leak) -> None:
    subject = f"code:{leak.code_id}"
    flag = queries.open_about(leak.brand_id, FlagKind.LEAKED_CODE, subject)
    is_new = flag is None
    flag = flag or _flag_of(leak, subject)
    if commission_id in queries.commission_ids_of(flag.id):
        return
    commands.add_held(flag, commission_id, commands.hold_reason(flag, AFTER))
    flag.seen_at = clock.now()
    db.session.flush()
    if is_new:
        announce(FlagRaised(flag.id, 1))


def _flag_of(leak: Leak, subject: str) -> Flag:
    code = codes.code(leak.code_id)
    sentence = f"Orders with {code.code} were placed after its creator was told that it leaked."
    told = f"{leak.told_at:%Y-%m-%d %H:%M:%S} UTC"
    seen = Evidence(FlagKind.LEAKED_CODE, sentence, (("Creator told", told),), AFTER)
    return commands.open_flag(leak.brand_id, Found(seen, leak.ambassador_id, subject, code.id))
