"""Looking at payment files and their lines."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from portal.creators.models import Rail
from portal.destinations import queries as destinations
from portal.files import rules
from portal.files.models import OPEN_FILES, FileState, LineState, PaymentFile, PaymentLine
from portal.files.provider import Batch, Order
from portal.identity import queries as identity
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.pages import Page, PageRequest, cursor_of
from portal.paying import queries as paying
from portal.payouts import queries as payouts
from portal.payouts.models import Payout, PayoutRun, PayoutStatus
from portal.storage.model import db

SHOWN = 20


def one_of_brand(brand_id: int, public_id: str) -> PaymentFile:
    """A brand's file. Raises NotFound, for another brand's as well."""
    found = db.session.scalar(
        select(PaymentFile).where(
            PaymentFile.brand_id == brand_id, PaymentFile.public_id == public_id
        )
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def files_of_brand(brand_id: int, request: PageRequest) -> Page[PaymentFile]:
    """A brand's files, newest first."""
    wanted = select(PaymentFile).where(PaymentFile.brand_id == brand_id)
    total = int(db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0)
    return _page(wanted, request, total, newest=True)


def files_of_run(run_id: int) -> Sequence[PaymentFile]:
    """A run's files, in the order they were begun."""
    query = select(PaymentFile).where(PaymentFile.run_id == run_id)
    return db.session.scalars(query.order_by(PaymentFile.id)).all()  # type: ignore[no-any-return]


def lines(file_id: int, request: PageRequest) -> Page[PaymentLine]:
    """A file's lines as they stand in it."""
    wanted = select(PaymentLine).where(PaymentLine.file_id == file_id)
    total = int(db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0)
    return _page(wanted, request, total, newest=False)


def line_of_file(file_id: int, reference: str) -> PaymentLine:
    """One line by its reference. Raises NotFound."""
    found = db.session.scalar(
        select(PaymentLine).where(
            PaymentLine.file_id == file_id, PaymentLine.reference == reference
        )
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def lines_by_reference(brand_id: int, references: Sequence[str]) -> dict[str, PaymentLine]:
    """A brand's lines by reference, whatever a report made of capitals."""
    wanted = sorted({reference.lower() for reference in references if reference})
    found: dict[str, PaymentLine] = {}
    for start in range(0, len(wanted), 500):
        rows = db.session.scalars(
            select(PaymentLine).where(
                PaymentLine.brand_id == brand_id,
                PaymentLine.reference.in_(wanted[start : start + 500]),
            )
        )
        found |= {row.reference: row for row in rows}
    return found


def states_of(file_id: int) -> dict[LineState, int]:
    """How many lines are in each state; a state none is in is absent."""
    rows = db.session.execute(
        select(PaymentLine.state, func.count())
        .where(PaymentLine.file_id == file_id)
        .group_by(PaymentLine.state)
    )
    return {row[0]: row[1] for row in rows}


def newest_line(payout_id: int) -> PaymentLine | None:
    """The line of a payout's newest attempt."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(PaymentLine)
        .where(PaymentLine.payout_id == payout_id)
        .order_by(PaymentLine.id.desc())
        .limit(1)
    )


def moved_of_run(run: str, rail: Rail) -> list[tuple[str, PaymentLine]]:
    """(payout's public id, line) of everything this rail said it paid for a run."""
    rows = db.session.execute(
        select(Payout.public_id, PaymentLine)
        .join(Payout, Payout.id == PaymentLine.payout_id)
        .join(PaymentFile, PaymentFile.id == PaymentLine.file_id)
        .join(PayoutRun, PayoutRun.id == PaymentFile.run_id)
        .where(
            PayoutRun.public_id == run,
            PaymentFile.rail == rail,
            PaymentLine.state.in_((LineState.PAID, LineState.UNCLAIMED, LineState.RETURNED)),
        )
        .order_by(PaymentLine.id)
    )
    return [(public_id, line) for public_id, line in rows]


def collecting() -> list[int]:
    """Row ids of the files that are not written yet."""
    query = select(PaymentFile.id).where(PaymentFile.state == FileState.COLLECTING)
    return list(db.session.scalars(query))


def waiting_files(brand_id: int) -> Sequence[PaymentFile]:
    """Files in which somebody has something to do, oldest first."""
    query = select(PaymentFile).where(
        PaymentFile.brand_id == brand_id, PaymentFile.state.in_(OPEN_FILES)
    )
    return db.session.scalars(query.order_by(PaymentFile.id)).all()  # type: ignore[no-any-return]


def batch_of(found: PaymentFile, *, needs_payer: bool) -> Batch:
    """A file's contents, accounts opened. Raises Conflict when the payer's or a payee's account is
    not there."""
    run, brand = payouts.run(found.run_id), identity.brand(found.brand_id)
    terms = paying.payer(brand.id) if needs_payer else paying.terms(brand.id)
    rows = db.session.execute(
        select(PaymentLine, Payout.creator_id)
        .join(Payout, Payout.id == PaymentLine.payout_id)
        .where(PaymentLine.file_id == found.id, PaymentLine.state == LineState.WAITING)
        .order_by(PaymentLine.id)
    ).all()
    named = destinations.details_of([(creator_id, line.account_ref) for line, creator_id in rows])
    orders = []
    for line, creator_id in rows:
        to = named.get((creator_id, line.account_ref))
        if to is None:
            raise Conflict(f"The account of {line.payee} is not there any more.")
        orders.append(Order(line.reference, to.holder, to.account, to.bic, line.amount))
    approved = run.approved_at or found.created_at
    return Batch(
        found.message_id, f"{brand.name} {run.label}", approved.replace(microsecond=0),
        rules.execute_on(approved.astimezone(ZoneInfo(brand.zone)).date()), found.currency,
        terms.payer_name, terms.payer_iban, terms.payer_bic, orders,
    )  # fmt: skip


def unclaimed(brand_id: int) -> list[tuple[PaymentLine, PaymentFile]]:
    """PayPal payments of a brand that wait to be claimed, oldest first, with their files."""
    rows = db.session.execute(
        select(PaymentLine, PaymentFile)
        .join(PaymentFile, PaymentFile.id == PaymentLine.file_id)
        .where(PaymentLine.brand_id == brand_id, PaymentLine.state == LineState.UNCLAIMED)
        .order_by(PaymentLine.id)
    )
    return [(line, file) for line, file in rows]


def never_claimed(now: datetime) -> list[int]:
    """Row ids of payments of all brands that nobody claimed in 30 days (R89)."""
    rows = db.session.scalars(
        select(PaymentLine.id)
        .where(
            PaymentLine.state == LineState.UNCLAIMED,
            PaymentLine.decided_at <= now - timedelta(days=rules.UNCLAIMED_DAYS),
        )
        .order_by(PaymentLine.id)
    )
    return list(rows)


def violations() -> list[str]:
    """Sentences about payouts handed over without a line, and files that are not as written."""
    waits = (
        select(PaymentLine.payout_id)
        .where(PaymentLine.payout_id == Payout.id, PaymentLine.state == LineState.WAITING)
        .correlate(Payout)
        .exists()
    )
    lost = db.session.scalars(
        select(Payout.public_id).where(Payout.status == PayoutStatus.HANDED, ~waits).limit(SHOWN)
    )
    wrong = [f"Payout {one} was handed over, but no payment file has it." for one in lost]
    twice = db.session.execute(
        select(PaymentLine.payout_id)
        .where(PaymentLine.state == LineState.WAITING)
        .group_by(PaymentLine.payout_id)
        .having(func.count() > 1)
        .limit(SHOWN)
    )
    wrong += [f"Payout {payout_id} waits in two payment files." for (payout_id,) in twice]
    return [*wrong, *_totals_differ(), *_bytes_differ()]


def _totals_differ() -> list[str]:
    rows = db.session.execute(
        select(PaymentFile.message_id)
        .join(PaymentLine, PaymentLine.file_id == PaymentFile.id)
        .where(PaymentFile.sha256 != "")
        .group_by(PaymentFile.id, PaymentFile.message_id, PaymentFile.total_minor)
        .having(func.sum(PaymentLine.amount_minor) != PaymentFile.total_minor)
        .limit(SHOWN)
    )
    return [f"Payment file {name} does not say what its lines sum to." for (name,) in rows]


def _bytes_differ() -> list[str]:
    open_ones = select(PaymentFile).where(
        PaymentFile.state.in_((FileState.PREPARED, FileState.UPLOADED))
    )
    return [
        f"Payment file {one.message_id} is not as it was written."
        for one in db.session.scalars(open_ones)
        if hashlib.sha256(one.body.encode()).hexdigest() != one.sha256
    ]


def _page(wanted: Any, request: PageRequest, total: int, *, newest: bool) -> Page[Any]:
    key = wanted.selected_columns.id
    position = request.position()
    if position:
        last = int(position[0])
        wanted = wanted.where(key < last if newest else key > last)
    ordered = wanted.order_by(key.desc() if newest else key).limit(request.size + 1)
    rows = db.session.scalars(ordered).all()
    cursor = cursor_of(rows[request.size - 1].id) if len(rows) > request.size else None
    return Page(rows[: request.size], cursor, total, is_first=position is None)
