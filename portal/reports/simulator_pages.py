"""What would happen to a pretended order: the whole trace, and what it would earn. Stores
nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.queries import Member
from portal.attribution import answers, wording
from portal.attribution import queries as attribution
from portal.attribution import rules as credit
from portal.attribution.answers import Words
from portal.attribution.models import Outcome, Reason
from portal.attribution.queries import Pretence
from portal.attribution.rules import Decision
from portal.attribution.wording import Sentence
from portal.commissions import rules as commissions
from portal.commissions import tier_queries
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.programs.resolving_rules import Purchase
from portal.programs.rules import TermsFacts
from portal.reports import simulator_words
from portal.reports.simulator_form import SimulatorForm
from portal.reports.simulator_words import Named
from portal.tracking import queries as tracking
from portal.web.forms import amount_of


@dataclass(frozen=True, slots=True)
class Simulation:
    """The outcome of a pretended order. `earned`: (name, amount), the credited one first."""

    outcome: Outcome
    headline: str
    words: Words
    steps: Sequence[Sentence]
    earned: Sequence[tuple[str, Money]]
    assists: Sequence[str]
    terms: TermsFacts | None
    rate_bp: int | None


def simulate(brand_id: int, form: SimulatorForm, zone: str) -> Simulation:
    """Judge the pretended order now. Raises InvalidInput for a creator nobody knows."""
    asked = _asked(brand_id, form)
    decision = credit.decide(attribution.pretended(asked))
    who = {step["facts"].get("ambassador_id") for step in decision.trace} - {None}
    who |= {part.ambassador_id for part in decision.assists}
    members = ambassadors.members(sorted(who))
    names = {one: member.creator.name for one, member in members.items()}
    terms = (
        programs.facts_by_id([decision.terms_id])[decision.terms_id] if decision.terms_id else None
    )
    earned: list[tuple[int, Money]] = []
    if terms is not None and decision.ambassador_id is not None:
        whole = commissions.commission_for(_bought(asked, decision, members), terms).total
        earned = commissions.shares_of(whole, decision.ambassador_id, decision.shares)
    return Simulation(
        outcome=decision.outcome, headline=_headline(decision.reason),
        words=answers.words_for(decision.reason),
        steps=wording.sentences(decision.trace, wording.BRAND, names=names, zone=zone),
        earned=[(names[one], amount) for one, amount in earned],
        assists=[names[part.ambassador_id] for part in decision.assists],
        terms=terms, rate_bp=decision.rate_bp,
    )  # fmt: skip


def _bought(asked: Pretence, decision: Decision, members: Mapping[int, Member]) -> Purchase:
    """The pretended order, credited: one line of nothing in particular."""
    credited = members[decision.ambassador_id or 0].ambassador
    code = tracking.codes_by_id([decision.code_id]) if decision.code_id else {}
    place = tier_queries.place_now(credited, asked.base, asked.placed_at)
    return Purchase(
        asked.base, asked.placed_at, ambassador=credited.public_id,
        tier=place.name if place else "", tier_rates=place.rates if place else (),
        code=next((one.code for one in code.values()), ""),
        is_new_customer=asked.is_new_customer, rate_bp=decision.rate_bp,
    )  # fmt: skip


def _headline(reason: Reason) -> str:
    return wording.HEADLINES[reason]


def _asked(brand_id: int, form: SimulatorForm) -> Pretence:
    now = clock.now()
    clicks = []
    for who, days in (("clicked", "days"), ("clicked_too", "days_too")):
        named = _named(brand_id, form, who)
        if named is not None:
            ago, at = form[days].data, named.clicked_at
            moment = at if at is not None and ago is None else now - timedelta(days=ago or 0)
            clicks.append((named.ambassador_id, moment))
    brought = _named(brand_id, form, "brought")
    return Pretence(
        brand_id=brand_id, placed_at=now, base=amount_of(form.amount, form.currency_code),
        codes=tuple((form.codes.data or "").replace(",", " ").split()), clicks=tuple(clicks),
        is_new_customer={"new": True, "returning": False}.get(form.customer.data or ""),
        charges_before=(form.charge.data or 1) - 1,
        brought_by=brought.ambassador_id if brought else None,
    )  # fmt: skip


def _named(brand_id: int, form: SimulatorForm, field: str) -> Named | None:
    """Whom a handle, code, link or click names; None when nothing was written."""
    typed = (form[field].data or "").strip()
    if not typed:
        return None
    found = simulator_words.named(brand_id, typed)
    if found is None:
        raise InvalidInput(
            field, f"No ambassador of yours has the handle, code, link or click {typed[:60]}."
        )
    return found
