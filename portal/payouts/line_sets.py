"""The lines of a run as sets: calculated, and held against what is owed by now. Callers commit.

One statement decides and writes each creator's line. The rules in it are those of `rules`
(readiness, cautions), which a property test holds beside it. What needs rules that SQL does not
have (tax, fees, conversions) is decided in Python afterwards, for those lines alone.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from portal.creators.models import Creator, PayoutDestination, Rail
from portal.destinations import rules as rails
from portal.kernel.money import Money
from portal.ledger.models import LedgerAccount
from portal.payee_holds.queries import held_by_brand
from portal.payee_holds.sharing_queries import is_shared
from portal.paying.models import FeeBearer
from portal.payouts import owing_queries as owing
from portal.payouts import rules
from portal.payouts.candidate_queries import barred_of, unaccepted_of
from portal.payouts.coming_queries import day_of
from portal.payouts.leaving_queries import leavings, whole_rails
from portal.payouts.models import (
    DECIDED,
    OVER,
    BlockedReason,
    Caution,
    Payout,
    PayoutRun,
    PayoutStatus,
    is_gone,
)
from portal.payouts.owing_queries import EVERYBODY, Range
from portal.storage.changes import change, refresh
from portal.storage.model import db
from portal.storage.random_ids import new_public_id
from portal.storage.types import UTCDateTime
from portal.tax import queries as tax
from portal.tax.rules import Payee, Verdict

PAYOUTS: Any = Payout.__table__
CREATORS: Any = Creator.__table__
THERE: Any = PayoutDestination.__table__
USUAL_RUNS, IDS_AT_ONCE = 3, 500
KEPT = ("run_id", "creator_id", "brand_id", "currency", "public_id")  # by a second calculation


def ranges(run: PayoutRun, size: int) -> tuple[list[Range], int]:
    """Parts of a run to calculate one after the other, `size` balances each; how many in all."""
    place = func.row_number().over(order_by=LedgerAccount.creator_id).label("place")
    each = select(LedgerAccount.creator_id, place).where(*owing.balances(run)).subquery()
    count = int(db.session.scalar(select(func.count()).select_from(each)) or 0)
    ends = db.session.scalars(
        select(each.c.creator_id)
        .where(each.c.place % size == 0, each.c.place < count)
        .order_by(each.c.creator_id)
    ).all()
    return list(zip((0, *ends), (*ends, None), strict=True)), count


def write(run: PayoutRun, now: datetime, among: Range = EVERYBODY) -> None:
    """Write or renew the lines of these creators; a line that finance holds stays held, and one
    that it paid another way or left to the next run stays as it is."""
    whole, bearer = whole_rails(run.brand_id, run.currency)
    names, wanted = _wanted(run, now, among, whole, bearer)
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    adding = dialect.insert(PAYOUTS).from_select(names, wanted)
    renewed = {name: adding.excluded[name] for name in names if name not in KEPT}
    is_held = PAYOUTS.c.status == PayoutStatus.HELD
    renewed["status"] = case((is_held, PAYOUTS.c.status), else_=adding.excluded.status)
    db.session.flush()
    db.session.execute(
        adding.on_conflict_do_update(
            index_elements=["run_id", "creator_id"], set_=renewed,
            where=PAYOUTS.c.status.not_in(DECIDED),
        )
    )  # fmt: skip
    _decide(run, now, among, whole)
    refresh(Payout)


def finish(run: PayoutRun, *, is_again: bool) -> int:
    """All lines are written: drop those of an earlier calculation (`is_again`) whose creators are
    owed nothing now, and mark accounts that two share. Returns how many lines there are.

    A line is never deleted, since its id stands in ledger references.
    """
    db.session.flush()
    mine = (Payout.run_id == run.id) & (Payout.status != PayoutStatus.CANCELLED)
    if is_again:
        due = owing.due(run)
        gone = mine & Payout.creator_id.not_in(select(due.c.creator_id))
        gone &= Payout.status.not_in(DECIDED)
        change(update(Payout).where(gone).values(status=PayoutStatus.CANCELLED))
    asked = mine & Payout.rail.not_in((*rules.SHAREABLE, "")) & (Payout.account_ref != "")
    asked &= Payout.status.not_in(DECIDED)
    # Read first: PostgreSQL, which knows nothing of new rows, would hold each against all others.
    shared = db.session.scalars(
        select(Payout.account_ref)
        .where(asked)
        .group_by(Payout.account_ref)
        .having(func.count() > 1)
    ).all()
    marked = Payout.cautions + literal(f"{Caution.SHARED_ACCOUNT.value} ")
    for start in range(0, len(shared), IDS_AT_ONCE):
        some = Payout.account_ref.in_(shared[start : start + IDS_AT_ONCE])
        change(update(Payout).where(asked, some).values(cautions=marked))
    refresh(Payout)
    return int(db.session.scalar(select(func.count()).where(mine)) or 0)


def stale(run: PayoutRun, now: datetime) -> int:
    """How many ready lines pay more than is owed by now, withhold another tax than is due, or go to
    an account that cannot be paid or is another one: the run must be calculated again. What was
    earned since waits for the next."""
    due = owing.kept("told", _with_destination(owing.due(run)))
    ready = (PAYOUTS.c.run_id == run.id) & (PAYOUTS.c.status == PayoutStatus.READY)
    taken = PAYOUTS.c.amount_minor + PAYOUTS.c.withheld_minor
    good = (
        select(PAYOUTS.c.creator_id, taken.label("amount_minor"), PAYOUTS.c.withheld_minor,
               PAYOUTS.c.rail, PAYOUTS.c.account_ref)
        .select_from(due)
        .join(PAYOUTS, (PAYOUTS.c.creator_id == due.c.creator_id) & ready)
        .join(THERE, THERE.c.id == due.c.destination_id)
        .where(
            _blocked(run, due, now).is_(None),
            due.c.amount >= taken,
            THERE.c.account_ref == PAYOUTS.c.account_ref,
        )
    )  # fmt: skip
    lines = int(db.session.scalar(select(func.count()).where(ready)) or 0)
    whole, _ = whole_rails(run.brand_id, run.currency)
    is_other = or_(PAYOUTS.c.rail.not_in(whole), PAYOUTS.c.withheld_minor != 0)
    others = select(literal(1)).where(ready, is_other).limit(1)
    if not _is_gated(run) and db.session.scalar(others) is None:
        good_lines = db.session.scalar(select(func.count()).select_from(good.subquery()))
        return lines - int(good_lines or 0)
    rows = db.session.execute(good).all()
    return lines - len(rows) + _overtaken(run, now, rows)


# ---- one line
def _wanted(
    run: PayoutRun, now: datetime, among: Range, whole: Sequence[str], bearer: FeeBearer
) -> tuple[list[str], Any]:
    """(columns, the statement that says each of these creators' line)."""
    told = owing.with_figures(run, _told(run, owing.due(run, among)))
    past = [aliased(PAYOUTS, name=f"payout_{n}") for n in range(USUAL_RUNS)]
    source = told.join(CREATORS, CREATORS.c.id == told.c.creator_id)
    source = source.outerjoin(THERE, THERE.c.id == told.c.destination_id)
    for n, one in enumerate(past):
        source = source.outerjoin(one, one.c.id == told.c[f"past_{n}"])
    values = {
        **_owed_values(run, now, told),
        **_past_values(run, told, past),
        **_destination_values(run, told, whole, bearer),
    }
    columns = [value.label(name) for name, value in values.items()]
    return list(values), select(*columns).select_from(source)


def _owed_values(run: PayoutRun, now: datetime, told: CTE) -> dict[str, Any]:
    reason = _blocked(run, told, now)
    blocked, ready = literal(PayoutStatus.BLOCKED.value), literal(PayoutStatus.READY.value)
    return {
        "public_id": new_public_id("po"),
        "run_id": literal(run.id, BigInteger),
        "brand_id": literal(run.brand_id, BigInteger),
        "currency": literal(run.currency),
        "creator_id": told.c.creator_id,
        "creator_name": CREATORS.c.name,
        "status": case((reason.is_not(None), blocked), else_=ready),
        "blocked_reason": reason,
        "amount_minor": told.c.amount,
        "withheld_minor": literal(0, BigInteger),
        "adjustments_minor": told.c.taken,
        "gross_minor": told.c.amount - told.c.taken,
        "commission_count": told.c.came_in - told.c.given_back,
        "up_to_entry_id": told.c.newest,
        "changed_at": literal(now, UTCDateTime()),
    }


def _past_values(run: PayoutRun, told: CTE, past: Sequence[Any]) -> dict[str, Any]:
    """What she got before: in the newest run that is over, and on average, half up (R3)."""
    last_run = (
        select(func.max(PayoutRun.id))
        .where(PayoutRun.status.in_(OVER), PayoutRun.brand_id == run.brand_id,
               PayoutRun.currency == run.currency, PayoutRun.id != run.id)
        .scalar_subquery()
    )  # fmt: skip
    newest = past[0]
    total = sum((func.coalesce(one.c.amount_minor, 0) for one in past[1:]), newest.c.amount_minor)
    count: Any = sum((case((one.c.id.is_not(None), 1), else_=0) for one in past), literal(0))
    usual = (2 * total + count) // (2 * count)
    was_in_last = newest.c.run_id == last_run
    return {
        "previous_minor": case((was_in_last, newest.c.amount_minor)),
        "usual_minor": case((newest.c.id.is_not(None), usual)),
        "cautions": _cautions(run.currency, told.c.amount, newest, usual),
    }


def _cautions(currency: str, amount: Any, newest: Any, usual: Any) -> Any:
    """`rules.cautions`; accounts that two share are marked when all lines are there."""

    def mark(caution: Caution) -> Any:
        return literal(f" {caution.value}", String)

    nothing = literal("", String)
    often = case(
        (newest.c.id.is_(None), mark(Caution.FIRST_PAYOUT)),
        (amount > rules.USUAL_TIMES * usual, mark(Caution.OVER_USUAL)),
        else_=nothing,
    )
    is_changed = and_(newest.c.account_ref != "", THERE.c.account_ref != newest.c.account_ref)
    changed = case((is_changed, mark(Caution.ACCOUNT_CHANGED)), else_=nothing)
    is_large = amount > rules.large(currency).minor
    large = case((is_large, mark(Caution.ABOVE_LIMIT)), else_=nothing)
    return often + changed + large + literal(" ", String)


def _destination_values(
    run: PayoutRun, told: CTE, whole: Sequence[str], bearer: FeeBearer
) -> dict[str, Any]:
    """Where it goes, and what arrives by the rails that carry it whole."""
    is_whole = THERE.c.rail.in_(whole)
    here = THERE.c.id.is_not(None)
    return {
        "rail": func.coalesce(THERE.c.rail, ""),
        "account_ref": func.coalesce(THERE.c.account_ref, ""),
        "account_label": func.coalesce(THERE.c.label_masked, ""),
        "account_changed_at": THERE.c.changed_at,
        "fee_minor": literal(0, BigInteger),
        "fee_bearer": case((here, literal(bearer.value)), else_=literal(FeeBearer.BRAND.value)),
        "pays_minor": case((is_whole, told.c.amount)),
        "pays_currency": case((is_whole, literal(run.currency))),
        "rate_millionths": cast(null(), BigInteger),
        "rate_on": cast(null(), Date),
    }


def _blocked(run: PayoutRun, due: Any, now: datetime) -> Any:
    """The weightiest of `rules.readiness`, tax aside; NULL when there is none."""
    step = rules.stripe_step(run.currency)
    is_odd = and_(THERE.c.rail == "stripe", due.c.amount % step != 0)
    no_account = or_(
        THERE.c.id.is_(None), THERE.c.account_ref == "", THERE.c.state.in_(rules.UNUSABLE)
    )
    cases: list[tuple[ColumnElement[bool], BlockedReason]] = [
        (due.c.amount <= 0, BlockedReason.NEGATIVE_BALANCE),
        (due.c.creator_id.in_(held_by_brand(run.brand_id)), BlockedReason.HELD),
        (due.c.creator_id.in_(barred_of(run)), BlockedReason.MEMBERSHIP),
        (due.c.creator_id.in_(unaccepted_of(run)), BlockedReason.AGREEMENT),
        (due.c.amount < run.minimum_minor, BlockedReason.BELOW_MINIMUM),
        (no_account, BlockedReason.NO_ACCOUNT),
        (THERE.c.state.not_in(rules.USABLE), BlockedReason.ACCOUNT_RESTRICTED),
        (THERE.c.cooling_until > now, BlockedReason.COOLING),
        (_is_unpaid_there(due), BlockedReason.COUNTRY),
        (is_shared(run.brand_id, THERE.c), BlockedReason.DUPLICATE),
        (is_odd, BlockedReason.CURRENCY),
    ]
    return case(*((when, literal(reason.value)) for when, reason in cases), else_=null())


def _is_unpaid_there(due: Any) -> ColumnElement[bool]:
    """The opposite of `destinations.rules.pays_to`."""
    lives = select(CREATORS.c.country).where(CREATORS.c.id == due.c.creator_id).correlate(due)
    there = func.coalesce(func.nullif(THERE.c.country, ""), lives.scalar_subquery())
    beyond_sepa = and_(
        THERE.c.rail == Rail.SEPA.value, THERE.c.country != "", THERE.c.country.not_in(rails.SEPA)
    )
    unpaid = [
        and_(THERE.c.rail == rail.value, there.in_(sorted(countries)))
        for rail, countries in rails.UNPAID_IN.items()
    ]
    return or_(beyond_sepa, *unpaid)


def _told(run: PayoutRun, due: CTE) -> CTE:
    """What is due, with the row ids of her account and of her last payouts."""
    back = owing.given_back(run, due).label("given_back")
    newest = _past_payout(run, due, None).label("past_0")
    told = owing.kept("told", _with_destination(due).add_columns(back, newest))
    for n in range(1, USUAL_RUNS):
        older = _past_payout(run, told, told.c[f"past_{n - 1}"]).label(f"past_{n}")
        told = owing.kept(f"told_{n}", select(told, older))
    return told


def _with_destination(due: CTE) -> Any:
    """What is due, with the row id of the account she set last."""
    last = (
        select(THERE.c.id)
        .where(THERE.c.creator_id == due.c.creator_id)
        .order_by(THERE.c.changed_at.desc(), THERE.c.id.desc())
        .limit(1)
        .correlate(due)
        .scalar_subquery()
    )
    return select(due, last.label("destination_id"))


def _past_payout(run: PayoutRun, due: CTE, before: Any) -> Any:
    """Her newest payout that went out, older than `before`."""
    own = PAYOUTS.alias()
    wanted = select(own.c.id).where(
        own.c.creator_id == due.c.creator_id, own.c.brand_id == run.brand_id,
        own.c.currency == run.currency, is_gone(own.c.status), own.c.run_id != run.id,
    )  # fmt: skip
    if before is not None:
        wanted = wanted.where(own.c.id < before)
    return wanted.order_by(own.c.id.desc()).limit(1).correlate(due).scalar_subquery()


# ---- what SQL has no rules for
def _is_gated(run: PayoutRun) -> bool:
    return not tax.policy_of(run.brand_id).is_off


def _decide(run: PayoutRun, now: datetime, among: Range, whole: Sequence[str]) -> None:
    """Tax, and rails that take a fee, convert or add: each line of theirs is looked at."""
    is_gated = _is_gated(run)
    wanted = select(
        PAYOUTS.c.id, PAYOUTS.c.creator_id, PAYOUTS.c.amount_minor, PAYOUTS.c.rail,
        PAYOUTS.c.account_ref, PAYOUTS.c.status, PAYOUTS.c.blocked_reason,
    ).where(
        PAYOUTS.c.run_id == run.id, PAYOUTS.c.creator_id > among[0],
        PAYOUTS.c.status.not_in((PayoutStatus.CANCELLED, *DECIDED)),
    )  # fmt: skip
    if among[1] is not None:
        wanted = wanted.where(PAYOUTS.c.creator_id <= among[1])
    if not is_gated:
        wanted = wanted.where(PAYOUTS.c.rail.not_in((*whole, "")))
    rows = db.session.execute(wanted.order_by(PAYOUTS.c.creator_id)).all()
    if not rows:
        return
    verdicts = _verdicts(run, [row for row in rows if row.blocked_reason is None])
    leave = leavings(run.brand_id, now)
    changes = [
        _decided(row, run.currency, verdicts.get(row.creator_id), leave)
        for row in rows
        if row.rail and (row.creator_id in verdicts or row.rail not in whole)
    ]
    if changes:
        values: dict[str, Any] = {name: bindparam(name) for name in changes[0]}
        del values["line_id"]
        one = update(PAYOUTS).where(PAYOUTS.c.id == bindparam("line_id")).values(values)
        db.session.execute(one, changes)


def _decided(
    row: Any, currency: str, verdict: Verdict | None, leave: Callable[..., rules.Leaving | None]
) -> dict[str, Any]:
    """What the tax gate and the rail's terms make of one line."""
    stop = verdict.stop if verdict else None
    reason = row.blocked_reason or (BlockedReason(stop.value) if stop else None)
    amount, withheld = Money(row.amount_minor, currency), Money.zero(currency)
    if verdict is not None and reason is None:
        withheld = verdict.withheld
    left = leave(amount - withheld, Rail(row.rail))
    if left is None and reason is None:
        reason, withheld = BlockedReason.CURRENCY, Money.zero(currency)
    status = PayoutStatus.BLOCKED if reason else PayoutStatus.READY
    return {
        "line_id": row.id,
        "status": PayoutStatus.HELD if row.status == PayoutStatus.HELD else status,
        "blocked_reason": reason,
        "amount_minor": (amount - withheld).minor,
        "withheld_minor": withheld.minor,
        "fee_minor": left.fee.minor if left else 0,
        "fee_bearer": left.bearer if left else FeeBearer.BRAND,
        "pays_minor": left.pays.minor if left else None,
        "pays_currency": left.pays.currency if left else None,
        "rate_millionths": left.rate_millionths if left else None,
        "rate_on": left.rate_on if left else None,
    }


def _overtaken(run: PayoutRun, now: datetime, rows: Sequence[Any]) -> int:
    """How many of these ready lines the tax gate or the rail's terms would decide otherwise now."""
    verdicts, leave = _verdicts(run, rows), leavings(run.brand_id, now)
    nothing, count = Money.zero(run.currency), 0
    for row in rows:
        verdict = verdicts.get(row.creator_id)
        withheld = verdict.withheld if verdict else nothing
        amount = Money(int(row.amount_minor), run.currency)
        is_stopped = verdict is not None and verdict.stop is not None
        if (
            is_stopped
            or withheld.minor != row.withheld_minor
            or leave(amount - withheld, Rail(row.rail)) is None
        ):
            count += 1
    return count


def _verdicts(run: PayoutRun, rows: Sequence[Any]) -> dict[int, Verdict]:
    payees = [
        Payee(row.creator_id, Money(int(row.amount_minor), run.currency), row.rail, row.account_ref)
        for row in rows
    ]
    return tax.gate(run.brand_id, payees, day_of(run))
