"""Who is told what (UX §5, 22, 40, 41 and 43): a run was approved, stands still or differs; a payee
is held."""

from portal.identity import queries as identity
from portal.identity.models import User
from portal.kernel.money import Money
from portal.notifications.letters import link_to, send
from portal.notifications.money_subscribers import run_link
from portal.notifications.subscribers import email_of_creator
from portal.payee_holds import queries as payee_holds
from portal.payee_holds.events import PayeeHoldChanged
from portal.payouts import queries as payouts
from portal.payouts.events import PayoutRunApproved, PayoutRunDiffers, PayoutRunPaused
from portal.web.formatting import money


def on_run_approved(event: PayoutRunApproved) -> None:
    """Everybody of finance but the approver."""
    run = payouts.run(event.run_id)
    approver = identity.user(run.approved_by).name if run.approved_by else "Vouch"
    for user in _finance(run.brand_id, run.approved_by):
        send(
            "run_approved", run.id * 100 + run.round, user.email, label=run.label,
            net=money(run.net), count=run.payout_count, approver=approver,
            link=run_link(run, "progress"),
        )  # fmt: skip


def on_run_paused(event: PayoutRunPaused) -> None:
    """Everybody of finance but who paused it; where its rail holds too little, by how much."""
    run = payouts.run(event.run_id)
    who = identity.user(event.by).name if event.by else ""
    for user in _finance(run.brand_id, event.by):
        send(
            "run_paused", run.id * 10**12 + event.epoch_seconds, user.email, label=run.label,
            who=who, reason="" if who else run.failure, link=run_link(run, "progress"),
        )  # fmt: skip


def on_run_differs(event: PayoutRunDiffers) -> None:
    """Everybody of finance, once for each sum that a run differs by."""
    run = payouts.run(event.run_id)
    differs = Money(event.difference_minor, run.currency)
    for user in _finance(run.brand_id):
        send(
            "run_differs", run.id * 10**15 + event.difference_minor, user.email, label=run.label,
            difference=money(abs(differs)), link=run_link(run, "result"),
        )  # fmt: skip


def on_payee_hold_changed(event: PayeeHoldChanged) -> None:
    """The creator reads why, as on her payouts page, and when it is over."""
    found = payee_holds.hold(event.hold_id)
    send(
        "payouts_held", found.id * 10 + event.is_over, email_of_creator(found.creator_id),
        brand=identity.brand(found.brand_id).name, is_over=event.is_over, reason=found.reason,
        link=link_to("payouts_creator.payouts"),
    )  # fmt: skip


def _finance(brand_id: int, but: int | None = None) -> list[User]:
    """A brand's preparers and approvers, each once."""
    roles = ("finance.preparer", "finance.approver")
    found = {user.id: user for role in roles for user in identity.staff_with(brand_id, role)}
    return [user for user in found.values() if user.id != but]
