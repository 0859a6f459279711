"""Finance's home: what is owed, what waits, what is stuck."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel import clock
from portal.payouts import finance_pages, queries
from portal.payouts.models import PayoutRun
from portal.reports import finance_queries as figures
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
    next_run, blocked = figures.next_run(brand, clock.today(brand.zone))
    runs = figures.waiting_runs(brand_id)
    past = [*figures.past_runs(brand), *([next_run.open] if next_run.open else [])]
    return {
        "brand": brand,
        "zone": brand.zone,
        "now": clock.now(),
        "main": main,
        "others": others,
        "next_run": next_run,
        "exceptions": [*figures.undecided(brand), *blocked],
        "mine": [(run, _act(run)) for run in runs],
        "home_of": finance_pages.home_of,
        "run_link": finance_pages.link,
        "bars": finance_pages.bars(past, brand.zone) if past else [],
        "ageing": figures.ageing(brand),
        "may_prepare": person().may("finance.preparer", brand_id),
    }


def _act(run: PayoutRun) -> tuple[bool, str]:
    """Whether this run waits for the person looking, and what it waits for."""
    me, status = person(), run.status.value
    prepares = me.may("finance.preparer", run.brand_id)
    if status == "awaiting_approval":
        approves = me.may("finance.approver", run.brand_id)
        is_own = me.id in queries.editors_of(run.id)
        return approves and not is_own, "Approve or return it" if approves else "Somebody approves"
    words = {
        "in_review": "Check and submit it",
        "failed": "Calculate it again",
        "draft": "Calculate it",
        "completed": "Close it",
        "completed_with_failures": "Decide the failures, then close it",
        "stopped": "Close it",
        "paused": "Resume or stop it",
    }
    return prepares and status in words, words.get(status, "Nothing to do: it goes on by itself")
