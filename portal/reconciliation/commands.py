"""Take in reports, match their rows, explain what is left. Callers commit."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from portal.audit import commands as audit
from portal.files import commands as files
from portal.files import queries as file_queries
from portal.files.models import LineState, PaymentFile, PaymentLine
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.payouts import commands as payouts
from portal.reconciliation import queries, rules
from portal.reconciliation.models import Match, RailReport, ReportRow, RowSays
from portal.reconciliation.provider import ReportRead, ReportReader, RowRead
from portal.reconciliation.rules import Effect
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint

MOST_BYTES = 1_900_000
SHOWN = 200


def read_report(body: bytes, readers: Sequence[ReportReader]) -> ReportRead:
    """What a file says. Raises InvalidInput at "file" when nobody can read it."""
    if not body.strip():
        raise InvalidInput("file", "The file is empty.")
    if len(body) > MOST_BYTES:
        raise InvalidInput("file", "The file is larger than 1.9 MB. Upload it in parts.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    reader = next((one for one in readers if one.fits(text[:4000])), None)
    if reader is None:
        raise InvalidInput(
            "file",
            "This is neither PayPal’s report, nor a bank’s statement as CSV or camt.053. "
            "Its first row has to name the columns.",
        )
    return reader.read(text)


def take_in_report(
    brand_id: int, name: str, body: bytes, found: ReportRead, *, by: int | None
) -> RailReport:
    """Keep a report and let each new row do what it says. The same bytes are the same report, and
    a row that stood in an earlier one changes nothing."""
    sha256 = hashlib.sha256(body).hexdigest()
    known = queries.known_report(brand_id, sha256)
    if known is not None:
        return known
    report = RailReport(
        brand_id=brand_id, source=found.source, name=name.strip()[:120] or "report", sha256=sha256,
        row_count=len(found.rows), by_id=by, created_at=clock.now(),
        wrong=[{"row": one.number, "reason": one.reason} for one in found.wrong][:SHOWN],
    )  # fmt: skip
    db.session.add(report)
    db.session.flush()
    audit.note(by, "rail-report.uploaded", report.id, brand_id=brand_id, sha256=sha256,
               rows=len(found.rows))  # fmt: skip
    _take_rows(report, found, by)
    return report


def match_by_hand(row_id: int, line_id: int, *, by: int) -> ReportRow:
    """A second person says which payment a row is about; what the row says is done to it."""
    row, line = lock(ReportRow, row_id), db.session.get_one(PaymentLine, line_id)
    if row.match not in queries.LEFT:
        raise Conflict("This row is decided already.")
    if line.brand_id != row.brand_id or line.amount != row.amount:
        raise Conflict("This payment is of another amount, so it is not the row’s.")
    payouts.check_second(_run_of(line), by)
    _apply(row, line, by)
    row.match, row.payout_id = Match.MATCHED, line.payout_id
    row.decided_by, row.decided_at = by, clock.now()
    audit.note(by, "report-row.matched", row.id, brand_id=row.brand_id, reference=line.reference)
    return row


def explain(row_id: int, why: str, *, by: int) -> ReportRow:
    """Write why a row stands alone; nothing moves."""
    row = lock(ReportRow, row_id)
    if row.match not in queries.LEFT:
        raise Conflict("This row is decided already.")
    payouts.check_reason("reason", why)
    row.match, row.explanation = Match.EXPLAINED, why.strip()
    row.decided_by, row.decided_at = by, clock.now()
    audit.note(by, "report-row.explained", row.id, brand_id=row.brand_id, reason=row.explanation)
    return row


# ---- inside
def _take_rows(report: RailReport, found: ReportRead, by: int | None) -> None:
    marks = rules.marks_of(found.source, found.rows)
    before = _known_marks(report.brand_id, marks)
    lines = file_queries.lines_by_reference(report.brand_id, [row.reference for row in found.rows])
    for row, mark in zip(found.rows, marks, strict=True):
        if mark in before:
            report.known_count += 1
            continue
        made = _kept(report, row, mark)
        _match(made, lines, by)
    db.session.flush()


def _known_marks(brand_id: int, marks: Sequence[str]) -> frozenset[str]:
    known: set[str] = set()
    for start in range(0, len(marks), 500):
        known |= set(
            db.session.scalars(
                select(ReportRow.mark).where(
                    ReportRow.brand_id == brand_id,
                    ReportRow.mark.in_(marks[start : start + 500]),
                )
            )
        )
    return frozenset(known)


def _kept(report: RailReport, row: RowRead, mark: str) -> ReportRow:
    made = ReportRow(
        brand_id=report.brand_id, report_id=report.id, number=row.number, mark=mark, says=row.says,
        reference=row.reference[:120], proof=row.proof[:120], who=row.who[:120],
        raw_status=row.raw_status[:60], amount_minor=row.amount.minor,
        currency=row.amount.currency, fee_minor=row.fee.minor if row.fee else None,
        booked_on=row.booked_on, match=Match.MISSING_HERE,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _match(row: ReportRow, lines: Mapping[str, PaymentLine], by: int | None) -> None:
    batch = rules.batch_in(row.reference)
    found = _lines_of_file(row, batch) if batch else _line_of(row, lines)
    if not found:
        return
    row.payout_id = found[0].payout_id
    if row.says is RowSays.PAID and queries.is_paid_again(row):
        row.note = "An earlier booking says that this was paid: it may have been paid twice."
        return
    try:
        with savepoint():
            for line in found:
                _apply(row, line, by)
    except Conflict as other:
        row.note = f"{other.message} The report says {row.says.value}."
        if row.says is RowSays.PAID and found[0].state is LineState.RETURNED:
            row.note += " Take it from what she is owed, or it is paid twice."
        return
    row.match = Match.MATCHED
    row.note = f"{len(found)} payments of the file {batch}." if batch else ""


def _line_of(row: ReportRow, lines: Mapping[str, PaymentLine]) -> list[PaymentLine]:
    line = lines.get(row.reference.lower())
    if line is None:
        row.note = "No payment of ours has this reference."
        return []
    row.payout_id = line.payout_id
    if line.amount != row.amount:
        row.match, row.note = Match.AMOUNT_DIFFERS, f"Ours is {line.amount}."
        return []
    return [line]


def _lines_of_file(row: ReportRow, message_id: str) -> list[PaymentLine]:
    """One booking for a whole file is about every line of it, when the sum is right."""
    file = db.session.scalar(
        select(PaymentFile).where(
            PaymentFile.brand_id == row.brand_id, PaymentFile.message_id == message_id
        )
    )
    if file is None:
        row.note = "No payment file of ours has this name."
        return []
    found = list(db.session.scalars(
        select(PaymentLine).where(PaymentLine.file_id == file.id).order_by(PaymentLine.id)
    ))  # fmt: skip
    if file.total != row.amount:
        row.match, row.note = Match.AMOUNT_DIFFERS, f"Our file is {file.total}."
        return []
    if any(one.state not in (LineState.WAITING, LineState.PAID) for one in found):
        row.note = "Some of this file was not paid, or came back. Match its payments one by one."
        return []
    return found


def _apply(row: ReportRow, line: PaymentLine, by: int | None) -> None:
    proof = row.proof or row.reference
    said = f"{row.raw_status or row.says.value}: as reported"
    effect = rules.effect_of(row.says, line.state)
    if effect is Effect.PAY:
        files.line_paid(line.id, proof, by=by)
    elif effect is Effect.CLAIM_LATER:
        files.line_unclaimed(line.id, proof, by=by)
    elif effect is Effect.FAIL:
        files.line_failed(line.id, said, by=by)
    elif effect is Effect.RETURN:
        files.line_returned(line.id, said, by=by, returned=row.amount)
    if row.fee_minor and row.says in (RowSays.PAID, RowSays.UNCLAIMED):
        payouts.record_fee(line.payout_id, row.fee_minor, row.currency)


def _run_of(line: PaymentLine) -> int:
    return int(db.session.get_one(PaymentFile, line.file_id).run_id)
