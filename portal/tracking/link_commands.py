"""Make, change, pause and end links."""

from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.audit import commands as audit
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint
from portal.tracking import queries, rules, settings_queries
from portal.tracking.models import AffiliateLink, LinkChange, LinkStatus

RESTORE_MINUTES = 10


def issue_link(
    ambassador_id: int, destination_url: str, label: str, *, channel: str = "", slug: str = "",
    sub_id: str = "", by: int | None = None,
) -> AffiliateLink:  # fmt: skip
    """A new working link; `slug` is the address she wishes, `sub_id` goes to the shop as sub1.

    Raises InvalidInput for a destination the brand does not allow (R55) and for a slug that is
    ill-formed, blocked or taken; Conflict when the membership is not active.
    """
    ambassador = ambassadors.ambassador(ambassador_id)
    if not ambassador.is_active:
        raise Conflict("Your membership is not active, so it cannot get new links now.")
    return add_link(
        ambassador, destination_url, label=label, by=by, channel=channel, slug=slug,
        sub_id=rules.check_sub_id(sub_id),
    )  # fmt: skip


def edit_link(link_id: int, *, destination_url: str, label: str, by: int | None) -> AffiliateLink:
    """Change where a link leads or what it is called; the slug stays. Raises InvalidInput (R55)."""
    link = lock(AffiliateLink, link_id)
    brand = identity.brand(link.brand_id)
    target = rules.checked_destination(destination_url, hosts_of(brand))
    if target != link.destination_url:
        link.destination_url = target
        _note_link(link, by, "destination changed")
        audit.note(by, "link.edited", link.id, brand_id=link.brand_id, destination=target)
    link.label = label.strip()
    return link


def pause_link(link_id: int, *, by: int | None) -> AffiliateLink:
    """From now on the link leads to the program's page; earlier clicks still count."""
    return move_link(link_id, "pause", by, "paused by hand")


def resume_link(link_id: int, *, by: int | None) -> AffiliateLink:
    """Let a paused link lead to its destination again. Raises Conflict as `issue_link` does."""
    link = lock(AffiliateLink, link_id)
    if not ambassadors.ambassador(link.ambassador_id).is_active:
        raise Conflict("The membership is not active, so its links stay paused.")
    return move_link(link_id, "activate", by)


def retire_link(link_id: int, *, by: int | None) -> AffiliateLink:
    """End a link: whoever follows it reads that it is not active, and nobody gets its address.

    `restore_link` undoes it for a while. Raises Conflict for the main link, which stays.
    """
    if lock(AffiliateLink, link_id).is_default:
        raise Conflict("The main link stays with the membership. Pause it instead.")
    return move_link(link_id, "retire", by)


def restore_link(link_id: int, *, by: int | None) -> AffiliateLink:
    """Undo a retirement of the last RESTORE_MINUTES: the link is as it was before.

    Raises Conflict when that is over, or the membership is not active.
    """
    link = lock(AffiliateLink, link_id)
    before, last = ([None, None, *queries.changes_of_link(link_id)])[-2:]
    latest = clock.now() - timedelta(minutes=RESTORE_MINUTES)
    if link.status is not LinkStatus.RETIRED or last is None or last.at < latest:
        raise Conflict("This link was retired a while ago; that cannot be undone any more.")
    if not ambassadors.ambassador(link.ambassador_id).is_active:
        raise Conflict("The membership is not active, so its links stay as they are.")
    was_active = before is None or before.status is LinkStatus.ACTIVE
    return move_link(link_id, "restore" if was_active else "restore to rest", by)


def hosts_of(brand: Brand) -> tuple[str, ...]:
    """The hosts a brand's links may lead to (R55)."""
    return tuple(brand.allowed_hosts or ())


def front_page(brand: Brand) -> str:
    """Where a default link leads: the brand's site. Raises Conflict when it has none allowed."""
    hosts = hosts_of(brand)
    for url in (brand.website, *(f"https://{host}/" for host in hosts)):
        try:
            return rules.checked_destination(url, hosts)
        except InvalidInput:
            continue
    raise Conflict(f"{brand.name} has no allowed shop address yet. Add one in its settings first.")


def add_link(
    ambassador: Ambassador, destination_url: str, *, label: str, by: int | None,
    channel: str = "", is_default: bool = False, status: LinkStatus = LinkStatus.ACTIVE,
    slug: str = "", sub_id: str = "",
) -> AffiliateLink:  # fmt: skip
    """A link of a membership under the first free address. Raises InvalidInput for a destination
    or a wished slug that cannot be."""
    brand = identity.brand(ambassador.brand_id)
    target = rules.checked_destination(destination_url, hosts_of(brand))
    creator = creators.creator(ambassador.creator_id)
    utm = settings_queries.utm_of(ambassador, creator, brand.name, channel=channel, label=label)
    utm.update({"sub1": sub_id} if sub_id else {})
    ideas = list(rules.slug_ideas(creator.name, creator.handle, label, brand.slug))
    for idea in [rules.check_slug(slug)] if slug else ideas:
        if queries.is_slug_taken(idea):
            continue
        link = AffiliateLink(
            brand_id=brand.id, ambassador_id=ambassador.id, slug=idea, folded=idea.casefold(),
            destination_url=target, label=label.strip(), status=status, is_default=is_default,
            utm=utm, created_at=clock.now(),
        )  # fmt: skip
        try:
            with savepoint():
                db.session.add(link)
                db.session.flush()
        except IntegrityError:
            continue
        _note_link(link, by)
        audit.note(by, "link.issued", link.id, brand_id=brand.id, slug=idea, destination=target)
        return link
    if not slug:
        raise Conflict("No address was free for this link. Try again.")
    free = [one for one in rules.slugs_near(slug) if not queries.is_slug_taken(one)][:2]
    others = f" Free are: {', '.join(free)}." if free else " Try another one."
    raise InvalidInput("slug", f"{rules.check_slug(slug)} is taken.{others}")


def move_link(link_id: int, action: str, by: int | None, reason: str = "") -> AffiliateLink:
    """Take one step of UX 6.8 and note it. Raises Conflict for one that there is not."""
    link = lock(AffiliateLink, link_id)
    before, link.status = link.status, rules.next_link_status(link.status, action)
    _note_link(link, by, reason)
    facts = {"before": before.value, "reason": reason}
    audit.note(by, f"link.{link.status}", link.id, brand_id=link.brand_id, **facts)
    return link


def _note_link(link: AffiliateLink, by: int | None, reason: str = "") -> None:
    change = LinkChange(
        link_id=link.id, status=link.status, destination_url=link.destination_url, at=clock.now(),
        by_id=by, reason=reason,
    )  # fmt: skip
    db.session.add(change)
