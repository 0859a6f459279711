"""Which ambassador gets an order: a pure function of what was true when it was placed."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.attribution import evidence
from portal.attribution.answers import can_appeal as can_appeal
from portal.attribution.checks import (
    Hearing,
    Step,
    bindings,
    clicks_that_count,
    codes_that_count,
    facts_of,
    renewal,
)
from portal.attribution.facts import Facts as Facts
from portal.attribution.facts import OrderFacts, Policy
from portal.attribution.facts import ProgramTerms as ProgramTerms
from portal.attribution.facts import Touch as Touch
from portal.attribution.facts import TouchKind as TouchKind
from portal.attribution.facts import facts_from as facts_from
from portal.attribution.models import Outcome, Reason
from portal.attribution.multi_touch import Model as Model
from portal.attribution.multi_touch import moments_of as moments_of
from portal.attribution.multi_touch import weights as weights
from portal.attribution.seen_by import answer_to_creator as answer_to_creator
from portal.attribution.seen_by import has_part as has_part
from portal.attribution.wording import sentences as sentences
from portal.programs.models import (
    BindingYields,
    ClickRule,
    CodePolicy,
    CustomerRule,
    SplitRule,
)

REASONS = {
    TouchKind.CODE: Reason.CODE_TYPED,
    TouchKind.CLICK: Reason.LINK_CLICKED,
    TouchKind.RENEWAL: Reason.RENEWAL,
    TouchKind.BINDING: Reason.BOUND_CUSTOMER,
    TouchKind.HAND: Reason.CREDITED_BY_HAND,
}


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody had to do with an order: clicks that counted, and whether her code was
    typed (R49)."""

    ambassador_id: int
    clicks: int
    has_code: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, whom it favours and on what terms, and the ordered checks that led there.

    `assists` had a part and get nothing (R34). `shares` are (ambassador, weight), the credited
    one first, where the terms split (R50). `rate_bp` where it is not the terms' own (R45).
    `flags` are words of `evidence.WEIGHTS` that a person might look at.
    """

    outcome: Outcome
    reason: Reason
    trace: list[Step]
    ambassador_id: int | None = None
    program_id: int | None = None
    terms_id: int | None = None
    code_id: int | None = None
    click_id: int | None = None
    assists: tuple[Part, ...] = ()
    shares: tuple[tuple[int, int], ...] = ()
    rate_bp: int | None = None
    flags: tuple[str, ...] = ()


def credit_for(
    order: OrderFacts, touches: Iterable[Touch], policy: Policy, kept: Policy | None = None
) -> Decision:
    """Decide who is credited (R19, R20, R31–R51, R56). The touches' order never matters.

    A subscription's charge belongs to whoever brought it where the terms say so; else codes and
    clicks are weighed by the code policy; else a bound customer's creator. At most one full
    commission comes of it. `kept`: the versions of those who kept an older one (R17).
    """
    heard = Hearing(order, policy, kept or {})
    heard.note(
        "order", "pass", at=order.placed_at.isoformat(), recorded_at=order.recorded_at.isoformat()
    )
    known = list(touches)
    barred = _barred(order, heard)
    if barred is not None:
        return Decision(*barred, heard.trace)
    if order.chosen is not None:
        return _chosen(known, order.chosen, heard)
    codes = codes_that_count(known, heard)
    clicks = clicks_that_count(known, heard)
    if order.declined:
        return _refused(Reason.DECLINED_BY_HAND, heard)
    brought = renewal(known, heard)
    if Reason.CAP_REACHED in heard.doubts:
        return _refused(Reason.CAP_REACHED, heard)
    winner = brought or _winner(codes, clicks, bindings(known, heard), heard)
    if winner is None:
        return _refused(_why_not(heard), heard)
    bar = _terms_refuse(winner, heard)
    if bar:
        return _refused(bar, heard)
    doubt = _asks_somebody(winner, heard)
    if doubt:
        return Decision(Outcome.NEEDS_DECISION, doubt, heard.trace)
    return _credited(winner, codes, clicks, heard)


def decide(facts: Facts) -> Decision:
    """`credit_for` of gathered or stored facts."""
    return credit_for(facts.order, facts.touches, facts.policy, facts.kept)


def _barred(order: OrderFacts, heard: Hearing) -> tuple[Outcome, Reason] | None:
    if order.is_test:
        heard.note("kind", "fail", kind="test")
        return Outcome.EXCLUDED, Reason.TEST_ORDER
    if order.is_cancelled:
        heard.note("kind", "fail", kind="cancelled")
        return Outcome.EXCLUDED, Reason.CANCELLED
    if not order.is_paid:
        heard.note("payment", "later")
        return Outcome.MATCHING, Reason.AWAITING_PAYMENT
    heard.note("payment", "pass")
    if order.is_duplicate and order.chosen is None and not order.declined:
        heard.note("kind", "fail", kind="duplicate")
        return Outcome.NEEDS_DECISION, Reason.DUPLICATE
    return None


def _chosen(known: list[Touch], ambassador_id: int, heard: Hearing) -> Decision:
    """Somebody decided by hand: whoever was chosen, on her program's terms at order time."""
    by_hand = (touch for touch in known if touch.kind is TouchKind.HAND)
    hand = next(touch for touch in by_hand if touch.ambassador_id == ambassador_id)
    return _credited(hand, codes_that_count(known, heard), clicks_that_count(known, heard), heard)


def _winner(
    codes: list[Touch], clicks: list[Touch], bindings: list[Touch], heard: Hearing
) -> Touch | None:
    """Codes and clicks by the code policy; a bound customer where they yield (R34, R37, R44)."""
    touched = _winner_of_touches(codes, clicks, heard)
    if not bindings:
        return touched
    bound = bindings[0]
    yields = heard.known_terms_of(bound).more.binding_yields
    if touched is None or yields is BindingYields.TO_NOTHING:
        return bound
    if yields is BindingYields.TO_CODES and touched.kind is not TouchKind.CODE:
        return bound
    return touched


def _winner_of_touches(codes: list[Touch], clicks: list[Touch], heard: Hearing) -> Touch | None:
    """The touch that decides: the code policy of the code's program settles a conflict (R34).

    A code alone is credited (R37) unless the policy is `never`: then codes only give discounts.
    """
    click = _winning_click(clicks, heard)
    if not codes:
        return click
    code = codes[0]
    rule = heard.known_terms_of(code).code_policy
    if rule is CodePolicy.NEVER:
        heard.doubts.add(Reason.CODES_NEVER_CREDIT)
        wins = False
    elif click is None or rule is CodePolicy.ALWAYS:
        wins = True
    elif rule is CodePolicy.IF_INVOLVED:
        wins = any(one.ambassador_id == code.ambassador_id for one in clicks)
    else:
        wins = click.ambassador_id == code.ambassador_id
    if click is None or click.ambassador_id != code.ambassador_id:
        heard.note("code_policy", "pass" if wins else "fail", policy=rule.value, code=code.code,
                   ambassador_id=code.ambassador_id, had_click=click is not None)  # fmt: skip
    return code if wins else click


def _winning_click(clicks: list[Touch], heard: Hearing) -> Touch | None:
    """The last click, or the first of the same program where its terms say so (R32)."""
    if not clicks:
        return None
    last = clicks[0]
    if heard.known_terms_of(last).click_rule is ClickRule.LAST_CLICK:
        return last
    return [click for click in clicks if click.program_id == last.program_id][-1]


def _terms_refuse(winner: Touch, heard: Hearing) -> Reason | None:
    """What the winner's terms do not pay for: returning customers (R20), small orders."""
    terms, order = heard.known_terms_of(winner), heard.order
    more = terms.more
    by_touch = winner.kind in (TouchKind.CODE, TouchKind.CLICK)
    if more.customers is CustomerRule.NEW_ONLY and by_touch and order.is_new_customer is False:
        heard.note("customer", "fail", ambassador_id=winner.ambassador_id)
        return Reason.EXISTING_CUSTOMER
    if order.currency == terms.currency and order.base_minor < more.minimum_minor:
        heard.note("minimum", "fail", ambassador_id=winner.ambassador_id,
                   base_minor=order.base_minor, minimum_minor=more.minimum_minor,
                   currency=order.currency)  # fmt: skip
        return Reason.BELOW_MINIMUM
    return None


def _asks_somebody(winner: Touch, heard: Hearing) -> Reason | None:
    """What the brand wants to decide itself: large orders, and a buyer who is like the creator
    without surely being her (R51)."""
    order = heard.order
    if order.ask_above_minor and order.base_minor > order.ask_above_minor:
        heard.note("limit", "later", ambassador_id=winner.ambassador_id,
                   base_minor=order.base_minor, limit_minor=order.ask_above_minor,
                   currency=order.currency)  # fmt: skip
        return Reason.ABOVE_LIMIT
    if order.asks_likeness and winner.evidence:
        heard.note("likeness", "later", **facts_of(winner))
        return Reason.BUYER_ALIKE
    return None


def _refused(reason: Reason, heard: Hearing) -> Decision:
    heard.note("credit", "fail", reason=reason.value)
    return Decision(Outcome.NOT_CREDITED, reason, heard.trace)


def _credited(winner: Touch, codes: list[Touch], clicks: list[Touch], heard: Hearing) -> Decision:
    terms = heard.known_terms_of(winner)
    own_code = next((c for c in codes if c.ambassador_id == winner.ambassador_id), None)
    own_click = winner if winner.kind is TouchKind.CLICK else next(
        (c for c in clicks if c.ambassador_id == winner.ambassador_id), None
    )  # fmt: skip
    parts = _parts(codes, clicks)
    others = [part for part in parts if part.ambassador_id != winner.ambassador_id]
    shares = _shares(winner, [*codes, *clicks], terms)
    flags = () if evidence.is_own_purchase(winner.evidence) else winner.evidence
    heard.note(
        "credit", "decides", by=winner.kind.value, **facts_of(winner), code=winner.code or None,
        clicked_at=winner.at.isoformat() if winner.kind is TouchKind.CLICK else None,
        assists=sorted(part.ambassador_id for part in others), rivals=len(others),
        code_policy=terms.code_policy.value, click_rule=terms.click_rule.value,
        terms_id=terms.id, version=terms.version, window_days=terms.window_days,
        shares=[list(share) for share in shares],
        clicks=sum(part.clicks for part in parts), creators=len(parts),
    )  # fmt: skip
    return Decision(
        Outcome.CREDITED, REASONS[winner.kind], heard.trace,
        ambassador_id=winner.ambassador_id, program_id=winner.program_id, terms_id=terms.id,
        code_id=own_code.touch_id if own_code else None,
        click_id=own_click.touch_id if own_click else None,
        assists=tuple(part for part in others if part.ambassador_id not in dict(shares)),
        shares=shares, rate_bp=_rate(terms, heard.order), flags=flags,
    )  # fmt: skip


def _parts(codes: list[Touch], clicks: list[Touch]) -> list[Part]:
    """Everybody who had a part: how many clicks that counted, and whether by code (R49)."""
    who = sorted({touch.ambassador_id for touch in (*codes, *clicks)})
    return [
        Part(
            one,
            sum(click.ambassador_id == one for click in clicks),
            any(code.ambassador_id == one for code in codes),
        )
        for one in who
    ]


def _shares(
    winner: Touch, touches: list[Touch], terms: ProgramTerms
) -> tuple[tuple[int, int], ...]:
    """Weights of everybody of the winner's program who had a part, hers first; () when she keeps
    all (R50)."""
    others = sorted({
        touch.ambassador_id for touch in touches if touch.program_id == winner.program_id
    } - {winner.ambassador_id})  # fmt: skip
    if terms.more.split is SplitRule.NONE or not others or winner.kind is TouchKind.HAND:
        return ()
    if terms.more.split is SplitRule.EQUAL:
        return ((winner.ambassador_id, 1), *((other, 1) for other in others))
    own = terms.more.split_winner_bp
    return (
        (winner.ambassador_id, own * len(others)),
        *((other, 10_000 - own) for other in others),
    )


def _rate(terms: ProgramTerms, order: OrderFacts) -> int | None:
    """The rate of a later charge of a subscription: "first 3 charges 40 %, then 20 %" (R45)."""
    first = terms.more.first_charges
    return terms.more.later_rate_bp if first and order.charges_before >= first else None


# The most telling reason first: what the creator can see or change.
_REASONS = (
    Reason.SELF_PURCHASE,
    Reason.CODE_PAUSED,
    Reason.CODE_EXPIRED,
    Reason.MEMBERSHIP_INACTIVE,
    Reason.CODES_NEVER_CREDIT,
    Reason.CODE_MISTYPED,
    Reason.CLICK_STOOD_DOWN,
    Reason.CLICK_OUTSIDE_WINDOW,
)


def _why_not(heard: Hearing) -> Reason:
    return next((one for one in _REASONS if one in heard.doubts), Reason.NO_CODE_NO_CLICK)
