"""The causes that lie with rails, files and mail: of one brand, in a few set queries."""

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.bank_payouts.wording import cause_of
from portal.exceptions.models import ExceptionKind
from portal.exceptions.rules import ANSWER_WITHIN, UPLOAD_WITHIN, Found
from portal.files import queries as files
from portal.files.models import FileState, PaymentFile
from portal.files.rules import gives_back_on
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.money import Money
from portal.payouts import arrival_queries as arrivals
from portal.payouts import queries as payouts
from portal.reconciliation import queries as reconciliation

# (creator id, when, what she is owed): who asks hands in how to know it.
RefusedMail = Callable[[int], list[tuple[int, datetime, Money]]]


def of_brand(brand_id: int, refused_mail: RefusedMail) -> list[Found]:
    """What finance should look at outside the books of one brand."""
    return [
        *_left_over(brand_id), *_differences(brand_id), *_files(brand_id), *_unclaimed(brand_id),
        *_mail(brand_id, refused_mail), *_not_at_bank(brand_id),
    ]  # fmt: skip


def _left_over(brand_id: int) -> Iterator[Found]:
    """Rows of reports that fit no payment of ours, or another amount."""
    for row in reconciliation.left_over(brand_id):
        yield Found(
            ExceptionKind.LEFT_OVER, row.public_id, row.amount,
            (row.note or f"{row.who or row.reference}: in no file of ours")[:300],
            clock.now(), payout_id=row.payout_id,
        )  # fmt: skip


def _differences(brand_id: int) -> Iterator[Found]:
    """Runs whose ledger and rails differ, until somebody wrote why."""
    for run in reconciliation.differing_runs(brand_id):
        if not run.is_explained:
            yield Found(
                ExceptionKind.DIFFERENCE, f"{run.public_id}:{run.difference_minor}",
                run.difference, f"{run.label}: the rails tell another sum than the books",
                run.reconciled_at or clock.now(),
            )  # fmt: skip


def _not_at_bank(brand_id: int) -> Iterator[Found]:
    """Payouts that reached her account at the provider and not her bank. The books stand; it ends
    when a later payout to the bank gets through."""
    for payout in arrivals.not_at_bank(brand_id):
        refused = arrivals.bank_refusal(payout)
        if refused is not None:
            yield Found(
                ExceptionKind.NOT_AT_BANK, f"{payout.id}:{refused.id}", payout.pays,
                f"{cause_of(refused.failure_code).label}: {refused.provider_ref}"[:300],
                refused.failed_at or refused.told_at, payout.creator_id, payout.id,
            )  # fmt: skip


def _files(brand_id: int) -> Iterator[Found]:
    """Files that could not be written, were not uploaded for 2 days, or got no answer in 3."""
    now = clock.now()
    for file in files.waiting_files(brand_id):
        said = _file_words(file, now)
        if said is not None:
            kind, words, since = said
            run = payouts.run(file.run_id)
            subject = f"{file.public_id}:{file.state.value}"
            yield Found(kind, subject, file.total, f"{run.label}: {words}"[:300], since)


def _file_words(file: PaymentFile, now: datetime) -> tuple[ExceptionKind, str, datetime] | None:
    prepared, uploaded = file.prepared_at, file.uploaded_at
    if file.state is FileState.NOT_WRITTEN:
        return ExceptionKind.NOT_WRITTEN, file.problem or "could not be written", file.created_at
    if file.state is FileState.PREPARED and prepared and now - prepared > UPLOAD_WITHIN:
        return ExceptionKind.NOT_ANSWERED, "not uploaded yet", prepared
    if file.state is FileState.UPLOADED and uploaded and now - uploaded > ANSWER_WITHIN:
        return ExceptionKind.NOT_ANSWERED, "the bank or PayPal has not answered", uploaded
    return None


def _unclaimed(brand_id: int) -> Iterator[Found]:
    """PayPal payments that wait to be claimed; after 30 days they are payable again (R89)."""
    zone = identity.brand(brand_id).zone
    for line, file in files.unclaimed(brand_id):
        told_at = line.decided_at or file.created_at
        back = gives_back_on(told_at).astimezone(ZoneInfo(zone))
        payout = payouts.payout(line.payout_id)
        yield Found(
            ExceptionKind.UNCLAIMED, f"{file.public_id}/{line.reference}", line.amount,
            f"PayPal waits for {line.payee}; payable again on {back:%d %b}"[:300], told_at,
            payout.creator_id,
        )  # fmt: skip


def _mail(brand_id: int, refused_mail: RefusedMail) -> Iterator[Found]:
    """Payees whose mail was refused while money waits for them. What the mail was about is not
    told: it may have been another brand's."""
    for creator_id, at, amount in refused_mail(brand_id):
        yield Found(
            ExceptionKind.MAIL, f"{creator_id}:{amount.currency}", amount,
            "Her mail server refuses our mail", at, creator_id,
        )  # fmt: skip
