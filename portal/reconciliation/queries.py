"""Looking at reports, their rows, and what is left over on either side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.files.models import FileState, LineState, PaymentFile, PaymentLine
from portal.files.queries import unclaimed
from portal.files.rules import gives_back_on
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.pages import Page, PageRequest, cursor_of
from portal.payouts.models import PayoutRun
from portal.reconciliation.models import Match, RailReport, ReportRow, RowSays
from portal.storage.model import db

REPORT_DUE = timedelta(days=3)
LEFT = (Match.MISSING_HERE, Match.AMOUNT_DIFFERS)
VIEWS: dict[str, tuple[Match, ...]] = {
    "left": LEFT,
    "matched": (Match.MATCHED,),
    "explained": (Match.EXPLAINED,),
}


def report_of_brand(brand_id: int, public_id: str) -> RailReport:
    """A brand's report. Raises NotFound, for another brand's as well."""
    found = db.session.scalar(
        select(RailReport).where(RailReport.brand_id == brand_id, RailReport.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def known_report(brand_id: int, sha256: str) -> RailReport | None:
    """The report with exactly these bytes, if it was uploaded before."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(RailReport).where(RailReport.brand_id == brand_id, RailReport.sha256 == sha256)
    )


def reports(brand_id: int, most: int = 10) -> Sequence[RailReport]:
    """The latest reports, newest first."""
    query = select(RailReport).where(RailReport.brand_id == brand_id)
    return db.session.scalars(query.order_by(RailReport.id.desc()).limit(most)).all()  # type: ignore[no-any-return]


def row_of_brand(brand_id: int, public_id: str) -> ReportRow:
    """A brand's row. Raises NotFound."""
    found = db.session.scalar(
        select(ReportRow).where(ReportRow.brand_id == brand_id, ReportRow.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def rows(
    brand_id: int, view: str, request: PageRequest, report_id: int | None = None
) -> Page[ReportRow]:
    """A brand's rows of a view, newest first; of one report when it is given."""
    wanted = select(ReportRow).where(ReportRow.brand_id == brand_id)
    wanted = wanted.where(ReportRow.match.in_(VIEWS.get(view, LEFT)))
    if report_id is not None:
        wanted = wanted.where(ReportRow.report_id == report_id)
    total = int(db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0)
    position = request.position()
    if position:
        wanted = wanted.where(ReportRow.id < int(position[0]))
    found = db.session.scalars(wanted.order_by(ReportRow.id.desc()).limit(request.size + 1)).all()
    cursor = cursor_of(found[request.size - 1].id) if len(found) > request.size else None
    return Page(found[: request.size], cursor, total, is_first=position is None)


def counts(brand_id: int) -> dict[str, int]:
    """How many rows each view holds."""
    found: dict[Any, int] = {
        row[0]: row[1]
        for row in db.session.execute(
            select(ReportRow.match, func.count())
            .where(ReportRow.brand_id == brand_id)
            .group_by(ReportRow.match)
        )
    }
    return {view: sum(found.get(one, 0) for one in states) for view, states in VIEWS.items()}


@dataclass(frozen=True, slots=True)
class Missing:
    """A payment of ours that nobody outside has told of yet."""

    line: PaymentLine
    file: PaymentFile
    since: datetime
    why: str


def missing_there(brand_id: int, most: int = 100) -> list[Missing]:
    """Payments of files that were uploaded days ago and stand in no report; and PayPal's that
    nobody has claimed yet (R89)."""
    due = clock.now() - REPORT_DUE
    found = db.session.execute(
        select(PaymentLine, PaymentFile)
        .join(PaymentFile, PaymentFile.id == PaymentLine.file_id)
        .where(
            PaymentLine.brand_id == brand_id,
            PaymentLine.state == LineState.WAITING,
            PaymentFile.state == FileState.UPLOADED,
            PaymentFile.uploaded_at < due,
        )
        .order_by(PaymentLine.id)
        .limit(most)
    )
    missing = [
        Missing(line, file, file.uploaded_at, "In no report yet")
        for line, file in found
        if file.uploaded_at is not None
    ]
    for line, file in unclaimed(brand_id):
        told_at = line.decided_at or file.created_at
        back = f"{gives_back_on(told_at):%d %b}"
        why = f"Not claimed yet: payable again from {back}. Upload PayPal’s newest report before"
        missing.append(Missing(line, file, told_at, why))
    return missing


def left_over(brand_id: int, most: int = 500) -> Sequence[ReportRow]:
    """Rows of reports that nobody has matched or explained, oldest first."""
    query = select(ReportRow).where(ReportRow.brand_id == brand_id, ReportRow.match.in_(LEFT))
    return db.session.scalars(query.order_by(ReportRow.id).limit(most)).all()  # type: ignore[no-any-return]


def differing_runs(brand_id: int) -> Sequence[PayoutRun]:
    """Runs whose ledger and rails differ, explained ones included, newest first."""
    query = select(PayoutRun).where(PayoutRun.brand_id == brand_id, PayoutRun.difference_minor != 0)
    return db.session.scalars(query.order_by(PayoutRun.id.desc())).all()  # type: ignore[no-any-return]


def waiting_lines_like(row: ReportRow, most: int = 20) -> Sequence[PaymentLine]:
    """Payments of this amount that still wait: one of them may be the row's."""
    query = select(PaymentLine).where(
        PaymentLine.brand_id == row.brand_id,
        PaymentLine.currency == row.currency,
        PaymentLine.amount_minor == row.amount_minor,
        PaymentLine.state.in_((LineState.WAITING, LineState.UNCLAIMED)),
    )
    return db.session.scalars(query.order_by(PaymentLine.id).limit(most)).all()  # type: ignore[no-any-return]


def is_paid_again(row: ReportRow) -> bool:
    """Whether the same source has said before that this payment or file was paid, under another
    proof; without proofs, in another row of the same report."""
    mine = db.session.get_one(RailReport, row.report_id)
    is_other = ReportRow.report_id == row.report_id
    if row.proof:
        is_other = ReportRow.proof.not_in(("", row.proof))
    found = db.session.scalar(
        select(ReportRow.id)
        .join(RailReport, RailReport.id == ReportRow.report_id)
        .where(
            ReportRow.payout_id == row.payout_id,
            ReportRow.reference == row.reference,
            ReportRow.says == RowSays.PAID,
            ReportRow.match == Match.MATCHED,
            RailReport.source == mine.source,
            is_other,
        )
        .limit(1)
    )
    return found is not None


def violations(limit: int = 20) -> list[str]:
    """Sentences about rows that count as matched without a payment."""
    found = db.session.scalars(
        select(ReportRow.public_id)
        .where(ReportRow.match == Match.MATCHED, ReportRow.payout_id.is_(None))
        .limit(limit)
    )
    return [f"Row {one} of a report counts as matched, but names no payout." for one in found]
