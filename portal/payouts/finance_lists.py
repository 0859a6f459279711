"""What finance's lists and the form of a new run show."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import request

from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.ledger import queries as books
from portal.paying import queries as paying
from portal.paying.rules import last_cutoff
from portal.payouts import candidate_queries as candidates
from portal.payouts import figures, item_queries, queries, rules, wording
from portal.payouts.finance_pages import WAYS, caution_words, link
from portal.payouts.item_queries import ItemFilter
from portal.payouts.models import BlockedReason, Caution, PayoutRun, RunStatus
from portal.programs import queries as programs
from portal.web.forms import SelectChoice
from portal.web.guards import person

NO_RAIL = "none"  # in an address: payouts without a way to be paid
SMALL_RUN = 300  # balances that are calculated while one waits; more become a job
BEFORE_VIEWS = (("ready", "Ready"), ("blocked", "Blocked"), ("warnings", "Warnings"),
                ("held", "Held by us"), ("apart", "Taken out"))  # fmt: skip
AFTER_VIEWS = (("sent", "Sent"), ("waiting", "Waiting"), ("failed", "Failed"),
               ("blocked", "Blocked"), ("held", "Held by us"),
               ("rolled_over", "Next run"))  # fmt: skip


def wanted_items(run: PayoutRun) -> ItemFilter:
    """The view and filters in the address; a wrong word is the first view."""
    views, asked = views_of(run), request.args
    view = asked.get("view", views[0][0])
    try:
        reason = BlockedReason(asked["reason"]) if asked.get("reason") else None
        caution = Caution(asked["warning"]) if asked.get("warning") else None
    except ValueError:
        reason = caution = None
    known = view if view in item_queries.VIEWS else views[0][0]
    rail = asked.get("rail")
    rail = {NO_RAIL: ""}.get(rail, rail) if rail in (*WAYS, NO_RAIL) and rail else None
    return ItemFilter(known, reason, caution, rail, asked.get("q", "").strip()[:80])


def address_of(wanted: ItemFilter) -> dict[str, str]:
    """What of a filter stands in an address."""
    told = {
        "view": wanted.view,
        "reason": wanted.reason.value if wanted.reason else "",
        "warning": wanted.caution.value if wanted.caution else "",
        "rail": NO_RAIL if wanted.rail == "" else wanted.rail or "",
        "q": wanted.name,
    }
    return {name: value for name, value in told.items() if value}


def views_of(run: PayoutRun) -> tuple[tuple[str, str], ...]:
    """The views that make sense in this state."""
    is_before = run.status in (RunStatus.IN_REVIEW, RunStatus.AWAITING_APPROVAL)
    return BEFORE_VIEWS if is_before else AFTER_VIEWS


def items(run: PayoutRun) -> dict[str, Any]:
    """One page of a run's payouts, with its views and chips."""
    wanted = wanted_items(run)
    found = item_queries.items(run.id, wanted, PageRequest(request.args.get("cursor")))
    counts = figures.view_counts(run)
    before = queries.last_runs(run, 1)
    here = address_of(wanted)
    return {
        "listed": found,
        "wanted": wanted,
        "views": [
            {"label": label, "count": counts.get(view, 0), "current": view == wanted.view,
             "href": link(run, "items", view=view)}
            for view, label in views_of(run)
        ],
        "chips": _chips(run, wanted),
        "next_href": link(run, "items", **here, cursor=found.next_cursor),
        "start_href": link(run, "items", **here),
        "here": here,
        "picks": bool(found.rows) and can_choose(run, wanted.view),
        "rails": [("", "Any way"), *((rail or NO_RAIL, WAYS[rail])
                                     for rail in item_queries.rails_of(run.id))],
        "items_url": link(run, "items"),
        "previous_label": before[0].label.partition(" ")[0] if before else None,
        "reason_words": wording.REASONS,
        "caution_words": caution_words(run.currency),
    }  # fmt: skip


def can_choose(run: PayoutRun, view: str) -> bool:
    """Whether payouts of a view can be chosen to be decided about: those of a run in review by its
    preparers; blocked ones always, to ask their creators."""
    decides = run.is_editable and person().may("finance.preparer", run.brand_id)
    return view == "blocked" or (decides and view in ("ready", "warnings", "held"))


def _chips(run: PayoutRun, wanted: ItemFilter) -> list[dict[str, Any]]:
    if wanted.view == "warnings":
        found = [
            {"label": caution_words(run.currency)[caution], "count": count,
             "current": caution is wanted.caution,
             "href": link(run, "items", view="warnings", warning=caution.value)}
            for caution, count in queries.by_caution(run)
        ]  # fmt: skip
    elif wanted.view == "blocked":
        found = [
            {"label": wording.REASONS[reason].label, "count": total.count,
             "current": reason is wanted.reason,
             "href": link(run, "items", view="blocked", reason=reason.value)}
            for reason, total in queries.by_reason(run)
        ]  # fmt: skip
    else:
        return []
    every = {"label": "All", "current": wanted.reason is None and wanted.caution is None,
             "count": None, "href": link(run, "items", view=wanted.view)}  # fmt: skip
    return [every, *found] if found else []


def new_run(brand_id: int, form: Any) -> dict[str, Any]:
    """The form of a new run and what it would pay."""
    brand = identity.brand(brand_id)
    today = clock.today(brand.zone)
    newest = last_cutoff(paying.terms(brand_id).schedule, today)
    form.currency.choices = [SelectChoice(code, code) for code in currencies_of(brand_id)]
    if not form.is_submitted():
        form.currency.data = request.args.get("currency") or form.currency.choices[0].value
        form.cutoff.data = _date(request.args.get("cutoff")) or newest
    presets = [newest, today]
    # Each distinct day is estimated once: among a few creators by looking at each of them.
    days = {day for day in (form.cutoff.data, *presets) if day is not None}
    guesses = {day: _estimate(brand_id, form, day) for day in days}
    currency = form.currency.data or brand.currency
    return {
        "brand": brand,
        "form": form,
        "estimate": guesses.get(form.cutoff.data),
        "presets": [(day, rules.label_of(day), guesses[day]) for day in presets],
        "minimum": programs.minimum_payout(brand_id, currency),
        "open": queries.open_run(brand_id, currency),
    }


def currencies_of(brand_id: int) -> list[str]:
    """The brand's own currency, then every other in which something is payable."""
    own = identity.brand(brand_id).currency
    found = {code for state, code in books.totals_by_state(brand_id) if state == "payable"}
    return [own, *sorted(found - {own})]


def cutoff_at(brand_id: int, last_day: date) -> datetime:
    """The end of a day in the brand's zone; today ends now (R85). Raises InvalidInput."""
    zone = identity.brand(brand_id).zone
    if last_day > clock.today(zone):
        raise InvalidInput("cutoff", "Choose today or a day before: the future cannot be paid yet.")
    return min(clock.start_of_day(last_day + timedelta(days=1), zone), clock.now())


def _estimate(brand_id: int, form: Any, last_day: date) -> dict[str, Any] | None:
    currency = form.currency.data
    if currency not in [choice.value for choice in form.currency.choices]:
        return None
    try:
        cutoff = cutoff_at(brand_id, last_day)
    except InvalidInput:
        return None
    minimum = programs.minimum_payout(brand_id, currency)
    draft = PayoutRun(brand_id=brand_id, currency=currency, cutoff_at=cutoff,
                      minimum_minor=minimum.minor)  # fmt: skip
    if books.count_in_state(brand_id, "payable", currency) > SMALL_RUN:
        considered, total = candidates.owed_at(draft)
        return {"considered": considered, "ready": None, "total": total}
    found = candidates.standings(draft, clock.now())
    ready = [line for line in found if not line.blocked]
    total = Money.total([line.amount for line in ready], currency)
    return {"ready": len(ready), "blocked": len(found) - len(ready), "total": total}


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
