"""Reserve, activate, pause and end codes and links; record clicks."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.audit import commands as audit
from portal.consents import queries as consents
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.programs import queries as programs
from portal.programs.rules import AttributionTerms
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint
from portal.tracking import (
    code_commands,
    issue_queries,
    link_commands,
    pattern_rules,
    queries,
    rules,
    settings_queries,
    validity_rules,
)
from portal.tracking.click_commands import record_click as record_click
from portal.tracking.code_commands import MEMBERSHIP as MEMBERSHIP
from portal.tracking.events import CodeRetired
from portal.tracking.issue_models import CodePool, PooledCode, TrackingSettings
from portal.tracking.link_commands import RESTORE_MINUTES as RESTORE_MINUTES
from portal.tracking.link_commands import edit_link as edit_link
from portal.tracking.link_commands import front_page as front_page
from portal.tracking.link_commands import hosts_of as hosts_of
from portal.tracking.link_commands import issue_link as issue_link
from portal.tracking.link_commands import pause_link as pause_link
from portal.tracking.link_commands import restore_link as restore_link
from portal.tracking.link_commands import resume_link as resume_link
from portal.tracking.link_commands import retire_link as retire_link
from portal.tracking.models import (
    AffiliateLink,
    CodeChange,
    CodeStatus,
    DiscountCode,
    LinkChange,
    LinkStatus,
)
from portal.tracking.pattern_rules import CodeFacts
from portal.tracking.validity_rules import Validity

IDEAS = 30  # of a pattern; the last ones are pure chance


def reserve_code(
    ambassador_id: int, wanted: str | None, name: str, discount_bp: int, *, by: int | None = None
) -> DiscountCode:
    """Reserve a code, and the default link with it; `activate` makes both work.

    Without a wish the code comes from the program's pool, or by its pattern from the name and the
    discount (MAYA15), and cannot collide. Raises InvalidInput when the wished one is ill-formed,
    blocked or taken (R40, R41).
    """
    ambassador = ambassadors.ambassador(ambassador_id)
    settings = settings_queries.settings_of(ambassador.program_id)
    words = [one.word for one in settings_queries.blocked_words(ambassador.brand_id)]
    code = None
    if not wanted and settings and settings.pool_id:
        code = _from_pool(ambassador, settings.pool_id, by)
    if code is None:
        ideas = _ideas(ambassador, wanted, name, discount_bp, settings, words)
        code = _first_free_code(ambassador, ideas, discount_bp, by)
    if code is None:
        others = ", ".join(queries.suggestions(ambassador.brand_id, name, discount_bp))
        raise InvalidInput("code", f"{wanted or 'That code'} is taken. Free are: {others}.")
    if not queries.has_default_link(ambassador_id):
        brand = identity.brand(ambassador.brand_id)
        link_commands.add_link(
            ambassador, link_commands.front_page(brand), label="", by=by, is_default=True,
            status=LinkStatus.RESERVED,
        )  # fmt: skip
    return code


def activate(ambassador_id: int, *, by: int | None = None) -> None:
    """Make reserved codes and links work, and those that waited for the membership. Repeatable."""
    for code in queries.codes_of_ambassador(ambassador_id):
        is_new = code.status is CodeStatus.RESERVED and code.activated_at is None
        if is_new or _waits_for_membership(CodeChange, code.id):
            _move_code(code.id, "activate", by)
    for link in queries.links_of(ambassador_id):
        if link.status is LinkStatus.RESERVED or _waits_for_membership(LinkChange, link.id):
            link_commands.move_link(link.id, "activate", by)


def pause_all(ambassador_id: int, *, by: int | None = None) -> None:
    """The membership rests: its codes stop, its links lead to the program's page (R43)."""
    for code in queries.codes_of_ambassador(ambassador_id):
        if code.status is CodeStatus.ACTIVE:
            _move_code(code.id, "pause", by, MEMBERSHIP)
    for link in queries.links_of(ambassador_id):
        if link.status is LinkStatus.ACTIVE:
            link_commands.move_link(link.id, "pause", by, MEMBERSHIP)


def end_all(ambassador_id: int, *, by: int | None = None) -> None:
    """The membership is over: codes retire for ever, after the days of grace that the terms in
    force grant; links lead to the program's page (R43)."""
    terms = consents.terms_for(ambassadors.ambassador(ambassador_id), clock.now())
    grace_days = AttributionTerms.of(terms.attribution).grace_days
    for code in queries.codes_of_ambassador(ambassador_id):
        if grace_days and code.status is CodeStatus.ACTIVE:
            _grant_grace(_move_code(code.id, "replace", by, MEMBERSHIP), grace_days, by)
        elif code.status not in validity_rules.OVER:
            _move_code(code.id, "retire", by, MEMBERSHIP)
    pause_all(ambassador_id, by=by)


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
    given = update(PooledCode).where(PooledCode.code_id.in_(code_ids))
    db.session.execute(given.values(code_id=None))
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
    if code.valid_until is not None and code.valid_until <= clock.now():
        raise Conflict("The last day of this code is over. Give it new days first.")
    return _move_code(code_id, "activate", by)


def retire_code(code_id: int, reason: str, *, by: int | None) -> DiscountCode:
    """End a code for ever. Nobody else will ever get it (R41)."""
    return _move_code(code_id, "retire", by, reason)


def activate_code(code_id: int, *, by: int | None) -> DiscountCode:
    """Let one reserved code work now, or from the first of its days on."""
    return _move_code(code_id, "activate", by)


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
    old.replaced_by_id = new.id
    _grant_grace(old, grace_days, by)
    return new


def _grant_grace(code: DiscountCode, grace_days: int, by: int | None) -> None:
    code.ended_at = clock.now() + timedelta(days=grace_days)
    if not grace_days:
        code.status = CodeStatus.RETIRED
        code_commands.note_code(code, by, "grace over")
        announce(CodeRetired(code.id))
    code_commands.plan_ahead(code, by)


def _ideas(
    ambassador: Ambassador, wanted: str | None, name: str, discount_bp: int,
    settings: TrackingSettings | None, words: list[str],
) -> Iterable[str]:  # fmt: skip
    if wanted:
        code = rules.check_code(wanted)
        word = pattern_rules.blocking_word(code, words)
        if word:
            raise InvalidInput("code", f"The brand does not want {word} in a code.")
        return [code]
    if settings is None or not settings.pattern:
        ideas = rules.code_ideas(name, discount_bp)
        return (one for one in ideas if not pattern_rules.blocking_word(one, words))
    handle = creators.creator(ambassador.creator_id).handle
    program = programs.program(ambassador.program_id).slug
    facts = CodeFacts(name, handle, program, discount_bp, clock.now().year)
    return islice(pattern_rules.ideas_from(settings.pattern, facts, words), IDEAS)


def _from_pool(ambassador: Ambassador, pool_id: int, by: int | None) -> DiscountCode | None:
    """The pool's next code, hers from now on; None when the pool is empty."""
    pooled = db.session.scalar(
        select(PooledCode)
        .where(PooledCode.pool_id == pool_id, PooledCode.code_id.is_(None))
        .order_by(PooledCode.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    pool = db.session.get(CodePool, pool_id)
    if pooled is None or pool is None:
        return None
    code = DiscountCode(
        brand_id=ambassador.brand_id, ambassador_id=ambassador.id, code=pooled.code,
        folded=pooled.code, lookalike=pooled.lookalike, discount_bp=pool.discount_bp,
        status=CodeStatus.RESERVED, reserved_at=clock.now(),
    )  # fmt: skip
    db.session.add(code)
    db.session.flush()
    pooled.code_id = code.id
    code_commands.note_code(code, by, "from a pool")
    audit.note(by, "code.reserved", code.id, brand_id=code.brand_id, code=code.code, pool=pool.name)
    return code


def _first_free_code(
    ambassador: Ambassador, ideas: Iterable[str], discount_bp: int, by: int | None
) -> DiscountCode | None:
    for idea in ideas:
        seen = rules.lookalike(idea)
        if issue_queries.taken_among(ambassador.brand_id, [seen]):
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
        code_commands.note_code(code, by)
        audit.note(by, "code.reserved", code.id, brand_id=code.brand_id, code=idea)
        return code
    return None


def _move_code(code_id: int, action: str, by: int | None, reason: str = "") -> DiscountCode:
    code, now = lock(DiscountCode, code_id), clock.now()
    before, code.status = code.status, rules.next_code_status(code.status, action)
    if code.status is CodeStatus.ACTIVE:
        code.activated_at = code.activated_at or now
        validity = Validity(code.valid_from, code.valid_until, code.use_limit)
        code.status = validity_rules.first_status(validity, now)
    if code.status is CodeStatus.RETIRED:
        code.ended_at = now
    code_commands.note_code(code, by, reason)
    code_commands.plan_ahead(code, by)
    facts = {"before": before.value, "reason": reason}
    audit.note(by, f"code.{code.status}", code.id, brand_id=code.brand_id, **facts)
    announce(code_commands.event_of(code))
    return code


def _waits_for_membership(history: Any, subject_id: int) -> bool:
    owner = history.code_id if history is CodeChange else history.link_id
    # What is planned (the end of a validity) was written after the pause, and is not come yet.
    come = (owner == subject_id) & (history.at <= clock.now())
    last = db.session.scalar(select(history).where(come).order_by(history.id.desc()).limit(1))
    return last is not None and last.reason == MEMBERSHIP and last.status == CodeStatus.PAUSED
