"""Looking at programs, their terms, agreements and minimum payouts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from portal.identity import queries as identity
from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.programs import beside_queries, rate_wording, rules
from portal.programs.models import Agreement, CommissionTerms, PayoutMinimum, Program, ProgramStatus
from portal.programs.rules import TermsFacts
from portal.storage.model import db

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a program page shows: the version in force, or else the first to come; `paid` says when
    the brand pays; `rates` are the sentences about its other rates, without those made for certain
    creators."""

    program: Program
    brand: Brand
    terms: CommissionTerms
    minimum: Money
    agreement: Agreement | None
    paid: str
    rates: tuple[str, ...] = ()

    @property
    def notice_days(self) -> int:
        """How long before a cut ambassadors are told, as it holds today (R17)."""
        return self.program.notice_at(clock.now())


def program(program_id: int) -> Program:
    """A program by row id. Raises NotFound."""
    return _found(db.session.get(Program, program_id))


def one_of_brand(brand_id: int, public_id: str) -> Program:
    """A brand's program by public id. Raises NotFound, for another brand's too."""
    query = select(Program).where(Program.brand_id == brand_id, Program.public_id == public_id)
    return _found(db.session.scalar(query))


def offer_at(slug: str) -> Offer:
    """All that the page at /p/<slug> shows. Raises NotFound for drafts and without terms."""
    program = program_by_slug(slug)
    terms = offered_terms(program.id)
    return Offer(
        program=program,
        brand=identity.brand(program.brand_id),
        terms=terms,
        minimum=minimum_payout(program.brand_id, terms.currency),
        agreement=current_agreement(program.id),
        paid=beside_queries.paid_of(program.brand_id),
        rates=_rates_for_everybody(terms, program.brand_id),
    )


def _rates_for_everybody(version: CommissionTerms, brand_id: int) -> tuple[str, ...]:
    if not version.rates and not version.clicks:
        return ()
    zone = identity.brand(brand_id).zone
    tiers = beside_queries.tier_names_of(version.program_id)
    return tuple(rate_wording.sentences_for(facts_of(version), zone, "", (), tiers))


def program_by_slug(slug: str) -> Program:
    """A program by its public address /p/<slug>; drafts are not found."""
    found = db.session.scalar(select(Program).where(Program.slug == slug))
    if found is None or found.status is ProgramStatus.DRAFT:
        raise NotFound("There is no program at this address. Check the link you were given.")
    return found


def programs_of(brand_id: int) -> Sequence[Program]:
    """A brand's programs, oldest first."""
    return db.session.scalars(
        select(Program).where(Program.brand_id == brand_id).order_by(Program.id)
    ).all()


def open_programs(limit: int = 6) -> Sequence[Program]:
    """Programs that take applications, newest first."""
    query = select(Program).where(Program.status == ProgramStatus.OPEN)
    return db.session.scalars(query.order_by(Program.id.desc()).limit(limit)).all()


def programs_by_id(program_ids: Sequence[int]) -> dict[int, Program]:
    """Several programs at once, for lists."""
    if not program_ids:
        return {}
    rows = db.session.scalars(select(Program).where(Program.id.in_(set(program_ids))))
    return {row.id: row for row in rows}


def terms(terms_id: int) -> CommissionTerms:
    """One version by row id. Raises NotFound."""
    return _found(db.session.get(CommissionTerms, terms_id))


def terms_at(program_id: int, instant: datetime) -> CommissionTerms:
    """The version in force at an instant (R15, R16): an order takes those of its purchase time.

    Raises NotFound before the first version's date.
    """
    query = (
        select(CommissionTerms)
        .where(CommissionTerms.program_id == program_id, CommissionTerms.effective_at <= instant)
        .order_by(CommissionTerms.version.desc())
        .limit(1)
    )
    return _found(db.session.scalar(query), "No commission terms were in force at that time.")


def current_terms(program_id: int) -> CommissionTerms:
    """The version in force now. Raises NotFound when none is."""
    return terms_at(program_id, clock.now())


def offered_terms(program_id: int) -> CommissionTerms:
    """The version in force now, or else the first to come: what is offered to whoever joins.

    Raises NotFound when there is none.
    """
    versions, now = versions_of(program_id), clock.now()
    if not versions:
        raise NotFound()
    return next((one for one in versions if one.effective_at <= now), versions[-1])


def versions_of(program_id: int) -> Sequence[CommissionTerms]:
    """Every version of a program's terms, newest first."""
    query = select(CommissionTerms).where(CommissionTerms.program_id == program_id)
    return db.session.scalars(query.order_by(CommissionTerms.version.desc())).all()


def versions_of_brands(brand_ids: Sequence[int]) -> dict[int, list[CommissionTerms]]:
    """Every version of the terms of these brands' programs, by program row id, newest first."""
    rows = db.session.scalars(
        select(CommissionTerms)
        .join(Program, Program.id == CommissionTerms.program_id)
        .where(Program.brand_id.in_(brand_ids))
        .order_by(CommissionTerms.program_id, CommissionTerms.version.desc())
    )
    found: dict[int, list[CommissionTerms]] = {}
    for row in rows:
        found.setdefault(row.program_id, []).append(row)
    return found


def latest_terms(program_id: int) -> CommissionTerms | None:
    """The newest version, in force or still to come; None before the first."""
    versions = versions_of(program_id)
    return versions[0] if versions else None


def facts_of(version: CommissionTerms) -> TermsFacts:
    """The plain facts that rules calculate with."""
    return TermsFacts(
        id=version.id,
        version=version.version,
        kind=version.kind,
        rate_bp=version.rate_bp,
        flat=version.flat,
        hold_days=version.hold_days,
        window_days=version.window_days,
        code_policy=version.code_policy,
        click_rule=version.click_rule,
        pay_on_zero_base=version.pay_on_zero_base,
        attribution=rules.AttributionTerms.of(version.attribution),
        rates=rules.RateTable.of(version.rates),
        hold=rules.HoldTerms.of(version.hold),
        base=rules.BaseTerms.of(version.base),
        clicks=rules.ClickTerms.of(version.clicks),
    )


def facts_by_id(terms_ids: Iterable[int]) -> dict[int, TermsFacts]:
    """Several versions of terms, by row id."""
    wanted = select(CommissionTerms).where(CommissionTerms.id.in_(set(terms_ids)))
    return {version.id: facts_of(version) for version in db.session.scalars(wanted)}


def versions_with_rates() -> list[int]:
    """The row ids of the versions whose rates depend on more than the base."""
    rows = db.session.execute(select(CommissionTerms.id, CommissionTerms.rates))
    return [row_id for row_id, rates in rows if rates]


def base_of(terms_id: int | None) -> rules.BaseTerms:
    """What one version counts of an order; the goods alone where there is none."""
    found = db.session.get(CommissionTerms, terms_id) if terms_id is not None else None
    return rules.BaseTerms.of(found.base) if found else rules.GOODS_ONLY


def current_agreement(program_id: int) -> Agreement | None:
    """The newest published agreement; None before the first."""
    agreements = agreements_of(program_id)
    return agreements[0] if agreements else None


def agreements_of(program_id: int) -> Sequence[Agreement]:
    """Every published agreement, newest first."""
    query = select(Agreement).where(Agreement.program_id == program_id)
    return db.session.scalars(query.order_by(Agreement.version.desc())).all()


def agreement(program_id: int, version: int) -> Agreement:
    """One version of a program's agreement. Raises NotFound."""
    query = select(Agreement).where(
        Agreement.program_id == program_id, Agreement.version == version
    )
    return _found(db.session.scalar(query), "This version of the terms does not exist.")


def minimum_payout(brand_id: int, currency: str) -> Money:
    """The least a brand pays out at once: its own figure, or the usual one (R84)."""
    query = select(PayoutMinimum).where(
        PayoutMinimum.brand_id == brand_id, PayoutMinimum.currency == currency
    )
    found = db.session.scalar(query)
    return found.amount if found else rules.default_minimum(currency)


def minimums_of(brand_id: int) -> Sequence[PayoutMinimum]:
    """What a brand has set, by currency."""
    query = select(PayoutMinimum).where(PayoutMinimum.brand_id == brand_id)
    return db.session.scalars(query.order_by(PayoutMinimum.currency)).all()


def _found(row: Row | None, message: str = "") -> Row:
    if row is None:
        raise NotFound(message) if message else NotFound()
    return row
