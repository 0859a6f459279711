"""What staff see of an appeal: the trace beside the objection, what was said, the books."""

from collections.abc import Sequence
from typing import Any

from portal.ambassadors import queries as ambassadors
from portal.appeals import decision_commands, queries
from portal.appeals.creator_pages import KINDS
from portal.appeals.models import Appeal, AppealKind
from portal.attribution import queries as attribution
from portal.attribution import wording
from portal.attribution.models import Attribution
from portal.audit import queries as audit
from portal.commissions import queries as commissions
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.ledger import accounts
from portal.ledger import queries as ledger
from portal.sales import queries as sales

ACTS = {
    "appeal.opened": ("opened it", "flag"),
    "appeal.taken": ("took it", "user-cog"),
    "appeal.handed-over": ("handed it over", "users"),
    "appeal.asked": ("asked the creator", "message-square-text"),
    "appeal.answered": ("wrote", "message-square-text"),
    "appeal.withdrawn": ("took it back", "x"),
    "appeal.escalated": ("told the owners that it is late", "triangle-alert"),
    "appeal.put-forward": ("put a decision forward to finance", "stamp"),
    "appeal.agreed": ("agreed to it", "check"),
    "appeal.upheld": ("upheld it", "check"),
    "appeal.partly-upheld": ("upheld it in part", "check"),
    "appeal.rejected": ("kept what was decided", "x"),
    "appeal.reopened": ("asked for a second look", "undo-2"),
}


def detail(found: Appeal, audience: str) -> dict[str, Any]:
    """Everything the page shows. Finance reads no messages (UX 0.2, least data)."""
    brand, creator = identity.brand(found.brand_id), creators.creator(found.creator_id)
    order = sales.by_id(found.order_id) if found.order_id else None
    about = commissions.commission(found.commission_id) if found.commission_id else None
    decision = attribution.of_order(found.order_id) if found.order_id else None
    return {
        "brand_id": found.brand_id, "zone": brand.zone, "appeal": found, "creator": creator,
        "kind": KINDS[found.kind], "order": order, "commission": about,
        "steps": _steps(decision, audience, brand.zone),
        "headline": wording.HEADLINES[decision.reason] if decision else "",
        "expected": decision_commands.expected_of(found) if found.is_open else None,
        "policy": queries.policy_of(found.brand_id),
        "talk": queries.messages_of(found.id) if audience == wording.BRAND else [],
        "history": _history(found), "journals": _journals(found),
        "owner": identity.user(found.owner_id).name if found.owner_id else None,
        "result": commissions.commission(found.result_commission_id)
        if found.result_commission_id else None,
        "is_membership": found.kind is AppealKind.MEMBERSHIP,
    }  # fmt: skip


def managers_of(brand_id: int) -> list[tuple[str, str]]:
    """Who may own an appeal: (public id, name)."""
    people = {one.id: one for one in identity.staff_with(brand_id, "brand.manager")}
    people |= {one.id: one for one in identity.staff_with(brand_id, "brand.owner")}
    return [(one.public_id, one.name) for one in people.values()]


def _steps(decision: Attribution | None, audience: str, zone: str) -> Sequence[Any]:
    if decision is None:
        return []
    ids = {step["facts"].get("ambassador_id") for step in decision.trace} - {None}
    members = ambassadors.members(sorted(ids))
    names = {one: member.creator.name for one, member in members.items()}
    return wording.sentences(decision.trace, audience, names=names, zone=zone)


def _journals(found: Appeal) -> list[dict[str, Any]]:
    if not found.journal:
        return []
    return [
        {"at": one.at, "reason": one.reason.capitalize(), "reference": one.reference,
         "lines": [(_words(name), amount) for name, amount in ledger.lines_of(one.id)]}
        for one in ledger.journals_with(found.journal) if one.reference == found.journal
    ]  # fmt: skip


def _words(account: str) -> str:
    if accounts.is_creators(account):
        return f"Creator, {accounts.owner_of(account)[2]}"
    return "Paid out" if account == accounts.PAID_OUT else "Brand, expense"


def _history(found: Appeal) -> list[dict[str, Any]]:
    rows = audit.history_of("appeal", found.id)
    names = identity.users([row.actor_id for row in rows if row.actor_id is not None])
    steps = []
    for row in rows:
        text, icon = ACTS.get(row.act, (row.act.partition(".")[2].replace("-", " "), "check"))
        who = names[row.actor_id].name if row.actor_id in names else "Automatic"
        steps.append({"icon": icon, "who": who, "text": text, "at": row.at,
                      "detail": row.facts.get("amount", "")})  # fmt: skip
    if steps:
        steps[-1]["state"] = "latest"
    return steps
