"""Which event becomes which message."""

from collections.abc import Sequence
from functools import partial

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.events import AgreementAccepted, AmbassadorEnded, AmbassadorEnrolled
from portal.appeals import queries as appeals
from portal.appeals.events import AppealDecided, AppealOpened
from portal.applications import queries as applications
from portal.applications.events import ApplicationDecided, ApplicationSubmitted
from portal.briefs import queries as briefs
from portal.briefs.events import (
    AssignmentCompleted,
    BriefPublished,
    ChangesRequested,
    SubmissionApproved,
    SubmissionRejected,
    SubmissionSent,
)
from portal.commissions import queries as commissions
from portal.commissions.events import (
    CommissionEarned,
    CommissionHeld,
    CommissionReleased,
    CommissionReversed,
)
from portal.payouts import queries as payouts
from portal.payouts.events import PayoutFailed, PayoutReturned, PayoutSent
from portal.sales import queries as sales
from portal.sales.events import OrderCancelled, OrderDisputed, OrderRecorded, OrderRefunded
from portal.tracking import queries as tracking
from portal.tracking.events import CodeActivated, CodeChanged, CodeRetired
from portal.webhooks import payload_queries as payloads
from portal.webhooks.commands import publish
from portal.webhooks.queries import is_anybody_listening, listeners


# ---- people come in
def on_application_submitted(event: ApplicationSubmitted) -> None:
    _application(event.application_id, "application.submitted")


def on_application_decided(event: ApplicationDecided) -> None:
    _application(event.application_id, "application.decided")


def on_ambassador_enrolled(event: AmbassadorEnrolled) -> None:
    _ambassador(event.ambassador_id, "ambassador.enrolled")


def on_agreement_accepted(event: AgreementAccepted) -> None:
    # A later version accepted is no second activation.
    _ambassador(event.ambassador_id, "ambassador.activated", once=True)


def on_ambassador_ended(event: AmbassadorEnded) -> None:
    _ambassador(event.ambassador_id, "ambassador.ended")


# ---- codes
def on_code_activated(event: CodeActivated) -> None:
    if _code(event.code_id, "code.issued", once=True) is None:
        _code(event.code_id, "code.updated")


def on_codes_activated(events: Sequence[CodeActivated]) -> None:
    """A batch of codes: as for orders, one look when nobody listens."""
    if is_anybody_listening():
        for event in events:
            on_code_activated(event)


def on_code_changed(event: CodeChanged) -> None:
    _code(event.code_id, "code.updated")


def on_code_retired(event: CodeRetired) -> None:
    _code(event.code_id, "code.retired")


# ---- orders
def on_order_recorded(event: OrderRecorded) -> None:
    if _order(event.order_id, "order.recorded", once=True) is None:
        _order(event.order_id, "order.updated")


def on_orders_recorded(events: Sequence[OrderRecorded]) -> None:
    """Many at once: most installations listen to none of them, and then one look is enough."""
    if is_anybody_listening():
        for event in events:
            on_order_recorded(event)


def on_order_refunded(event: OrderRefunded) -> None:
    _order(event.order_id, "order.refunded")


def on_order_cancelled(event: OrderCancelled) -> None:
    _order(event.order_id, "order.cancelled")


def on_order_disputed(event: OrderDisputed) -> None:
    found = sales.by_id(event.order_id)
    publish(
        found.brand_id, "order.disputed", found.public_id,
        lambda: payloads.dispute(found, event.state),
    )  # fmt: skip


# ---- commissions
def on_commission_earned(event: CommissionEarned) -> None:
    _commission(event.commission_id, "commission.created")


def on_commissions_earned(events: Sequence[CommissionEarned]) -> None:
    """Many at once, as `on_orders_recorded`."""
    if is_anybody_listening():
        for event in events:
            on_commission_earned(event)


def on_commission_held(event: CommissionHeld) -> None:
    _commission(event.commission_id, "commission.updated")


def on_commission_released(event: CommissionReleased) -> None:
    _commission(event.commission_id, "commission.updated")


def on_commission_reversed(event: CommissionReversed) -> None:
    found = commissions.commission(event.commission_id)
    publish(
        found.brand_id, "commission.reversed", found.public_id,
        lambda: payloads.reversal(found, event.reversal_id),
    )  # fmt: skip


# ---- briefs
def on_brief_published(event: BriefPublished) -> None:
    found = briefs.brief(event.brief_id)
    publish(found.brand_id, "brief.published", found.public_id, lambda: payloads.brief(found))


def on_submission_sent(event: SubmissionSent) -> None:
    _submission(event.submission_id, "submission.sent")


def on_changes_requested(event: ChangesRequested) -> None:
    _submission(event.submission_id, "submission.changes_requested")


def on_submission_approved(event: SubmissionApproved) -> None:
    _submission(event.submission_id, "submission.approved")


def on_submission_rejected(event: SubmissionRejected) -> None:
    _submission(event.submission_id, "submission.rejected")


def on_assignment_completed(event: AssignmentCompleted) -> None:
    found = briefs.assignment(event.assignment_id)
    publish(
        event.brand_id, "assignment.completed", found.public_id,
        lambda: payloads.assignment(found.id),
    )  # fmt: skip


# ---- appeals
def on_appeal_opened(event: AppealOpened) -> None:
    _appeal(event.appeal_id, "appeal.opened")


def on_appeal_decided(event: AppealDecided) -> None:
    _appeal(event.appeal_id, "appeal.decided")


# ---- payouts
def on_payout_sent(event: PayoutSent) -> None:
    found = payouts.payout(event.payout_id)
    _payout(event.payout_id, "payout.paid")
    if not listeners(found.brand_id, "commission.paid"):
        return
    for row in payloads.covered_by(found):
        publish(
            found.brand_id, "commission.paid", row.public_id, partial(payloads.paid, row, found)
        )


def on_payouts_sent(events: Sequence[PayoutSent]) -> None:
    """Many at once, as `on_orders_recorded`."""
    if is_anybody_listening():
        for event in events:
            on_payout_sent(event)


def on_payout_failed(event: PayoutFailed) -> None:
    _payout(event.payout_id, "payout.failed")


def on_payout_returned(event: PayoutReturned) -> None:
    _payout(event.payout_id, "payout.returned")


# ---- inside
def _application(application_id: int, kind: str) -> None:
    found = applications.application(application_id)
    publish(found.brand_id, kind, found.public_id, lambda: payloads.application(found))


def _ambassador(ambassador_id: int, kind: str, *, once: bool = False) -> None:
    found = ambassadors.ambassador(ambassador_id)
    publish(
        found.brand_id, kind, found.public_id, lambda: payloads.ambassador(found),
        began_at=found.activated_at if once else None,
    )  # fmt: skip


def _code(code_id: int, kind: str, *, once: bool = False) -> int | None:
    found = tracking.code(code_id)
    began = [moment for moment in (found.activated_at, found.valid_from) if moment is not None]
    return publish(
        found.brand_id, kind, found.public_id, lambda: payloads.code(found),
        began_at=max(began, default=None) if once else None,
    )  # fmt: skip


def _order(order_id: int, kind: str, *, once: bool = False) -> int | None:
    found = sales.by_id(order_id)
    return publish(
        found.brand_id, kind, found.public_id, lambda: payloads.order(found),
        began_at=found.recorded_at if once else None,
    )  # fmt: skip


def _commission(commission_id: int, kind: str) -> None:
    found = commissions.commission(commission_id)
    publish(found.brand_id, kind, found.public_id, lambda: payloads.commission(found))


def _submission(submission_id: int, kind: str) -> None:
    found = briefs.submission(submission_id)
    publish(found.brand_id, kind, found.public_id, lambda: payloads.submission(found))


def _appeal(appeal_id: int, kind: str) -> None:
    found = appeals.appeal(appeal_id)
    publish(found.brand_id, kind, found.public_id, lambda: payloads.appeal(found))


def _payout(payout_id: int, kind: str) -> None:
    found = payouts.payout(payout_id)
    publish(found.brand_id, kind, found.public_id, lambda: payloads.payout(found))
