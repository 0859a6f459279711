"""The life of a payment file: collect, write, upload, confirm line by line. Callers commit."""

import hashlib
from datetime import timedelta

from sqlalchemy import func, select, update

from portal.audit import commands as audit
from portal.creators.models import Rail
from portal.files import queries, rules
from portal.files.models import FileState, LineState, PaymentFile, PaymentLine
from portal.jobs.commands import enqueue
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.payouts import commands as payouts
from portal.payouts import queries as runs
from portal.payouts.models import PayoutRun
from portal.sending_stops import queries as stops
from portal.storage.locks import lock
from portal.storage.model import db

WRITE_JOB = "files.write"
WRITE_AFTER = timedelta(seconds=5)


def add_line(
    payout_id: int,
    attempt: int,
    key: str,
    account_ref: str,
    amount: Money,
    *,
    rail: Rail,
    most: int,
) -> PaymentLine:
    """Put one order into the run's open file, once per key: the same key gives the same line."""
    payout = runs.payout(payout_id)
    lock(PayoutRun, payout.run_id)  # one at a time: a run has one open file per rail
    known = db.session.scalar(select(PaymentLine).where(PaymentLine.key == key))
    if known is not None:
        return known  # type: ignore[no-any-return]
    before = queries.newest_line(payout.id)
    if before is not None and before.state is LineState.WAITING:
        raise Conflict("An earlier payment of this payout still waits in a file.")
    file = _open_file(payout.run_id, payout.brand_id, rail, amount.currency, most)
    line = PaymentLine(
        file_id=file.id, brand_id=file.brand_id, payout_id=payout.id, attempt=attempt,
        key=key, reference=rules.reference_of(payout.public_id, attempt),
        account_ref=account_ref, payee=payout.creator_name,
        amount_minor=amount.minor, currency=amount.currency,
    )  # fmt: skip
    db.session.add(line)
    file.line_count, file.total_minor = file.line_count + 1, file.total_minor + line.amount_minor
    db.session.flush()
    write_soon(file.id)
    return line


def write_soon(file_id: int) -> None:
    """Have the file written once nothing more can come into it."""
    enqueue(WRITE_JOB, {"file_id": file_id}, dedupe=f"file:{file_id}",
            run_at=clock.now() + WRITE_AFTER)  # fmt: skip


def written(file_id: int, name: str, text: str) -> PaymentFile:
    """Keep the bytes; from now on they never change."""
    file = lock(PaymentFile, file_id)
    if file.state not in (FileState.COLLECTING, FileState.NOT_WRITTEN):
        return file
    file.state, file.name, file.body, file.problem = FileState.PREPARED, name, text, ""
    file.sha256 = hashlib.sha256(text.encode()).hexdigest()
    file.prepared_at = clock.now()
    _note(file, None, "prepared", sha256=file.sha256, lines=file.line_count,
          total_minor=file.total_minor)  # fmt: skip
    return file


def not_written(file_id: int, problem: str) -> PaymentFile:
    """Say why it cannot be written; nothing of it may be uploaded."""
    file = lock(PaymentFile, file_id)
    if file.state in (FileState.COLLECTING, FileState.NOT_WRITTEN):
        file.state, file.problem = FileState.NOT_WRITTEN, problem
    return file


def write_again(file_id: int, *, by: int) -> PaymentFile:
    """Try once more what could not be written."""
    file = lock(PaymentFile, file_id)
    if file.state is not FileState.NOT_WRITTEN:
        raise Conflict("This file was written already.")
    file.state, file.problem = FileState.COLLECTING, ""
    write_soon(file.id)
    _note(file, by, "written-again")
    return file


def note_downloaded(file_id: int, *, by: int) -> PaymentFile:
    """Somebody fetched the bytes: each time is noted, with their hash."""
    file = lock(PaymentFile, file_id)
    rules.check_written(file.state)
    stops.refuse("download this file")
    file.downloaded_at = file.downloaded_at or clock.now()
    _note(file, by, "downloaded", sha256=file.sha256)
    return file


def mark_uploaded(file_id: int, *, by: int) -> PaymentFile:
    """The file is at the bank, or at PayPal; its word is waited for."""
    file = lock(PaymentFile, file_id)
    rules.check_written(file.state)
    if file.state is not FileState.PREPARED:
        raise Conflict("This file was uploaded already.")
    if file.downloaded_at is None:
        raise Conflict("Nobody has downloaded this file yet, so it cannot be uploaded.")
    file.state, file.uploaded_at, file.uploaded_by = FileState.UPLOADED, clock.now(), by
    _note(file, by, "uploaded")
    return file


def give_up(file_id: int, reason: str, *, by: int) -> PaymentFile:
    """The file was not, and will not be, carried out: what waits in it is payable again.

    For a second person: whoever prepared the run may not say it. Raises NotAllowed for her, and
    Conflict when some of it was paid already.
    """
    file = lock(PaymentFile, file_id)
    payouts.check_second(file.run_id, by)
    payouts.check_reason("reason", reason)
    if file.state in (FileState.SETTLED, FileState.VOID):
        raise Conflict("This file has its end already.")
    states = queries.states_of(file.id)
    if set(states) - {LineState.WAITING, LineState.FAILED}:
        raise Conflict("Some of this file was paid, so it cannot be given up as a whole.")
    for line in _waiting(file.id):
        line.state, line.said = LineState.VOID, reason.strip()
        line.decided_by, line.decided_at = by, clock.now()
        payouts.release(line.payout_id, f"The payment file was given up: {line.said}",
                        code="not_in_file", is_retryable=True)  # fmt: skip
    file.state, file.ended_at, file.problem = FileState.VOID, clock.now(), reason.strip()
    _note(file, by, "given-up", reason=reason.strip())
    payouts.finish_if_done(file.run_id)
    return file


# ---- the rail's word, line by line
def confirm_by_hand(line_id: int, proof: str, *, by: int) -> PaymentLine:
    """A second person saw on the statement that it went. Raises NotAllowed for the preparer."""
    line = db.session.get_one(PaymentLine, line_id)
    payouts.check_second(_run_of(line), by)
    payouts.check_reason("reference", proof)
    return line_paid(line_id, proof, by=by)


def refuse_by_hand(line_id: int, reason: str, *, by: int) -> PaymentLine:
    """A second person learned that it did not go, or came back."""
    line = db.session.get_one(PaymentLine, line_id)
    payouts.check_second(_run_of(line), by)
    payouts.check_reason("reason", reason)
    if line.state in (LineState.PAID, LineState.UNCLAIMED):
        return line_returned(line_id, reason, by=by)
    return line_failed(line_id, reason, by=by)


def line_paid(line_id: int, proof: str, *, by: int | None) -> PaymentLine:
    """The rail's final word that it was paid. Repeating it changes nothing."""
    line = _line(line_id)
    if line.state is LineState.PAID:
        return line
    if line.state is not LineState.UNCLAIMED:
        rules.check_waits(line.state)
        payouts.settle(line.payout_id, line.reference)
    payouts.arrive(line.payout_id)
    return _end(line, LineState.PAID, by, proof=proof)


def line_unclaimed(line_id: int, proof: str, *, by: int | None) -> PaymentLine:
    """The money left, and the payee has not claimed it: sent, not paid (R89)."""
    line = _line(line_id)
    if line.state is LineState.UNCLAIMED:
        return line
    rules.check_waits(line.state)
    payouts.settle(line.payout_id, line.reference)
    return _end(line, LineState.UNCLAIMED, by, proof=proof)


def return_unclaimed(line_id: int) -> PaymentLine:
    """Nobody claimed it in 30 days, so PayPal has given the money back: payable again, and the
    creator is told (R89). Its report, when it comes, finds this done. Raises Conflict when it was
    claimed, or is younger."""
    line = _line(line_id)
    if line.state is not LineState.UNCLAIMED or line.decided_at is None:
        raise Conflict("This payment does not wait to be claimed any more.")
    rules.check_unclaimed_long_enough(line.decided_at, clock.now())
    return line_returned(line_id, rules.NEVER_CLAIMED, by=None)


def line_failed(line_id: int, said: str, *, by: int | None) -> PaymentLine:
    """The rail's word that it was not carried out: payable again."""
    line = _line(line_id)
    if line.state is LineState.FAILED:
        return line
    rules.check_waits(line.state)
    payouts.release(line.payout_id, said, code="refused_by_bank", is_retryable=False)
    return _end(line, LineState.FAILED, by, said=said)


def line_returned(
    line_id: int, said: str, *, by: int | None, returned: Money | None = None
) -> PaymentLine:
    """It came back after it had gone: payable again, however long ago that was (R89)."""
    line = _line(line_id)
    if line.state is LineState.RETURNED:
        return line
    if line.state not in (LineState.PAID, LineState.UNCLAIMED):
        return line_failed(line_id, said, by=by)
    total = min(returned or line.amount, line.amount)
    payouts.record_return(line.reference, total)
    line.returned_minor = total.minor
    state = LineState.RETURNED if total == line.amount else line.state
    return _end(line, state, by, said=said)


# ---- inside
def _open_file(run_id: int, brand_id: int, rail: Rail, currency: str, most: int) -> PaymentFile:
    mine = (PaymentFile.run_id == run_id, PaymentFile.rail == rail)
    found = db.session.scalar(
        select(PaymentFile).where(
            *mine,
            PaymentFile.state == FileState.COLLECTING,
            PaymentFile.currency == currency,
            PaymentFile.line_count < most,
        )
    )
    if found is not None:
        return found  # type: ignore[no-any-return]
    number = int(db.session.scalar(select(func.max(PaymentFile.number)).where(*mine)) or 0) + 1
    made = PaymentFile(
        brand_id=brand_id, run_id=run_id, rail=rail, number=number, currency=currency,
        state=FileState.COLLECTING, line_count=0, total_minor=0, created_at=clock.now(),
        message_id=rules.message_id_of(runs.run(run_id).public_id, rail, number),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _waiting(file_id: int) -> list[PaymentLine]:
    rows = db.session.scalars(
        select(PaymentLine)
        .where(PaymentLine.file_id == file_id, PaymentLine.state == LineState.WAITING)
        .order_by(PaymentLine.id)
    )
    return list(rows)


def _line(line_id: int) -> PaymentLine:
    line = lock(PaymentLine, line_id)
    file = db.session.get_one(PaymentFile, line.file_id)
    rules.check_written(file.state)
    return line


def _run_of(line: PaymentLine) -> int:
    return int(db.session.get_one(PaymentFile, line.file_id).run_id)


def _end(
    line: PaymentLine, state: LineState, by: int | None, *, proof: str = "", said: str = ""
) -> PaymentLine:
    line.state, line.said = state, said or line.said
    line.proof = (proof or line.proof)[:120]
    line.decided_by, line.decided_at = by, clock.now()
    db.session.flush()
    file = lock(PaymentFile, line.file_id)
    if LineState.WAITING not in queries.states_of(file.id) and file.ended_at is None:
        file.state, file.ended_at = FileState.SETTLED, clock.now()
    audit.note(by, f"payment-line.{state.value}", line.id, brand_id=line.brand_id,
               reference=line.reference, proof=line.proof)  # fmt: skip
    # Compared again with what is known now.
    db.session.execute(
        update(PayoutRun).where(PayoutRun.id == file.run_id).values(reconciled_at=None)
    )
    payouts.finish_if_done(file.run_id)
    return line


def _note(file: PaymentFile, by: int | None, what: str, **facts: object) -> None:
    audit.note(by, f"payment-file.{what}", file.id, brand_id=file.brand_id,
               message_id=file.message_id, **facts)  # fmt: skip
