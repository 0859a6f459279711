"""What a creator sees of a link before and after it is made, as finished values for its pages."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from portal.ambassadors.models import Ambassador
from portal.creators import queries as creators
from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.kernel.errors import InvalidInput
from portal.tracking import commands, queries, redirect, rules, settings_queries
from portal.tracking.commands import MEMBERSHIP
from portal.tracking.models import AffiliateLink, LinkChange, LinkStatus

SURE_IDEAS = 2  # of `rules.slug_ideas`; those after them end at random
CHANGED = "destination changed"
STEPS = {
    LinkStatus.RESERVED: ("reserved it", "link"),
    LinkStatus.ACTIVE: ("set it working", "check"),
    LinkStatus.PAUSED: ("paused it", "pause"),
    LinkStatus.BLOCKED: ("blocked it", "ban"),
    LinkStatus.RETIRED: ("ended it", "x"),
}


def places(members: Sequence[Ambassador]) -> str:
    """Where links of these memberships may lead, as a sentence for the form."""
    named = {one.brand_id: identity.brand(one.brand_id) for one in members}
    hosts = {brand.name: " or ".join(commands.hosts_of(brand)) for brand in named.values()}
    if len(hosts) == 1:
        return "".join(
            f"A page on {found or f'the shop of {name}'}." for name, found in hosts.items()
        )
    return " ".join(f"{name}: {found}." for name, found in hosts.items() if found)


def preview(
    member: Ambassador, destination: str, label: str, channel: str, *, slug: str = "",
    sub_id: str = "",
) -> dict[str, str]:  # fmt: skip
    """What a link would be: its `slug` ("" when that is left to chance) and the `landing`
    address; or the `refusal`. Makes nothing."""
    brand, creator = identity.brand(member.brand_id), creators.creator(member.creator_id)
    found = {"slug": "", "landing": "", "refusal": ""}
    try:
        found["slug"] = _free_slug(slug, creator, label, brand.slug)
        sub_id = rules.check_sub_id(sub_id)
        if not destination:
            return found
        target = rules.checked_destination(destination, commands.hosts_of(brand))
    except InvalidInput as refusal:
        return {**found, "refusal": refusal.message}
    utm = settings_queries.utm_of(member, creator, brand.name, channel=channel, label=label)
    utm.update({"sub1": sub_id} if sub_id else {})
    return {**found, "landing": redirect.location_of(target, utm, "", None)}


def _free_slug(wished: str, creator: Creator, label: str, brand_slug: str) -> str:
    if wished.strip():
        slug = rules.check_slug(wished)
        if queries.is_slug_taken(slug):
            raise InvalidInput("slug", f"{slug} is taken. Choose another address.")
        return slug
    ideas = rules.slug_ideas(creator.name, creator.handle, label, brand_slug)
    free = [slug for slug in islice(ideas, SURE_IDEAS) if not queries.is_slug_taken(slug)]
    return free[0] if free else ""


def detail(link: AffiliateLink, member: Ambassador) -> dict[str, Any]:
    """Everything the page of one link shows beside its form."""
    creator = creators.creator(member.creator_id)
    status = link.status
    if status is LinkStatus.ACTIVE and not member.is_active:
        status = LinkStatus.PAUSED
    return {
        "link": link,
        "state": status,
        "is_resting": not member.is_active,
        "places": places([member]),
        "landing": redirect.location_of(link.destination_url, link.utm, "", None),
        "history": _history(link, creator.user_id),
        "zone": creator.zone,
    }


def _history(link: AffiliateLink, own_user_id: int) -> list[dict[str, Any]]:
    brand, entries = identity.brand(link.brand_id).name, []
    for at, change in enumerate(queries.changes_of_link(link.id)):
        who = "You" if change.by_id == own_user_id else brand if change.by_id else "Automatic:"
        text, icon = _step(change, is_first=at == 0)
        if who == "Automatic:":
            text = text.replace(" it", "", 1)
        entries.append({"icon": icon, "who": who, "text": text, "at": change.at, "state": ""})
    if entries:
        entries[-1]["state"] = "latest"
    return entries


def _step(change: LinkChange, *, is_first: bool) -> tuple[str, str]:
    if is_first and change.status is LinkStatus.ACTIVE:
        return "made it", "link"
    if change.reason == CHANGED:
        return f"led it to {change.destination_url.removeprefix('https://')}", "external-link"
    text, icon = STEPS[change.status]
    return (f"{text}, with your membership" if change.reason == MEMBERSHIP else text), icon
