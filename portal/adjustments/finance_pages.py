"""What finance sees of adjustments, as finished values for the pages."""

from collections.abc import Sequence
from typing import Any

from flask import request

from portal.adjustments import queries, rules
from portal.adjustments.forms import AdjustmentForm, NoteForm, ReasonForm
from portal.adjustments.models import Adjustment
from portal.audit import queries as audit
from portal.commissions import queries as commissions
from portal.creators import queries as creators
from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.kernel import clock, codes
from portal.kernel.errors import NotFound
from portal.ledger import queries as books
from portal.limits import queries as limits
from portal.sales import queries as sales
from portal.web.forms import HouseForm, SelectChoice
from portal.web.guards import person

ACTS = {
    "adjustment.proposed": ("proposed it", "plus"),
    "adjustment.posted": ("posted it", "check"),
    "adjustment.declined": ("declined it", "x"),
    "adjustment.file-attached": ("attached a file", "file-text"),
}


def detail(
    found: Adjustment, word: str | None = None, typed: HouseForm | None = None
) -> dict[str, Any]:
    """Everything the page of one shows; `word` is its state where payouts are known."""
    brand = identity.brand(found.brand_id)
    may_approve = person().may("finance.approver", found.brand_id)
    opposite = queries.opposite_of(found.id)
    first = queries.adjustment(found.reverses_id) if found.reverses_id else None
    journals = books.journals_with(found.journal) if found.is_posted else []
    return {
        "brand_id": found.brand_id,
        "zone": brand.zone,
        "adjustment": found,
        "word": word or found.status.value,
        "creator": creators.creator(found.creator_id),
        "order": sales.by_id(found.order_id) if found.order_id else None,
        "commission": commissions.commission(found.commission_id) if found.commission_id else None,
        "opposite": opposite,
        "first": first,
        "lines": [line for one in journals for line in books.lines_of(one.id)],
        "limit": limits.in_force(found.brand_id).adjustment_limit,
        "history": _history(found),
        "file": queries.file_of(found.id),
        "may_decide": found.is_open and may_approve and person().id != found.proposed_by,
        "is_mine": person().id == found.proposed_by,
        "may_reverse": found.is_posted and opposite is None and first is None,
        "reason_form": typed if isinstance(typed, ReasonForm) else ReasonForm(formdata=None),
        "note_form": typed if isinstance(typed, NoteForm) else NoteForm(formdata=None),
        "form": typed or ReasonForm(formdata=None),
    }


def new(brand_id: int, form: AdjustmentForm) -> dict[str, Any]:
    """The form of a new adjustment with its choices; the address may name creator, commission."""
    brand, search = identity.brand(brand_id), request.args.get("q", "")
    about = _commission(brand_id, form.commission.data or request.args.get("commission", ""))
    members = list(queries.members_of(brand_id, search))
    chosen = creators.creator(about.creator_id) if about else None
    if chosen is not None:
        members = [chosen]
    elif form.is_submitted() or request.args.get("creator"):
        members += _named(brand_id, form.creator.data or request.args.get("creator", ""), members)
    form.creator.choices = [SelectChoice(one.public_id, f"{one.name} @{one.handle}")
                            for one in members]  # fmt: skip
    form.currency.choices = [SelectChoice(one, one) for one in currencies_of(brand_id)]
    form.period.choices = [SelectChoice(one, _month(one))
                           for one in rules.periods(clock.today(brand.zone))]  # fmt: skip
    if not form.is_submitted():
        form.key.data = codes.public_id("key")
        form.commission.data = about.public_id if about else ""
        form.currency.data = about.currency if about else brand.currency
        form.creator.data = chosen.public_id if chosen else request.args.get("creator", "")
    form.currency_code = form.currency.data or brand.currency
    return {"brand_id": brand_id, "brand": brand, "form": form, "about": about, "search": search,
            "is_cut": search != "" or len(members) >= queries.MOST_LISTED,
            "limit": limits.in_force(brand_id).adjustment_limit}  # fmt: skip


def currencies_of(brand_id: int) -> list[str]:
    """The brand's own currency, then every other in which anybody has an account."""
    own = identity.brand(brand_id).currency
    return [own, *sorted({code for _, code in books.totals_by_state(brand_id)} - {own})]


def _named(brand_id: int, public_id: str, listed: Sequence[Creator]) -> list[Creator]:
    """Who was chosen, where the list of names was cut before her."""
    if public_id in {one.public_id for one in listed}:
        return []
    try:
        return [queries.member_of(brand_id, public_id)]
    except NotFound:
        return []


def _commission(brand_id: int, public_id: str) -> Any:
    try:
        return commissions.one_of_brand(brand_id, public_id) if public_id else None
    except NotFound:
        return None


def _month(period: str) -> str:
    year, _, month = period.partition("-")
    names = ("January", "February", "March", "April", "May", "June", "July", "August",
             "September", "October", "November", "December")  # fmt: skip
    return f"{names[int(month) - 1]} {year}"


def _history(found: Adjustment) -> list[dict[str, Any]]:
    rows = audit.history_of("adjustment", found.id)
    names = identity.users([row.actor_id for row in rows if row.actor_id is not None])
    steps = []
    for row in rows:
        text, icon = ACTS.get(row.act, (row.act.partition(".")[2], "circle-check"))
        who = names[row.actor_id].name if row.actor_id in names else "Automatic"
        detail = row.facts.get("reason", "") if row.act == "adjustment.declined" else ""
        steps.append({"icon": icon, "who": who, "text": text, "at": row.at, "detail": detail})
    if steps:
        steps[-1]["state"] = "latest"
    return steps
