"""What finance's pages show: gathered here, so that the doors stay short."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, url_for

from portal.bank_payouts.wording import cause_of
from portal.chain import queries as chain
from portal.chain.wording import seals
from portal.identity import queries as identity
from portal.jobs import queries as jobs
from portal.kernel import clock
from portal.kernel.errors import Conflict, NotAllowed, ProviderUnavailable
from portal.kernel.money import Money
from portal.paying import queries as paying
from portal.paying.rules import rate_words
from portal.payouts import (
    arrival_queries,
    control,
    entries,
    figures,
    journal,
    outside_rules,
    queries,
    record,
    rules,
    starting,
    wording,
)
from portal.payouts.fee_pages import Fees, Other, fees_of, others_of
from portal.payouts.fee_queries import by_rail
from portal.payouts.forms import HoldForm, OutsideForm, RollOverForm
from portal.payouts.line_rules import ASKS_ACCOUNT, ASKS_FORM
from portal.payouts.models import (
    GONE,
    Caution,
    Payout,
    PayoutRun,
    PayoutStatus,
    RunStatus,
)
from portal.payouts.provider import PayoutProvider
from portal.payouts.waiting_queries import Waits, unsent, waits_of
from portal.sending_stops import queries as stops
from portal.storage.unit_of_work import end_read
from portal.web.formatting import day
from portal.web.formatting import money as written
from portal.web.guards import person

WAYS = {"stripe": "Stripe", "sepa": "Bank transfer (SEPA)", "paypal": "PayPal",
        "credit": "Store credit", "manual": "By hand", "": "Not set"}  # fmt: skip
LAPSED = "The approval was more than 72 hours old, so the run waits for another one."
BEGINNING = (RunStatus.DRAFT, RunStatus.CALCULATING, RunStatus.FAILED)
SENDING = (RunStatus.EXECUTING, RunStatus.PAUSED, RunStatus.APPROVED)
UNDER_WAY = (PayoutStatus.SENDING, PayoutStatus.UNKNOWN, PayoutStatus.HANDED)
ENDED = (
    RunStatus.COMPLETED,
    RunStatus.COMPLETED_WITH_FAILURES,
    RunStatus.STOPPED,
    RunStatus.CLOSED,
)


def rail() -> PayoutProvider | None:
    """The provider that moves money, if one is configured."""
    found: PayoutProvider | None = current_app.extensions["portal.adapters"].rails.get("stripe")
    return found


def link(run: PayoutRun, page: str, **values: Any) -> str:
    """A page of a run."""
    return url_for(f"payouts_finance.{page}", brand_id=run.brand_id, run=run.public_id, **values)


def home_of(run: PayoutRun) -> str:
    """The page on which a run's next step stands."""
    if run.status in SENDING:
        return link(run, "progress")
    if run.status in ENDED:
        return link(run, "result")
    waits = run.status is RunStatus.AWAITING_APPROVAL
    may = person().may("finance.approver", run.brand_id)
    return link(run, "approval" if waits and may else "overview")


def caution_words(currency: str) -> dict[Caution, str]:
    """The warnings, the large amount with its limit: "Above $2,000", "Above ¥200,000"."""
    limit = written(rules.large(currency)).partition(".")[0]
    return {**wording.CAUTIONS, Caution.ABOVE_LIMIT: f"Above {limit}"}


# ---- one run
def about(run: PayoutRun) -> dict[str, Any]:
    """What every page of a run shows."""
    brand = identity.brand(run.brand_id)
    people = (run.prepared_by, run.submitted_by, run.approved_by, run.returned_by, run.closed_by)
    return {
        "run": run,
        "brand": brand,
        "zone": brand.zone,
        "names": names_of(people),
        "last_day": run.cutoff_at - timedelta(microseconds=1),
        "may_prepare": person().may("finance.preparer", run.brand_id),
        "may_approve": person().may("finance.approver", run.brand_id),
        "link": lambda page, **values: link(run, page, **values),
        # The day it waits for; None: it is sent as soon as it is approved, or was.
        "waits_for": None if run.started_at or starting.is_due(run) else run.pay_on,
    }


def names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """User id → name."""
    wanted = sorted({user_id for user_id in user_ids if user_id is not None})
    return {user_id: user.name for user_id, user in identity.users(wanted).items()}


@dataclass(frozen=True, slots=True)
class Funding:
    """What the provider has to hold and holds, what goes by other rails, and what all of them
    take. `held` is None when it could not be read."""

    needed: Money
    others: Sequence[Other]
    fees: Fees
    held: Money | None
    is_connected: bool
    read_at: datetime

    @property
    def short(self) -> Money | None:
        """What is missing, if anything is."""
        if self.held is None or self.held >= self.needed:
            return None
        return self.needed - self.held


def funding(run: PayoutRun) -> Funding:
    """Ask the provider what it holds; never inside a unit of work."""
    sums = by_rail(run)
    asked = [one.pays for one in sums if one.rail in rules.ASKED_FOR_BALANCE]
    needed, others = Money.total(asked, run.currency), others_of(sums)
    fees, provider = fees_of(run, sums), rail()
    end_read()
    try:
        held = provider.balance(run.currency) if provider else None
    except ProviderUnavailable:
        held = None
    return Funding(needed, others, fees, held, provider is not None, clock.now())


def funds_for(run: PayoutRun) -> Money | None:
    """What the provider holds, asked just before an approval; None when it needs to hold nothing.

    Raises ProviderUnavailable: nothing is approved on a guess.
    """
    if not control.needed_of_rails(run):
        return None
    provider = rail()
    if provider is None:
        raise Conflict("No payment provider is connected, so this run cannot be sent.")
    end_read()
    return provider.balance(run.currency)


def review(run: PayoutRun) -> dict[str, Any]:
    """The control totals, what is left out, what to look at, the last runs, the funding."""
    money = funding(run)  # first: it ends the read, so that nothing below is read again
    run = queries.run(run.id)
    states = queries.by_status(run)
    before = queries.last_runs(run)
    blocked = [
        {"reason": reason, "words": wording.REASONS[reason], "sum": total,
         "can_ask": reason in ASKS_ACCOUNT | ASKS_FORM}
        for reason, total in queries.by_reason(run)
    ]  # fmt: skip
    return {
        **about(run),
        "funding": money,
        "ready": states.get(PayoutStatus.READY),
        "blocked_sum": states.get(PayoutStatus.BLOCKED),
        "blocked": blocked,
        "held": states.get(PayoutStatus.HELD),
        "cautions": queries.by_caution(run),
        "commissions": figures.commission_count(run),
        "before": before[-1] if before else None,
        "bars": bars([*before, run]),
        "new": figures.first_payouts(run),
        "caution_words": caution_words(run.currency),
        "minimum": Money(run.minimum_minor, run.currency),
    }


def bars(runs: Sequence[PayoutRun]) -> list[dict[str, Any]]:
    """The nets of some runs as columns, each under its own name; the last one is now."""
    return [
        {"label": rules.short_label(run.label), "value": run.net_minor, "money": run.net,
         "name": run.label, "current": run is runs[-1]}
        for run in runs
    ]  # fmt: skip


def calculating(run: PayoutRun) -> dict[str, Any]:
    """How far a calculation is: (done, total) creators."""
    done, total = jobs.progress_of(rules.calculation_of(run.id))
    return {**about(run), "done": done, "total": total}


# ---- one payout
def item(run: PayoutRun, payout: Payout) -> dict[str, Any]:
    """One payout with everything behind it."""
    acts, by_hand = queries.acts_of(run.id), is_by_hand(run, payout)
    preparers = acts.keys() - queries.markers_in(acts)
    words_of, refused = caution_words(run.currency), arrival_queries.bank_refusal(payout)
    return {
        **about(run),
        "payout": payout,
        "bank_refusal": refused,
        "bank_cause": cause_of(refused.failure_code) if refused else None,
        "lines": entries.linked(queries.covered_by(payout), _commission_url(run)),
        "attempts": queries.attempts_of(payout.id),
        "way": WAYS.get(payout.rail, "None yet"),
        "rate_words": rate_words,
        "reason": wording.REASONS[payout.blocked_reason] if payout.blocked_reason else None,
        "refusal": wording.refusal_of(payout.refusal_code) if payout.refusal_code else None,
        "cautions": [words_of[Caution(word)] for word in payout.cautions.split()],
        "holder": names_of([payout.held_by]).get(payout.held_by or 0),
        "may_mark": may_mark(run, payout, preparers),
        "by_hand": by_hand,
        "confirms": confirmers(run, preparers) if by_hand else [],
        "others": confirmers(run, {*acts, person().id}) if run.is_editable else [],
    }


def item_forms(run: PayoutRun, typed: dict[str, str]) -> dict[str, Any]:
    """The forms of one payout's page, with what was `typed` before she proved who she is."""
    today = clock.today(identity.brand(run.brand_id).zone)
    outside = OutsideForm(formdata=None, data={"on": today, **typed})
    return {"form": HoldForm(formdata=None), "rolling": RollOverForm(formdata=None),
            "outside": outside}  # fmt: skip


def refuse_preparer(run: PayoutRun) -> None:
    """Said before she is asked to prove who she is; the command says it again."""
    acts = queries.acts_of(run.id)
    own = rules.approval_refusal(person().id, acts.keys() - queries.markers_in(acts))
    if own:
        raise NotAllowed(own)


def _commission_url(run: PayoutRun) -> Callable[[str], str]:
    return lambda commission: url_for(
        "reports_commissions.commission", brand_id=run.brand_id, commission=commission
    )


def is_by_hand(run: PayoutRun, payout: Payout) -> bool:
    """Whether this payout waits for somebody to pay it and for a second person to mark it."""
    is_open = payout.status is PayoutStatus.QUEUED and payout.rail == "manual"
    return is_open and run.status in (RunStatus.EXECUTING, RunStatus.PAUSED)


def confirmers(run: PayoutRun, editors: Collection[int]) -> list[str]:
    """Who may approve the run, and mark a payment by hand: approvers who did not prepare or
    change it."""
    staff = identity.staff_with(run.brand_id, "finance.approver")
    return [user.name for user in staff if user.id not in editors]


def may_mark(run: PayoutRun, payout: Payout, preparers: Collection[int]) -> bool:
    """Whether this person may confirm that the payout went another way."""
    is_second = person().id not in preparers
    may = is_second and person().may("finance.approver", run.brand_id)
    return may and outside_rules.is_markable(run, payout)


# ---- the approver's page
def approval(run: PayoutRun) -> dict[str, Any]:
    """Everything an approver decides on, computed again now."""
    money = funding(run)
    run = queries.run(run.id)
    now, off = control.totals(run), control.reserve_difference(run)
    editors = queries.acts_of(run.id)
    states = queries.by_status(run)
    return {
        **about(run),
        "funding": money,
        "now": now,
        "now_at": clock.now(),
        "off": off,
        "sample": figures.sample(run),
        "caution_words": caution_words(run.currency),
        "late": queries.refunds_since(run),
        "moved": figures.accounts_changed_since(run),
        "blocked_sum": states.get(PayoutStatus.BLOCKED),
        "blocked_words": ", ".join(
            f"{total.count:,} {wording.REASONS[reason].label.lower()}"
            for reason, total in queries.by_reason(run)
        ),
        "held": states.get(PayoutStatus.HELD),
        "is_own": person().id in editors,
        "own_words": rules.approval_refusal(person().id, editors, queries.markers_in(editors)),
        "second_above": paying.second_above(run.brand_id, run.currency),
        "gave_first": names_of([run.first_approved_by]).get(run.first_approved_by or 0, ""),
        "is_first": run.first_approved_by == person().id,
        "others": confirmers(run, editors),
    }


def approved_words(run: PayoutRun) -> str:
    """What an approval leads to."""
    if starting.is_due(run) or run.pay_on is None:
        return f"{run.label} is approved."
    return f"{run.label} is approved. It sends on {day(run.pay_on)} by itself."


def changed_words(run: PayoutRun, shown_minor: str, message: str) -> str:
    """What to say when a run is not the one the page showed."""
    try:
        difference = run.net - Money(int(shown_minor), run.currency)
    except ValueError:
        return message
    return f"Totals changed by {difference}. Review again." if difference else message


# ---- while it is sent, and after
def stopping(run: PayoutRun) -> dict[str, Any]:
    """What stopping a run would leave as it is, and what it would give back."""
    states = queries.by_status(run)
    gone = [states[status] for status in GONE if status in states]
    nothing = Money.zero(run.currency)
    return {
        **about(run),
        "sent_count": sum(one.count for one in gone),
        "sent": Money.total([one.amount for one in gone], run.currency),
        "under_way": [states[status] for status in UNDER_WAY if status in states],
        "failed": states.get(PayoutStatus.FAILED),
        "back": unsent(run) or queries.Sum(0, nothing),
    }


def progress(run: PayoutRun) -> dict[str, Any]:
    """Where the payouts are now."""
    states = queries.by_status(run, apart=False)
    done = sum(states[s].count for s in (*GONE, PayoutStatus.FAILED, PayoutStatus.RETURNED)
               if s in states)  # fmt: skip
    about_run, waits = about(run), waits_of([run]).get(run.id, Waits())
    return {
        **about_run,
        "states": states,
        "done": done,
        "pace": pace(run, done, waits),
        "problems": figures.problems(run.id),
        "refusal_of": wording.refusal_of,
        "record": record.timeline(run),
        "updated": f"{clock.now().astimezone(ZoneInfo(about_run['zone'])):%H:%M:%S}",
        "stopped": stops.words(),
        "may_send": about_run["may_approve"] and person().id not in queries.editors_of(run.id),
        "by_hand": waits.by_hand,
        "in_files": waits.in_files,
        "confirms": confirmers(run, queries.editors_of(run.id)) if waits.by_hand else [],
    }


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast it goes: payouts in ten seconds, what is left in words, and when to look again."""

    per_ten_seconds: int
    left: str
    poll_seconds: int


def pace(run: PayoutRun, done: int, waits: Waits) -> Pace:
    """From what was done since sending began; what is paid by hand has no pace."""
    if run.started_at is None or run.status is not RunStatus.EXECUTING:
        return Pace(0, "", 3 if starting.is_due(run) else 30)
    seconds = max(int((clock.now() - run.started_at).total_seconds()), 1)
    rate, left = done * 10 // seconds, waits.by_rail
    poll = 1 if seconds <= 10 else 3 if seconds <= 60 else 10
    if waits.is_for_a_person:
        return Pace(0, "Waits for a person", poll)
    if not rate:
        return Pace(0, "", poll)
    wait = left * 10 // rate
    words = f"About {wait // 60} min left" if wait >= 60 else "Less than a minute left"
    return Pace(rate, words if left else "", poll)


def result(run: PayoutRun) -> dict[str, Any]:
    """What became of a run, and what stands before closing it."""
    states, apart = queries.by_status(run, apart=False), queries.by_status(run, apart=True)
    gone = [states[status] for status in GONE if status in states]
    failures = [
        {"code": code, "words": wording.refusal_of(code), "sum": total}
        for code, total in figures.by_refusal(run)
    ]
    retryable = figures.retryable(run, clock.now())
    month = control.month_out_of(run.brand_id, run.cutoff_at)
    returned, in_part = figures.came_back(run)
    return {
        **about(run),
        "seals": seals(chain.heads()),
        "states": states,
        "apart": apart,
        "sent_count": sum(total.count for total in gone),
        "sent": Money.total([total.amount for total in gone], run.currency) - in_part,
        "returned": returned,
        "fees": fees_of(run),
        "failures": failures,
        "retryable": retryable,
        "first_try_bp": figures.first_try_bp(run),
        "steps": control.checklist(run, month),
        "month": month,
        "now": clock.now(),
        "record": record.timeline(run),
        "journal_lines": journal.size_of(run),
    }
