"""From an approval to the first payout: the pay date, the funds, the lapse. Callers commit."""

from datetime import date, datetime

from portal.identity import queries as identity
from portal.jobs import commands as jobs
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.payouts import control, start_rules, steps
from portal.payouts.coming_queries import day_of
from portal.payouts.events import PayoutRunPaused
from portal.payouts.models import PayoutRun, PayoutStatus, RunStatus
from portal.payouts.rules import PayoutAct, RunAct, next_run_status
from portal.sending_stops import queries as stops
from portal.storage.locks import lock
from portal.tax import queries as tax

EXECUTE_JOB = "payouts.execute_run"


def sends_at(run: PayoutRun) -> datetime:
    """The instant at which a run's pay date begins, in the brand's zone."""
    if run.pay_on is None:  # from before runs had one
        return run.approved_at or run.created_at
    return clock.start_of_day(run.pay_on, identity.brand(run.brand_id).zone)


def is_due(run: PayoutRun) -> bool:
    """Whether a run's pay date has come."""
    return clock.now() >= sends_at(run)


def has_lapsed(run: PayoutRun) -> bool:
    """Whether nothing came of a run's approval for too long."""
    approved_at = run.approved_at
    return approved_at is not None and clock.now() >= start_rules.lapses_at(
        approved_at, sends_at(run)
    )


def checked_day(run: PayoutRun, wanted: date | None) -> date:
    """The pay date of a run that is submitted now. Raises InvalidInput for one that cannot be."""
    if wanted is None:
        return day_of(run)
    start_rules.check_pay_on(wanted, clock.today(identity.brand(run.brand_id).zone))
    return wanted


def keep_day(run_id: int, wanted: date, *, by: int) -> None:
    """Keep the pay date that a preparer chose although the run could not be submitted yet: it is
    calculated for that day, whose year decides about tax (R97). Only while it is in review."""
    run = lock(PayoutRun, run_id)
    if run.status is RunStatus.IN_REVIEW:
        run.pay_on = checked_day(run, wanted)
        steps.note_editor(run, by, "chose the pay date")


def check_year(run: PayoutRun) -> None:
    """Raises Conflict when a run would pay in a later year than it was calculated for, where tax
    is decided by the year (R97)."""
    is_gated = not tax.policy_of(run.brand_id).is_off
    if is_gated and run.pay_on is not None and day_of(run).year != run.pay_on.year:
        raise Conflict(
            f"This run was calculated for {run.pay_on.year}, and a new year began, for which tax "
            "is decided anew. Return it, so that it is calculated again."
        )


def check_funds(run: PayoutRun, funds: Money | None, then: str) -> None:
    """Raises Conflict when a rail holds less than the run needs of it; None: nobody asked it."""
    if funds is not None and funds < (needed := control.needed_of_rails(run)):
        raise Conflict(start_rules.short_words(needed - funds, then))


def begin_later(run: PayoutRun) -> None:
    """Let a worker begin an approved run when its pay date begins, or now."""
    begins = max(clock.now(), sends_at(run))
    jobs.enqueue(EXECUTE_JOB, {"run_id": run.id}, dedupe=job_of(run.id), run_at=begins)


def begin_lost(run_id: int) -> None:
    """See to it that an approved run whose pay date has come is begun: its job may have been given
    up, or dropped while all sending was stopped. Nothing while a job for it waits."""
    run = lock(PayoutRun, run_id)
    if run.status is RunStatus.APPROVED and is_due(run):
        begin_later(run)


def go_on(run: PayoutRun) -> None:
    """Let a worker send what a run has left."""
    jobs.enqueue(EXECUTE_JOB, {"run_id": run.id}, dedupe=job_of(run.id))


def send_now(run_id: int, *, by: int, funds: Money | None = None) -> PayoutRun:
    """Begin an approved run before its pay date. Raises NotAllowed for whoever prepared or changed
    it, and Conflict when it does not wait, or for want of funds."""
    run = lock(PayoutRun, run_id)
    steps.refuse_own(run, by)
    next_run_status(run.status, RunAct.EXECUTE)
    stops.refuse("send it")
    check_funds(run, funds, "send")
    jobs.cancel(job_of(run.id))
    jobs.enqueue(EXECUTE_JOB, {"run_id": run.id, "early": True}, dedupe=job_of(run.id))
    steps.note(run, by, "sent-early", pay_on=run.pay_on and run.pay_on.isoformat())
    return run


def begin_execution(run_id: int, *, early: bool = False) -> bool:
    """Start sending an approved run; False before its pay date, unless an approver sends it
    `early`, and when its approval has lapsed (UX 6.11)."""
    run = lock(PayoutRun, run_id)
    if run.status is RunStatus.EXECUTING:
        run.failure = ""  # what stood against it has been looked at just before
        return True
    if run.status is RunStatus.APPROVED and not early and not is_due(run):
        return False
    if has_lapsed(run):
        _lapse(run)
        return False
    run.status, run.started_at = next_run_status(run.status, RunAct.EXECUTE), clock.now()
    run.failure = ""
    steps.note(run, None, "sending-began")
    return True


def pause_short(run_id: int, short: Money) -> PayoutRun:
    """On its pay date the rail holds too little for a run: nothing of it is sent, and it waits
    for somebody to top the balance up and to resume it."""
    run = steps.step(run_id, RunAct.RUN_SHORT)
    run.failure = start_rules.short_words(short, "resume")
    steps.note(run, None, "short", reason=run.failure, short_minor=short.minor)
    jobs.announce(PayoutRunPaused(run.id, None, int(clock.now().timestamp())))
    return run


def lapse_short(run_id: int) -> bool:
    """Whether a run that waited for funds before anything of it was sent waited too long: it needs
    another approval then (UX 6.11)."""
    run = lock(PayoutRun, run_id)
    if run.status is not RunStatus.PAUSED or run.started_at is not None or not has_lapsed(run):
        return False
    _lapse(run)
    return True


def job_of(run_id: int) -> str:
    """The name of the one job that begins a run, or goes on with it."""
    return f"run:{run_id}:execute"


# ---- inside
def _lapse(run: PayoutRun) -> None:
    run.status, run.failure = next_run_status(run.status, RunAct.LAPSE), ""
    steps.set_all(run, (PayoutStatus.QUEUED,), PayoutAct.UNQUEUE)
    run.approved_by = run.approved_at = None
    run.first_approved_by = run.first_approved_at = None
    steps.note(run, None, "approval-lapsed")
