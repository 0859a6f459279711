"""What finance sees of one commission, as finished values for its page."""

from typing import Any

from portal.ambassadors import queries as ambassadors
from portal.attribution import answers, wording
from portal.attribution import queries as attribution
from portal.audit import queries as audit
from portal.commissions import queries
from portal.commissions.forms import ReasonForm, VoidForm
from portal.commissions.models import Commission, CommissionStatus
from portal.commissions.wording import CODES, KINDS
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.ledger import accounts
from portal.ledger import queries as ledger
from portal.sales import queries as sales
from portal.sales.models import Order

ACTS = {
    "commission.earned": ("recorded what was earned", "check"),
    "commission.matured": ("made it payable", "check"),
    "commission.held": ("put it on hold", "pause"),
    "commission.released": ("released it", "check"),
    "commission.voided": ("took it back for good", "x"),
    "commission.reviewed": ("reviewed and approved it", "shield-check"),
    "commission.hold-moved": ("moved the end of its hold, as the shop told of the goods", "clock"),
    "commission.lost": ("left a late refund to the brand", "undo-2"),
    "commission.reversed": ("corrected it after a report of the shop", "undo-2"),
}


def detail(
    found: Commission, form: ReasonForm | None = None, *, word: str | None = None
) -> dict[str, Any]:
    """Everything the page shows; the trace is finance's version, with names. `word` is the state
    it is shown in where the caller knows what payouts cover (UX 6.10); by default its own."""
    is_open = found.status in (CommissionStatus.PENDING, CommissionStatus.PAYABLE)
    brand = identity.brand(found.brand_id)
    creator = creators.creator(found.creator_id)
    order = sales.by_id(found.order_id) if found.order_id else None
    return {
        "brand_id": found.brand_id,
        "zone": brand.zone,
        "commission": found,
        "creator": creator,
        "order": order,
        "what": _what(found, order),
        "bill": queries.bill_of(found),
        "against": queries.rates_against(found, brand.zone),
        "reversals": queries.reversals_of(found.id),
        "steps": _steps(found, brand.zone),
        **_answer(found),
        "journals": _journals(found),
        "history": _history(found),
        "word": word or found.word,
        "form": form or _form_for(found),
        "code_words": CODES[found.void_code] if found.void_code else "",
        "losses": queries.losses_of(found.id) if found.payable_at else (),
        "can_hold": is_open and word not in ("in_run", "paid"),
        "is_held": found.status is CommissionStatus.ON_HOLD,
    }


def _what(found: Commission, order: Order | None) -> str:
    return f"Commission for order {order.number}" if order else KINDS[found.kind]


def _form_for(found: Commission) -> ReasonForm:
    is_held = found.status is CommissionStatus.ON_HOLD
    return VoidForm(formdata=None) if is_held else ReasonForm(formdata=None)


def _answer(found: Commission) -> dict[str, Any]:
    """The answer for finance, and who decided where a person did."""
    if found.attribution_id is None:
        return {"words": None, "decided_by": ""}
    decision = attribution.attribution(found.attribution_id)
    by = identity.user(decision.by_id).name if decision.by_id is not None else ""
    return {"words": answers.words_for(decision.reason), "decided_by": by}


def _steps(found: Commission, zone: str) -> list[Any]:
    if found.attribution_id is None:
        told = found.explanation.get("steps", ())
        return [wording.Sentence("pass", *step) for step in told]
    decision = attribution.attribution(found.attribution_id)
    ids = {step["facts"].get("ambassador_id") for step in decision.trace} - {None}
    members = ambassadors.members(sorted(ids))
    names = {one: member.creator.name for one, member in members.items()}
    return list(wording.sentences(decision.trace, wording.FINANCE, names=names, zone=zone))


def _journals(found: Commission) -> list[dict[str, Any]]:
    return [
        {
            "at": journal.at,
            "reason": journal.reason.capitalize(),
            "reference": journal.reference,
            "lines": [(_words(name), amount) for name, amount in ledger.lines_of(journal.id)],
        }
        for journal in ledger.journals_with(queries.reference(found.id, ""))
    ]


def _words(account: str) -> str:
    if accounts.is_creators(account):
        return f"Creator, {accounts.owner_of(account)[2]}"
    if account == accounts.PAID_OUT:
        return "Paid out"
    return f"Brand, {accounts.kind_of(account).replace('-', ' ')}"


def _history(found: Commission) -> list[dict[str, Any]]:
    rows = audit.history_of("commission", found.id)
    names = identity.users([row.actor_id for row in rows if row.actor_id is not None])
    steps = []
    for row in rows:
        text, icon = ACTS.get(row.act, (row.act.partition(".")[2], "circle-check"))
        who = names[row.actor_id].name if row.actor_id in names else "Automatic"
        steps.append({"icon": icon, "who": who, "text": text, "at": row.at,
                      "detail": row.facts.get("reason", "")})  # fmt: skip
    if steps:
        steps[-1]["state"] = "latest"
    return steps
