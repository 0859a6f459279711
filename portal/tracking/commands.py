"""Reserve, activate, pause and end codes and links; record clicks."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.audit import commands as audit
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.identity.models import Brand
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint
from portal.tracking import queries, rules, settings_queries
from portal.tracking.click_commands import record_click as record_click
from portal.tracking.events import CodeActivated, CodeChanged, CodeRetired
from portal.tracking.models import (
    AffiliateLink,
    CodeChange,
    CodeStatus,
    DiscountCode,
    LinkChange,
    LinkStatus,
)

MEMBERSHIP = "membership"  # the reason of a pause that ends with the membership's
RESTORE_MINUTES = 10


def reserve_code(
    ambassador_id: int, wanted: str | None, name: str, discount_bp: int, *, by: int | None = None
) -> DiscountCode:
    """Reserve a code, and the default link with it; `activate` makes both work.

    Without a wish the code comes from the name and the discount (MAYA15) and cannot collide.
    Raises InvalidInput when the wished one is ill-formed, blocked or taken (R40, R41).
    """
    ambassador = ambassadors.ambassador(ambassador_id)
    ideas = [rules.check_code(wanted)] if wanted else rules.code_ideas(name, discount_bp)
    code = _first_free_code(ambassador, ideas, discount_bp, by)
    if code is None:
        others = ", ".join(queries.suggestions(ambassador.brand_id, name, discount_bp))
        raise InvalidInput("code", f"{wanted or 'That code'} is taken. Free are: {others}.")
    if not queries.has_default_link(ambassador_id):
        brand = identity.brand(ambassador.brand_id)
        _add_link(
            ambassador, front_page(brand), label="", by=by, is_default=True,
            status=LinkStatus.RESERVED,
        )  # fmt: skip
    return code


def activate(ambassador_id: int, *, by: int | None = None) -> None:
    """Make reserved codes and links work, and those that waited for the membership. Repeatable."""
    for code in queries.codes_of_ambassador(ambassador_id):
        if code.status is CodeStatus.RESERVED or _waits_for_membership(CodeChange, code.id):
            _move_code(code.id, "activate", by)
    for link in queries.links_of(ambassador_id):
        if link.status is LinkStatus.RESERVED or _waits_for_membership(LinkChange, link.id):
            _move_link(link.id, "activate", by)


def pause_all(ambassador_id: int, *, by: int | None = None) -> None:
    """The membership rests: its codes stop, its links lead to the program's page (R43)."""
    for code in queries.codes_of_ambassador(ambassador_id):
        if code.status is CodeStatus.ACTIVE:
            _move_code(code.id, "pause", by, MEMBERSHIP)
    for link in queries.links_of(ambassador_id):
        if link.status is LinkStatus.ACTIVE:
            _move_link(link.id, "pause", by, MEMBERSHIP)


def end_all(ambassador_id: int, *, by: int | None = None) -> None:
    """The membership is over: codes retire for ever, links lead to the program's page (R43)."""
    pause_all(ambassador_id, by=by)
    for code in queries.codes_of_ambassador(ambassador_id):
        if code.status is not CodeStatus.RETIRED:
            _move_code(code.id, "retire", by, MEMBERSHIP)


def free_reserved(ambassador_id: int, *, by: int | None = None) -> None:
    """Undo a reservation nobody has used: the code and the slug may be given to others.

    Raises Conflict when one of her codes works already.
    """
    found = queries.codes_of_ambassador(ambassador_id)
    if any(code.is_working for code in found):
        raise Conflict("The code is already in use; it cannot be taken back.")
    unused = [code for code in found if code.status is CodeStatus.RESERVED]
    for code in unused:
        audit.note(by, "code.freed", code.id, brand_id=code.brand_id, code=code.code)
    links = queries.links_of(ambassador_id)
    code_ids = [code.id for code in unused]
    link_ids = [link.id for link in links if link.status is LinkStatus.RESERVED]
    db.session.execute(delete(CodeChange).where(CodeChange.code_id.in_(code_ids)))
    db.session.execute(delete(LinkChange).where(LinkChange.link_id.in_(link_ids)))
    db.session.execute(delete(DiscountCode).where(DiscountCode.id.in_(code_ids)))
    db.session.execute(delete(AffiliateLink).where(AffiliateLink.id.in_(link_ids)))


def pause_code(code_id: int, reason: str, *, by: int | None) -> DiscountCode:
    """Stop a code for now; orders placed from this instant on are not credited by it."""
    return _move_code(code_id, "pause", by, reason)


def resume_code(code_id: int, *, by: int | None) -> DiscountCode:
    """Let a paused code work again. Raises Conflict while the membership is not active."""
    code = lock(DiscountCode, code_id)
    if not ambassadors.ambassador(code.ambassador_id).is_active:
        raise Conflict("The membership is not active, so its code stays paused.")
    return _move_code(code_id, "activate", by)


def retire_code(code_id: int, reason: str, *, by: int | None) -> DiscountCode:
    """End a code for ever. Nobody else will ever get it (R41)."""
    return _move_code(code_id, "retire", by, reason)


def replace_code(
    code_id: int, wanted: str | None, grace_days: int, *, by: int | None
) -> DiscountCode:
    """Give the ambassador a new code at once; the old one works for `grace_days` (0–30) more.

    Returns the new code. Raises InvalidInput for a grace out of bounds or a code that is taken,
    Conflict while the membership is not active.
    """
    if not 0 <= grace_days <= 30:
        raise InvalidInput("grace_days", "The old code can go on for 0 to 30 days.")
    ambassador = ambassadors.ambassador(lock(DiscountCode, code_id).ambassador_id)
    if not ambassador.is_active:
        raise Conflict("The membership is not active, so it cannot get a new code now.")
    old = _move_code(code_id, "replace", by, f"{grace_days} days of grace")
    name = creators.creator(ambassador.creator_id).name
    new = reserve_code(ambassador.id, wanted, name, old.discount_bp, by=by)
    _move_code(new.id, "activate", by)
    ends_at = clock.now() + timedelta(days=grace_days)
    old.replaced_by_id, old.ended_at = new.id, ends_at
    over = CodeChange(code_id=old.id, status=CodeStatus.RETIRED, at=ends_at, by_id=by)
    over.reason = "grace over"
    db.session.add(over)
    if not grace_days:
        old.status = CodeStatus.RETIRED
        announce(CodeRetired(old.id))
    return new


def retire_replaced() -> int:
    """Show codes whose grace is over as retired (their history already says so). How many."""
    over = db.session.scalars(
        select(DiscountCode).where(
            DiscountCode.status == CodeStatus.REPLACED, DiscountCode.ended_at <= clock.now()
        ).limit(200)
    ).all()  # fmt: skip
    for code in over:
        code.status = CodeStatus.RETIRED
        audit.note(None, "code.retired", code.id, brand_id=code.brand_id, reason="grace over")
        announce(CodeRetired(code.id))
    return len(over)


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
    return _add_link(
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
    return _move_link(link_id, "pause", by, "paused by hand")


def resume_link(link_id: int, *, by: int | None) -> AffiliateLink:
    """Let a paused link lead to its destination again. Raises Conflict as `issue_link` does."""
    link = lock(AffiliateLink, link_id)
    if not ambassadors.ambassador(link.ambassador_id).is_active:
        raise Conflict("The membership is not active, so its links stay paused.")
    return _move_link(link_id, "activate", by)


def retire_link(link_id: int, *, by: int | None) -> AffiliateLink:
    """End a link: whoever follows it reads that it is not active, and nobody gets its address.

    `restore_link` undoes it for a while. Raises Conflict for the main link, which stays.
    """
    if lock(AffiliateLink, link_id).is_default:
        raise Conflict("The main link stays with the membership. Pause it instead.")
    return _move_link(link_id, "retire", by)


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
    return _move_link(link_id, "restore" if was_active else "restore to rest", by)


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


def _first_free_code(
    ambassador: Ambassador, ideas: Iterable[str], discount_bp: int, by: int | None
) -> DiscountCode | None:
    for idea in ideas:
        seen = rules.lookalike(idea)
        if queries.is_code_taken(ambassador.brand_id, seen):
            continue
        code = DiscountCode(
            brand_id=ambassador.brand_id, ambassador_id=ambassador.id, code=idea, folded=idea,
            lookalike=seen, discount_bp=discount_bp, status=CodeStatus.RESERVED,
            reserved_at=clock.now(),
        )  # fmt: skip
        try:
            with savepoint():
                db.session.add(code)
                db.session.flush()
        except IntegrityError:  # somebody took it in this very moment
            continue
        _note_code(code, by)
        audit.note(by, "code.reserved", code.id, brand_id=code.brand_id, code=idea)
        return code
    return None


def _add_link(
    ambassador: Ambassador, destination_url: str, *, label: str, by: int | None,
    channel: str = "", is_default: bool = False, status: LinkStatus = LinkStatus.ACTIVE,
    slug: str = "", sub_id: str = "",
) -> AffiliateLink:  # fmt: skip
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


def _move_code(code_id: int, action: str, by: int | None, reason: str = "") -> DiscountCode:
    code = lock(DiscountCode, code_id)
    before, code.status = code.status, rules.next_code_status(code.status, action)
    if code.status is CodeStatus.ACTIVE and code.activated_at is None:
        code.activated_at = clock.now()
    if code.status is CodeStatus.RETIRED:
        code.ended_at = clock.now()
    _note_code(code, by, reason)
    facts = {"before": before.value, "reason": reason}
    audit.note(by, f"code.{code.status}", code.id, brand_id=code.brand_id, **facts)
    announce(_event_of(code))
    return code


def _event_of(code: DiscountCode) -> CodeActivated | CodeChanged | CodeRetired:
    if code.status is CodeStatus.ACTIVE:
        return CodeActivated(code.id)
    return CodeRetired(code.id) if code.status is CodeStatus.RETIRED else CodeChanged(code.id)


def _move_link(link_id: int, action: str, by: int | None, reason: str = "") -> AffiliateLink:
    link = lock(AffiliateLink, link_id)
    before, link.status = link.status, rules.next_link_status(link.status, action)
    _note_link(link, by, reason)
    facts = {"before": before.value, "reason": reason}
    audit.note(by, f"link.{link.status}", link.id, brand_id=link.brand_id, **facts)
    return link


def _note_code(code: DiscountCode, by: int | None, reason: str = "") -> None:
    change = CodeChange(
        code_id=code.id, status=code.status, at=clock.now(), by_id=by, reason=reason
    )
    db.session.add(change)


def _note_link(link: AffiliateLink, by: int | None, reason: str = "") -> None:
    change = LinkChange(
        link_id=link.id, status=link.status, destination_url=link.destination_url, at=clock.now(),
        by_id=by, reason=reason,
    )  # fmt: skip
    db.session.add(change)


def _waits_for_membership(history: Any, subject_id: int) -> bool:
    owner = history.code_id if history is CodeChange else history.link_id
    last = db.session.scalar(
        select(history).where(owner == subject_id).order_by(history.id.desc()).limit(1)
    )
    return last is not None and last.reason == MEMBERSHIP and last.status == CodeStatus.PAUSED
