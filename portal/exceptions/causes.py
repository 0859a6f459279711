"""The causes that stand now, of one brand: a few set queries, bounded by what is owed now."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from portal.creators import queries as creators
from portal.creators.models import Rail
from portal.exceptions.models import ExceptionKind
from portal.exceptions.rules import NEGATIVE_AFTER, UNMATCHED_AFTER, Found
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.ledger.models import LedgerAccount
from portal.payouts import candidate_queries as candidates
from portal.payouts import wording
from portal.payouts.models import BlockedReason, Payout, PayoutRun, PayoutStatus, RunStatus
from portal.programs import queries as programs
from portal.sales.models import Connection, Refund
from portal.storage.model import db

# These end by themselves: with the next sale, with time, or with the queue's own kind.
BY_THEMSELVES = (
    BlockedReason.BELOW_MINIMUM, BlockedReason.COOLING, BlockedReason.NEGATIVE_BALANCE,
    BlockedReason.DUPLICATE,
)  # fmt: skip


def of_brand(brand_id: int) -> list[Found]:
    """Everything that finance should look at in one brand."""
    return [
        *_blocked(brand_id), *_undelivered(brand_id), *_negative(brand_id),
        *_unmatched(brand_id),
    ]  # fmt: skip


def _blocked(brand_id: int) -> Iterator[Found]:
    """Creators with money who cannot be paid until somebody acts, and accounts shared by two."""
    own = identity.brand(brand_id).currency
    codes = {code for state, code in books.totals_by_state(brand_id) if state == "payable"}
    for currency in sorted({own, *codes}):
        minimum = programs.minimum_payout(brand_id, currency)
        draft = PayoutRun(brand_id=brand_id, currency=currency, minimum_minor=minimum.minor,
                          cutoff_at=clock.now() + timedelta(microseconds=1))  # fmt: skip
        standing = candidates.standings(draft, clock.now())
        yield from _stuck(standing)
        yield from _shared(standing)


def _stuck(standing: list[candidates.Standing]) -> Iterator[Found]:
    for one in standing:
        reason = next((why for why in one.blocked if why not in BY_THEMSELVES), None)
        if reason is not None and one.amount.minor > 0:
            yield Found(
                ExceptionKind.BLOCKED, f"{one.creator_id}:{one.amount.currency}:{reason.value}",
                one.amount, wording.REASONS[reason].label, clock.now(), one.creator_id,
            )  # fmt: skip


def _shared(standing: list[candidates.Standing]) -> Iterator[Found]:
    by_account: dict[str, list[candidates.Standing]] = defaultdict(list)
    for one in standing:
        if one.destination and one.destination.rail is not Rail.MANUAL and one.amount.minor > 0:
            by_account[one.destination.account_ref].append(one)
    for found in by_account.values():
        if len(found) > 1 and any(BlockedReason.DUPLICATE in one.blocked for one in found):
            names = creators.creators([one.creator_id for one in found])
            who = ", ".join(sorted(names[one.creator_id].name for one in found))
            currency = found[0].amount.currency
            yield Found(
                ExceptionKind.DUPLICATE_PAYEE,
                ",".join(str(one.creator_id) for one in found)[:100] + f":{currency}",
                Money.total((one.amount for one in found), currency),
                f"Paid to one account: {who}"[:300], clock.now(), found[0].creator_id,
            )  # fmt: skip


def _undelivered(brand_id: int) -> Iterator[Found]:
    """Failed and returned payouts of runs that are not closed."""
    kinds = {PayoutStatus.FAILED: ExceptionKind.FAILED,
             PayoutStatus.RETURNED: ExceptionKind.RETURNED}  # fmt: skip
    rows = db.session.execute(
        select(Payout, PayoutRun)
        .join(PayoutRun, PayoutRun.id == Payout.run_id)
        .where(
            PayoutRun.brand_id == brand_id, PayoutRun.status != RunStatus.CLOSED,
            Payout.status.in_(kinds),
        )
    )  # fmt: skip
    for payout, run in rows:
        yield Found(
            kinds[payout.status], f"{payout.id}:{payout.attempt}:{payout.status.value}",
            payout.amount, f"{run.label}: {payout.refusal or 'came back'}"[:300],
            payout.sent_at or run.started_at or clock.now(), payout.creator_id, payout.id,
        )  # fmt: skip


def _negative(brand_id: int) -> Iterator[Found]:
    rows = db.session.scalars(
        select(LedgerAccount).where(
            LedgerAccount.brand_id == brand_id, LedgerAccount.state == "payable",
            LedgerAccount.balance_minor < 0,
        )
    ).all()  # fmt: skip
    since = books.negative_since([row.id for row in rows])
    for row in rows:
        if clock.now() - since[row.id] > NEGATIVE_AFTER:
            yield Found(
                ExceptionKind.NEGATIVE, f"{row.id}:{since[row.id]:%Y%m%d}", row.balance,
                "Carried forward; write it off or wait for sales", since[row.id], row.creator_id,
            )  # fmt: skip


def _unmatched(brand_id: int) -> Iterator[Found]:
    """Refunds that a shop told and whose order never came (R77)."""
    rows = db.session.scalars(
        select(Refund)
        .join(Connection, Connection.id == Refund.connection_id)
        .where(
            Connection.brand_id == brand_id, Refund.order_id.is_(None),
            ~Refund.is_withdrawn, Refund.recorded_at < clock.now() - UNMATCHED_AFTER,
        )
    )  # fmt: skip
    for row in rows:
        yield Found(
            ExceptionKind.UNMATCHED, str(row.id), row.amount,
            f"Refund {row.external_id} waits for its order"[:300], row.recorded_at,
        )  # fmt: skip
