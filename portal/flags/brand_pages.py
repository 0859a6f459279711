"""What a brand sees of its flags, as finished values for the pages."""

from typing import Any

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.audit import queries as audit
from portal.creators import queries as creators
from portal.flags import queries
from portal.flags.models import Flag, FlagKind, FlagStatus, HeldState
from portal.identity import queries as identity
from portal.kernel.pages import PageRequest
from portal.tracking import queries as codes
from portal.tracking.models import DiscountCode

KINDS = {
    FlagKind.CODE_WITHOUT_CLICKS: "Code used without clicks",
    FlagKind.CODE_BURST: "Burst of orders with a code",
    FlagKind.COUPON_SITE: "Clicks from coupon sites",
    FlagKind.LEAKED_CODE: "Orders with a leaked code",
    FlagKind.REFUND_RATE: "Many refunds",
    FlagKind.CLICK_FLOOD: "Flood of clicks",
    FlagKind.COOKIE_STUFFING: "Links loaded without a click",
    FlagKind.CLICK_AT_CHECKOUT: "Clicks at the checkout",
    FlagKind.EVEN_TIMES: "Times that are not people’s",
    FlagKind.SELF_REFERRAL: "Buyer like the creator",
}
# (tone, word) of a badge: UX 4.4 has no machine of its own for flags.
STATES = {
    FlagStatus.OPEN: ("waiting", "Look at it"),
    FlagStatus.KEPT: ("hold", "Kept held"),
    FlagStatus.RELEASED: ("success", "Released"),
    FlagStatus.DECLINED: ("danger", "Declined"),
    FlagStatus.DECIDED: ("neutral", "Decided"),
    FlagStatus.ACTED: ("success", "Creator told"),
    FlagStatus.CLEARED: ("neutral", "Nothing wrong"),
}
HELD = {
    HeldState.HELD: ("hold", "On hold"),
    HeldState.UNTOUCHED: ("neutral", "In a run already"),
    HeldState.RELEASED: ("success", "Released"),
    HeldState.KEPT: ("hold", "Kept held"),
    HeldState.DECLINED: ("danger", "Declined"),
}
VIEWS = {"open": "Look at it", "kept": "Kept held", "closed": "Decided"}
ACTS = {
    "flag.raised": ("raised it", "flag"),
    "flag.released": ("released", "check"),
    "flag.kept": ("looked, and keeps it held", "pause"),
    "flag.declined": ("declined", "x"),
    "flag.closed": ("closed it", "circle-check"),
}


def flags(
    brand_id: int, asked: PageRequest, view: str, member: Ambassador | None
) -> dict[str, Any]:  # fmt: skip
    """The list, or everything about one ambassador."""
    found = queries.listing(brand_id, asked, view, member.id if member else None)
    return {
        "brand_id": brand_id, "listing": found, "view": view, "views": VIEWS, "kinds": KINDS,
        "states": STATES, "counts": queries.view_counts(brand_id), "about": member,
        "about_name": creators.creator(member.creator_id).name if member else "",
        "zone": identity.brand(brand_id).zone,
    }  # fmt: skip


def detail(found: Flag, asked: PageRequest) -> dict[str, Any]:
    """One flag with its evidence, what it holds, and its history."""
    member = ambassadors.ambassador(found.ambassador_id)
    brand = identity.brand(found.brand_id)
    amounts, count = queries.held_of(found.id)
    return {
        "brand_id": found.brand_id, "zone": brand.zone, "flag": found, "member": member,
        "creator": creators.creator(member.creator_id), "kind": KINDS[found.kind],
        "state": STATES[found.status], "held_states": HELD, "held": amounts, "count": count,
        "rows": queries.held_by(found.id, asked), "history": _history(found),
        "code": codes.code(found.code_id) if found.code_id else _code_of(found),
    }  # fmt: skip


def leak(found: DiscountCode) -> dict[str, Any]:
    """The page that acts on a leaked code."""
    member = ambassadors.ambassador(found.ambassador_id)
    name = creators.creator(member.creator_id).name
    known = queries.leak_of(found.id)
    ideas = codes.suggestions(found.brand_id, name, found.discount_bp)
    return {
        "brand_id": found.brand_id, "code": found, "name": name, "leak": known, "ideas": ideas,
        "zone": identity.brand(found.brand_id).zone,
        "new_code": codes.code(known.replaced_by_id) if known and known.replaced_by_id else None,
    }  # fmt: skip


def _code_of(found: Flag) -> DiscountCode | None:
    """The code that a suspicion about a membership would rotate."""
    return codes.current_codes([found.ambassador_id]).get(found.ambassador_id)


def _history(found: Flag) -> list[dict[str, Any]]:
    rows = audit.history_of("flag", found.id)
    names = identity.users([row.actor_id for row in rows if row.actor_id is not None])
    steps = []
    for row in rows:
        text, icon = ACTS.get(row.act, (row.act.partition(".")[2], "check"))
        who = names[row.actor_id].name if row.actor_id in names else "Automatic"
        steps.append({"icon": icon, "who": who, "text": text, "at": row.at,
                      "detail": row.facts.get("note", "")})  # fmt: skip
    if steps:
        steps[-1]["state"] = "latest"
    return steps
