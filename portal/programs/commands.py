"""Set up programs, publish terms and agreements, open and close applications."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.audit import commands as audit
from portal.identity import queries as identity
from portal.jobs.commands import announce
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.programs import losing, queries, rules
from portal.programs.events import TermsPublished
from portal.programs.models import (
    Agreement,
    ClickRule,
    CodePolicy,
    CommissionKind,
    CommissionTerms,
    PayoutMinimum,
    Program,
    ProgramStatus,
)
from portal.programs.rules import (
    AttributionTerms,
    BaseTerms,
    ClickTerms,
    HoldTerms,
    RateTable,
    TermsFacts,
)
from portal.storage.locks import lock
from portal.storage.model import db

# What an owner may change at any time: none of it alters what a stored order earns.
PAGE_FIELDS = frozenset(
    {
        "name", "pitch", "description", "discount_bp", "countries", "min_followers",
        "min_engagement_bp", "requires_adult", "pay_day", "answer_days", "questions",
    }
)  # fmt: skip


def create_program(
    brand_id: int, name: str, *, slug: str = "", by: int | None, **page: Any
) -> Program:
    """A new program, in draft: it needs terms and an agreement before it can open.

    `page` takes the fields of PAGE_FIELDS. Raises InvalidInput for a slug in use.
    """
    brand = identity.brand(brand_id)
    slug = slug or codes.slug_of(name)
    if db.session.scalar(select(Program.id).where(Program.slug == slug)):
        raise InvalidInput("slug", "Another program has this address. Choose another.")
    program = Program(
        brand_id=brand.id, slug=slug, name=name, status=ProgramStatus.DRAFT, created_at=clock.now()
    )
    _write_page(program, page)
    db.session.add(program)
    db.session.flush()
    audit.note(by, "program.created", program.id, brand_id=brand_id, name=name, slug=slug)
    return program


def change_page(program_id: int, *, by: int | None, **page: Any) -> Program:
    """Change what the program page says and asks. Raises InvalidInput for impossible values."""
    program = lock(Program, program_id)
    before = {name: getattr(program, name) for name in page}
    _write_page(program, page)
    db.session.flush()
    audit.note(
        by,
        "program.changed",
        program.id,
        brand_id=program.brand_id,
        before=before,
        after=dict(page),
    )
    return program


def publish_terms(
    program_id: int,
    *,
    kind: CommissionKind = CommissionKind.PERCENT,
    rate_bp: int = 0,
    flat: Money | None = None,
    currency: str = "",
    hold_days: int = 30,
    window_days: int = 30,
    code_policy: CodePolicy = CodePolicy.ALWAYS,
    click_rule: ClickRule = ClickRule.LAST_CLICK,
    pay_on_zero_base: bool = False,
    attribution: AttributionTerms | None = None,
    rates: RateTable | None = None,
    hold: HoldTerms | None = None,
    base: BaseTerms | None = None,
    clicks: ClickTerms | None = None,
    effective_at: datetime | None = None,
    by: int | None,
    summary: str = "",
) -> CommissionTerms:
    """Publish the next version of the commission terms; nothing stored before changes (R16).

    `effective_at` None means now. Raises InvalidInput for impossible figures, and Conflict where
    creators would lose something without the program's notice (R17), or where the date lies in
    the past or before a version already published.
    """
    program = lock(Program, program_id)
    currency = currency or (flat.currency if flat else identity.brand(program.brand_id).currency)
    previous = queries.latest_terms(program_id)
    now = clock.now()
    terms = CommissionTerms(
        program_id=program_id, version=previous.version + 1 if previous else 1, kind=kind,
        rate_bp=rate_bp, flat_minor=flat.minor if flat else 0, currency=currency,
        hold_days=hold_days, window_days=window_days, code_policy=code_policy,
        click_rule=click_rule, pay_on_zero_base=pay_on_zero_base,
        attribution=attribution.plain() if attribution else {},
        rates=rates.plain() if rates else {}, hold=hold.plain() if hold else {},
        base=base.plain() if base else {}, clicks=clicks.plain() if clicks else {},
        effective_at=effective_at or now, published_at=now, published_by=by, summary=summary,
    )  # fmt: skip
    rules.check_figures(_proposal(terms))
    if previous is not None:
        terms.lost = losing.lost_of(queries.versions_of(program_id), _proposal(terms), terms)
        losing.check_start(program, previous, terms)
    terms.silence_keeps = bool(terms.lost) and program.silence_keeps
    db.session.add(terms)
    db.session.flush()
    audit.note(
        by, "terms.published", terms.id, brand_id=program.brand_id, version=terms.version,
        kind=kind.value, rate_bp=rate_bp, flat_minor=terms.flat_minor, currency=currency,
        hold_days=hold_days, window_days=window_days, effective_at=terms.effective_at.isoformat(),
        attribution=terms.attribution, rates=terms.rates, hold=terms.hold,
        base=terms.base, clicks=terms.clicks, lost=terms.lost, silence_keeps=terms.silence_keeps,
    )  # fmt: skip
    announce(TermsPublished(terms.id))
    return terms


def publish_agreement(
    program_id: int, text: str, *, by: int | None, summary: str = ""
) -> Agreement:
    """Publish the next version of the text creators accept. Raises InvalidInput when empty."""
    program = lock(Program, program_id)
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise InvalidInput("text", "Write the agreement that ambassadors accept.")
    previous = queries.current_agreement(program_id)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if previous is not None and previous.sha256 == digest:
        raise InvalidInput("text", f"This is the text of version {previous.version}, unchanged.")
    agreement = Agreement(
        program_id=program_id, version=previous.version + 1 if previous else 1, text=text,
        summary=summary.strip(), published_at=clock.now(), published_by=by, sha256=digest,
    )  # fmt: skip
    db.session.add(agreement)
    db.session.flush()
    audit.note(
        by, "agreement.published", agreement.id, brand_id=program.brand_id,
        version=agreement.version, sha256=digest,
    )  # fmt: skip
    return agreement


def open_applications(program_id: int, *, by: int | None) -> Program:
    """Let creators apply. Raises Conflict while the program has no terms or no agreement."""
    program = lock(Program, program_id)
    if program.is_open:
        return program
    if queries.latest_terms(program_id) is None:
        raise Conflict("Publish commission terms before you open applications.")
    if queries.current_agreement(program_id) is None:
        raise Conflict("Publish the agreement before you open applications.")
    program.status, program.closed_at = ProgramStatus.OPEN, None
    audit.note(by, "program.opened", program.id, brand_id=program.brand_id)
    return program


def close_applications(program_id: int, *, by: int | None) -> Program:
    """Take no more applications; ambassadors keep their codes and links."""
    program = lock(Program, program_id)
    if not program.is_open:
        return program
    program.status, program.closed_at = ProgramStatus.CLOSED, clock.now()
    audit.note(by, "program.closed", program.id, brand_id=program.brand_id)
    return program


def offer_tiers(program: Program, words: str) -> None:
    """What the program's tiers promise now, for its public page; "" where it has none."""
    if program.tier_offer != words:
        program.tier_offer = words


def set_notice(program_id: int, days: int, *, silence_keeps: bool, by: int | None) -> Program:
    """How long before a cut ambassadors are told, and what no answer means (R17).

    A shorter notice holds once the one before has passed: it is itself a cut. Versions published
    already keep what they were published with. Raises InvalidInput.
    """
    if not 0 <= days <= rules.MOST_NOTICE_DAYS:
        raise InvalidInput(
            "notice_days", f"Notice lies between 0 and {rules.MOST_NOTICE_DAYS} days."
        )
    program, now = lock(Program, program_id), clock.now()
    before = program.notice_at(now)
    if days < before:
        program.notice_was_days = before
        program.notice_was_until = now + timedelta(days=before)
    audit.note(
        by, "program.notice-set", program.id, brand_id=program.brand_id,
        before={"days": program.notice_days, "silence_keeps": program.silence_keeps},
        after={"days": days, "silence_keeps": silence_keeps},
    )  # fmt: skip
    program.notice_days, program.silence_keeps = days, silence_keeps
    db.session.flush()
    return program


def set_minimum(brand_id: int, amount: Money, *, by: int | None) -> PayoutMinimum:
    """Set the least that is paid out at once in the amount's currency (R84)."""
    if amount.minor < 0:
        raise InvalidInput("amount", "A minimum payout cannot be negative.")
    query = select(PayoutMinimum).where(
        PayoutMinimum.brand_id == brand_id, PayoutMinimum.currency == amount.currency
    )
    minimum = db.session.scalar(query.with_for_update())
    before = minimum.amount_minor if minimum else None
    if minimum is None:
        minimum = PayoutMinimum(
            brand_id=brand_id, currency=amount.currency, amount_minor=amount.minor
        )
        db.session.add(minimum)
    minimum.amount_minor = amount.minor
    db.session.flush()
    audit.note(
        by, "payout-minimum.set", minimum.id, brand_id=brand_id, currency=amount.currency,
        before=before, after=amount.minor,
    )  # fmt: skip
    return minimum


def _write_page(program: Program, page: dict[str, Any]) -> None:
    unknown: Sequence[str] = sorted(set(page) - PAGE_FIELDS)
    if unknown:
        raise TypeError(f"A program page has no {unknown}.")
    for name, value in page.items():
        setattr(program, name, value)
    # Defaults of columns are filled only by the flush, so look at what was given.
    rules.check_page(page)


def _proposal(terms: CommissionTerms) -> TermsFacts:
    return TermsFacts(
        id=0, version=terms.version, kind=terms.kind, rate_bp=terms.rate_bp,
        flat=Money(terms.flat_minor, terms.currency), hold_days=terms.hold_days,
        window_days=terms.window_days, code_policy=terms.code_policy,
        click_rule=terms.click_rule, pay_on_zero_base=terms.pay_on_zero_base,
        attribution=AttributionTerms.of(terms.attribution), rates=RateTable.of(terms.rates),
        hold=HoldTerms.of(terms.hold), base=BaseTerms.of(terms.base),
        clicks=ClickTerms.of(terms.clicks),
    )  # fmt: skip
