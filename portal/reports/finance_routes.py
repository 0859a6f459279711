"""Finance's home: what is owed, what waits, what is stuck."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel import clock
from portal.payouts import finance_pages, queries
from portal.payouts.models import PayoutRun, RunStatus
from portal.payouts.waiting_queries import Waits
from portal.reports import finance_queries as figures
from portal.web.formatting import plural
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("reports_finance", __name__, url_prefix="/finance/<brand:brand_id>")


@blueprint.get("/")
@opens_to("finance.preparer", "finance.approver")
def home(brand_id: int) -> ResponseReturnValue:
    """Liability by state, the next run, exceptions by kind, the runs that wait for me."""
    part = "reports/finance/_overview.html" if wants_list("overview") else None
    return reply("reports/finance/home.html", part, **_home(brand_id))


def _home(brand_id: int) -> dict[str, Any]:
    brand = identity.brand(brand_id)
    main, *others = figures.liabilities(brand)
    runs, finished = figures.runs_of(brand)
    waits = figures.waits_of(runs)
    next_run, blocked = figures.next_run(brand, runs)
    past = [*finished, *([next_run.open] if next_run.open else [])]
    return {
        "brand": brand,
        "zone": brand.zone,
        "now": clock.now(),
        "main": main,
        "others": others,
        "next_run": next_run,
        "exceptions": [*figures.by_hand(runs, waits), *figures.undecided(brand), *blocked],
        "mine": [(run, _task(run, waits.get(run.id))) for run in runs],
        "home_of": finance_pages.home_of,
        "run_link": finance_pages.link,
        "bars": finance_pages.bars(past) if past else [],
        "ageing": figures.ageing(brand),
        "may_prepare": person().may("finance.preparer", brand_id),
    }


@dataclass(frozen=True, slots=True)
class Task:
    """What a run waits for, whether that is for the person looking, and where it is done."""

    words: str
    is_mine: bool = False
    href: str | None = None


STEPS = {
    "in_review": "Check and submit it",
    "failed": "Calculate it again",
    "draft": "Calculate it",
    "completed": "Close it",
    "completed_with_failures": "Decide the failures, then close it",
    "stopped": "Close it",
    "paused": "Resume or stop it",
}


def _task(run: PayoutRun, waits: Waits | None) -> Task:
    me = person()
    if run.status is RunStatus.AWAITING_APPROVAL:
        approves = me.may("finance.approver", run.brand_id)
        is_mine = approves and me.id not in queries.editors_of(run.id)
        return Task("Approve or return it" if approves else "Somebody approves", is_mine)
    if run.status is RunStatus.EXECUTING and waits and waits.by_hand:
        return _by_hand(run, waits)
    if run.status is RunStatus.EXECUTING and waits and waits.in_files:
        return _in_files(run, waits.in_files.count)
    if run.status.value in STEPS:
        return Task(STEPS[run.status.value], me.may("finance.preparer", run.brand_id))
    return Task("Nothing to do: it goes on by itself")


def _in_files(run: PayoutRun, count: int) -> Task:
    """Somebody uploads the file; its report, or a second person, says what became of it."""
    words = f"{plural(count, 'payout waits', 'payouts wait')} in payment files"
    return Task(words, True, url_for("files_finance.files", brand_id=run.brand_id))


def _by_hand(run: PayoutRun, waits: Waits) -> Task:
    """Anybody of finance pays it; a second person, not the preparer, marks it."""
    assert waits.by_hand is not None
    what = plural(waits.by_hand.count, "payout waits", "payouts wait")
    words = f"{what} to be paid by hand and marked by a second person"
    href = finance_pages.link(run, "items", view="waiting")
    return Task(words if waits.is_for_a_person else f"Sending goes on; {words}", href=href)
