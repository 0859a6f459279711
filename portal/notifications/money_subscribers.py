"""Who is told what (UX §5): runs, payouts, first sales and corrections."""

from collections.abc import Sequence

from portal.adjustments import queries as adjustments
from portal.adjustments.events import AdjustmentPosted, AdjustmentProposed
from portal.chain import queries as chain
from portal.chain.wording import seals
from portal.commissions import queries as commissions
from portal.commissions.events import CommissionEarned, CommissionReversed
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel import clock
from portal.notifications.extra_subscribers import on_extras_earned
from portal.notifications.letters import link_to, send, send_each
from portal.notifications.subscribers import OPTIONAL, email_of_creator
from portal.payouts import queries as payouts
from portal.payouts.events import (
    PayoutFailed,
    PayoutReturned,
    PayoutRunFinished,
    PayoutRunReturned,
    PayoutRunSubmitted,
    PayoutSent,
)
from portal.payouts.models import PayoutRun, PayoutStatus
from portal.proposals import queries as proposals
from portal.proposals.events import ChangePutForward
from portal.proposals.rules import KINDS
from portal.web.formatting import day, money, signed_money

SETUP = "destinations_creator.setup"


# ---- runs
def on_run_submitted(event: PayoutRunSubmitted) -> None:
    run = payouts.run(event.run_id)
    editors = payouts.editors_of(run.id)
    for user in identity.staff_with(run.brand_id, "finance.approver"):
        if user.id not in editors:
            send(
                "run_submitted", run.id * 100 + run.round, user.email, label=run.label,
                net=money(run.net), count=run.payout_count, preparer=_name(run.submitted_by),
                seals=seals(chain.heads()),
                link=run_link(run, "approval"),
            )  # fmt: skip


def on_run_returned(event: PayoutRunReturned) -> None:
    run = payouts.run(event.run_id)
    if run.prepared_by is not None:
        send(
            "run_returned", run.id * 100 + run.round, identity.user(run.prepared_by).email,
            label=run.label, approver=_name(run.returned_by), comment=run.return_note,
            link=run_link(run, "overview"),
        )  # fmt: skip


def on_run_finished(event: PayoutRunFinished) -> None:
    run = payouts.run(event.run_id)
    sums = payouts.by_status(run)
    done = [sums[status] for status in (PayoutStatus.SENT, PayoutStatus.PAID) if status in sums]
    failed = sums[PayoutStatus.FAILED].count if PayoutStatus.FAILED in sums else 0
    amount = sum((one.amount for one in done), start=run.net - run.net)
    for user in identity.staff_with(run.brand_id, "finance.preparer"):
        send(
            "run_finished", run.id, user.email, label=run.label, failed=failed, why=OPTIONAL,
            sent=sum(one.count for one in done), amount=money(amount), seals=seals(chain.heads()),
            link=run_link(run, "result"),
        )  # fmt: skip


# ---- payouts
def on_payout_sent(event: PayoutSent) -> None:
    on_payouts_sent([event])


def on_payouts_sent(events: Sequence[PayoutSent]) -> None:
    _tell_each("payout_sent", [(event.payout_id, {}) for event in events], "payouts_creator.payout")


def on_payout_failed(event: PayoutFailed) -> None:
    if event.is_creators_to_fix:
        reason = payouts.payout(event.payout_id).refusal
        _tell_each("payout_failed", [(event.payout_id, {"reason": reason})], SETUP)


def on_payout_returned(event: PayoutReturned) -> None:
    _tell_each("payout_returned", [(event.payout_id, {})], SETUP)


def _tell_each(letter: str, told: Sequence[tuple[int, dict[str, object]]], endpoint: str) -> None:
    found = payouts.payouts([payout_id for payout_id, _ in told])
    people = creators.creators([one.creator_id for one in found.values()])
    users = identity.users([one.user_id for one in people.values()])
    brands = {
        brand_id: identity.brand(brand_id) for brand_id in {p.brand_id for p in found.values()}
    }
    letters = []
    for payout_id, facts in told:
        one = found[payout_id]
        values = {"payout": one.public_id} if endpoint.endswith(".payout") else {}
        says = {"amount": money(one.amount), "brand": brands[one.brand_id].name,
                "link": link_to(endpoint, **values), **facts}  # fmt: skip
        to = users[people[one.creator_id].user_id].email
        letters.append((one.id * 100 + one.attempt, to, says))
    send_each(letter, letters)


# ---- commissions
def on_commission_earned(event: CommissionEarned) -> None:
    """Of sales only the first one ever is worth a mail; the rest stands on the home page."""
    on_commissions_earned([event])


def on_commissions_earned(events: Sequence[CommissionEarned]) -> None:
    ids = [event.commission_id for event in events]
    on_extras_earned(ids)
    for commission_id in commissions.first_sales(ids):
        earned = commissions.commission(commission_id)
        send(
            "first_sale", earned.id, email_of_creator(earned.creator_id),
            amount=money(earned.amount), payable_on=day(earned.hold_until),
            brand=identity.brand(earned.brand_id).name,
            link=link_to("reports_creator.commission", commission=earned.public_id),
        )  # fmt: skip


def on_commission_reversed(event: CommissionReversed) -> None:
    earned = commissions.commission(event.commission_id)
    if earned.payable_at is None:
        return
    zone = creators.creator(earned.creator_id).zone
    reversal = commissions.reversal(event.reversal_id)
    send(
        "commission_adjusted", reversal.id, email_of_creator(earned.creator_id),
        amount=signed_money(reversal.effect), brand=identity.brand(earned.brand_id).name,
        when=f"It is part of your next payout. Noted on {day(clock.now(), zone)}.",
        link=link_to("reports_creator.commission", commission=earned.public_id),
    )  # fmt: skip


def on_change_put_forward(event: ChangePutForward) -> None:
    """Everybody who may confirm is told; where nobody can, the owners and all of finance, with the
    day on which it takes effect by itself."""
    found = proposals.proposal(event.proposal_id)
    brand, waits = identity.brand(found.brand_id), found.waits_until
    told = {user.id: user for user in identity.staff_with(brand.id, "finance.approver")}
    if waits is not None:
        told |= {user.id: user for user in identity.staff_with(brand.id, "finance.preparer")}
    of_finance = set(told)
    if waits is not None:
        told |= {user.id: user for user in identity.staff_with(brand.id, "brand.owner")}
    for user in told.values():
        if user.id != found.proposed_by:
            send(
                "policy_change", found.id, user.email, brand=brand.name,
                title=KINDS[found.kind], lines=found.lines, proposer=_name(found.proposed_by),
                takes_effect=day(waits, brand.zone) if waits else "",
                link=link_to(
                    "proposals_finance.changes" if user.id in of_finance
                    else "proposals_brand.changes", brand_id=brand.slug,
                ),
            )  # fmt: skip


def on_adjustment_proposed(event: AdjustmentProposed) -> None:
    """Somebody else has to approve: everybody who may is told."""
    found = adjustments.adjustment(event.adjustment_id)
    for user in identity.staff_with(found.brand_id, "finance.approver"):
        if user.id != found.proposed_by:
            send(
                "adjustment_proposed", found.id, user.email, amount=signed_money(found.amount),
                creator=creators.creator(found.creator_id).name, reason=found.reason.value,
                proposer=_name(found.proposed_by),
                link=link_to(
                    "books_adjustments.adjustment", adjustment=found.public_id,
                    brand_id=identity.brand(found.brand_id).slug,
                ),
            )  # fmt: skip


def on_adjustment_posted(event: AdjustmentPosted) -> None:
    """A person added an amount or took one: the creator reads why."""
    found = adjustments.adjustment(event.adjustment_id)
    send(
        "adjustment_posted", found.id, email_of_creator(found.creator_id),
        amount=signed_money(found.amount), brand=identity.brand(found.brand_id).name,
        note=found.note, link=link_to("reports_creator.earnings", kind="adjustment"),
    )  # fmt: skip


def _name(user_id: int | None) -> str:
    return identity.user(user_id).name if user_id else "Vouch"


def run_link(run: PayoutRun, page: str) -> str:
    """The whole address of a page of a run."""
    slug = identity.brand_slug_of(run.brand_id)
    return link_to(f"payouts_finance.{page}", brand_id=slug, run=run.public_id)
