"""Which touches of an order count, each check noted with the facts it was made from.

Used by `rules.credit_for` alone, in the order in which the trace tells them.
"""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from portal.ambassadors.models import MembershipStatus
from portal.attribution import evidence
from portal.attribution.facts import OrderFacts, Policy, ProgramTerms, Touch, TouchKind
from portal.attribution.models import Reason
from portal.programs.models import BindingRule, RenewalRule
from portal.tracking.models import CodeStatus

Step = dict[str, Any]
# A code that is known to have leaked works until it is replaced (UX 6.7).
CODES_THAT_WORK = ("active", "replaced", "leaked")
NOT_BEGUN = (CodeStatus.RESERVED,)
ENDED_IN_GRACE = (MembershipStatus.ENDED, MembershipStatus.SUSPENDED)


@dataclass
class Hearing:
    """What has been found so far while an order is judged."""

    order: OrderFacts
    policy: Policy
    kept: Policy = field(default_factory=dict)
    trace: list[Step] = field(default_factory=list)
    doubts: set[Reason] = field(default_factory=set)

    def note(self, check: str, result: str, **facts: Any) -> None:
        self.trace.append({"check": check, "result": result, "facts": facts})

    def terms_of(self, touch: Touch) -> ProgramTerms | None:
        """The terms an ambassador's part is judged by: her own version where she kept one (R17),
        else the program's; None before the first."""
        return self.kept.get(touch.ambassador_id) or self.policy.get(touch.program_id)

    def known_terms_of(self, touch: Touch) -> ProgramTerms:
        """The same, of a touch that counts: without terms none does."""
        terms = self.terms_of(touch)
        assert terms is not None, "what counts is judged by terms"
        return terms


def codes_that_count(known: list[Touch], heard: Hearing) -> list[Touch]:
    """The usable codes, best first: larger discount, then the code that was there first (R39).

    Shops list codes in any order, so "first applied" cannot be known; the older code wins a tie.
    """
    codes = [touch for touch in known if touch.kind is TouchKind.CODE]
    codes.sort(key=lambda touch: (-touch.discount_bp, touch.at, touch.touch_id))
    usable = []
    for code in codes:
        doubt = _doubt_about_code(code) or _doubt_about_member(code, heard)
        heard.note(
            "code", "fail" if doubt else "pass", code=code.code, **facts_of(code),
            status=code.status.value if code.status else None, discount_bp=code.discount_bp,
            doubt=doubt.value if doubt else None,
        )  # fmt: skip
        if doubt is None:
            usable.append(code)
        else:
            heard.doubts.add(doubt)
    unknown = sorted(heard.order.unknown_codes, key=lambda pair: pair[0])
    for typed, like in unknown:
        heard.note("unknown_code", "fail" if like else "skip", typed=typed, like=like)
        if like:
            heard.doubts.add(Reason.CODE_MISTYPED)
    if not codes and not unknown:
        heard.note("no_code", "skip")
    return usable


def clicks_that_count(known: list[Touch], heard: Hearing) -> list[Touch]:
    """The clicks inside their program's window, newest first, less those that stand down.

    The window's last second counts: an order exactly N days after the click is in, one second
    later is out (R31). A click out of the checkout cannot displace another creator's earlier one
    where the terms say so (R56).
    """
    clicks = [touch for touch in known if touch.kind is TouchKind.CLICK]
    clicks.sort(key=lambda touch: (touch.at, touch.touch_id), reverse=True)
    doubts = {click.touch_id: _doubt_about_click(click, heard) for click in clicks}
    early = [one for one in clicks if doubts[one.touch_id] is None and not one.stands_down]
    usable = []
    for click in clicks:
        terms, doubt = heard.terms_of(click), doubts[click.touch_id]
        if doubt is None and terms and terms.more.stand_down and _displaces(click, early):
            doubt = Reason.CLICK_STOOD_DOWN
        heard.note(
            "click", "fail" if doubt else "pass", click_id=click.touch_id, at=click.at.isoformat(),
            **facts_of(click), days=(heard.order.placed_at - click.at).days,
            window_days=terms.window_days if terms else None, doubt=doubt.value if doubt else None,
        )  # fmt: skip
        if doubt is None:
            usable.append(click)
        else:
            heard.doubts.add(doubt)
    if not clicks:
        heard.note("no_click", "skip")
    return usable


def _doubt_about_click(click: Touch, heard: Hearing) -> Reason | None:
    doubt = _doubt_about_member(click, heard)
    if doubt:
        return doubt
    window = timedelta(days=heard.known_terms_of(click).window_days)
    passed = heard.order.placed_at - click.at
    return None if timedelta(0) <= passed <= window else Reason.CLICK_OUTSIDE_WINDOW


def _displaces(click: Touch, early: list[Touch]) -> bool:
    others = (one for one in early if one.ambassador_id != click.ambassador_id)
    return bool(click.stands_down) and any(one.at <= click.at for one in others)


def facts_of(touch: Touch) -> Step:
    found: Step = {
        "touch_id": touch.touch_id,
        "ambassador_id": touch.ambassador_id,
        "membership": touch.membership.value if touch.membership else None,
        "member_since": touch.member_since.isoformat() if touch.member_since else None,
    }
    if touch.evidence:
        found |= {"evidence": list(touch.evidence), "score": evidence.score(touch.evidence)}
    return found


def _doubt_about_code(code: Touch) -> Reason | None:
    if code.status is None or code.status in NOT_BEGUN:
        return Reason.MEMBERSHIP_INACTIVE
    if code.status.value in CODES_THAT_WORK:
        return None
    return Reason.CODE_PAUSED if code.status is CodeStatus.PAUSED else Reason.CODE_EXPIRED


def _doubt_about_member(touch: Touch, heard: Hearing) -> Reason | None:
    terms = heard.terms_of(touch)
    if terms is None or not _was_member(touch, terms, heard.order.placed_at):
        return Reason.MEMBERSHIP_INACTIVE
    return Reason.SELF_PURCHASE if evidence.is_own_purchase(touch.evidence) else None


def _was_member(touch: Touch, terms: ProgramTerms, at: datetime) -> bool:
    """Active at order time, or ended within the days of grace (R43)."""
    if touch.membership is MembershipStatus.ACTIVE:
        return True
    if touch.membership not in ENDED_IN_GRACE or touch.membership_since is None:
        return False
    return at < touch.membership_since + timedelta(days=terms.more.grace_days)


def renewal(known: list[Touch], heard: Hearing) -> Touch | None:
    """The creator who brought the subscription, where its charges stay hers (R45).

    Past the limit of charges or months nobody is credited, whatever code the shop repeats.
    """
    brought = [touch for touch in known if touch.kind is TouchKind.RENEWAL]
    for touch in sorted(brought, key=lambda touch: (touch.at, touch.touch_id)):
        terms = heard.terms_of(touch)
        if terms is None or terms.more.renewals is not RenewalRule.FOLLOW:
            continue
        number, doubt = heard.order.charges_before + 1, _doubt_about_member(touch, heard)
        if doubt is None and _is_past_limit(touch, terms, number, heard.order.placed_at):
            doubt = Reason.CAP_REACHED
        heard.note(
            "renewal", "fail" if doubt else "pass", **facts_of(touch), at=touch.at.isoformat(),
            number=number, charges=terms.more.renewal_charges, months=terms.more.renewal_months,
            doubt=doubt.value if doubt else None,
        )  # fmt: skip
        if doubt is None:
            return touch
        heard.doubts.add(doubt)
    return None


def _is_past_limit(touch: Touch, terms: ProgramTerms, number: int, at: datetime) -> bool:
    charges, months = terms.more.renewal_charges, terms.more.renewal_months
    return bool(charges and number > charges) or bool(
        months and at >= months_after(touch.at, months)
    )


def bindings(known: list[Touch], heard: Hearing) -> list[Touch]:
    """The creators the customer is bound to, the latest binding first."""
    bound = [touch for touch in known if touch.kind is TouchKind.BINDING]
    bound.sort(key=lambda touch: (touch.at, touch.touch_id), reverse=True)
    usable = []
    for touch in bound:
        terms, doubt = heard.terms_of(touch), _doubt_about_member(touch, heard)
        if terms is None or terms.more.binding is BindingRule.NONE:
            continue
        heard.note(
            "binding", "fail" if doubt else "pass", **facts_of(touch), at=touch.at.isoformat(),
            rule=terms.more.binding.value, yields=terms.more.binding_yields.value,
            doubt=doubt.value if doubt else None,
        )  # fmt: skip
        if doubt is None:
            usable.append(touch)
        else:
            heard.doubts.add(doubt)
    return usable


def months_after(instant: datetime, months: int) -> datetime:
    """The same day some calendar months later, or that month's last day."""
    year, month = divmod(instant.year * 12 + instant.month - 1 + months, 12)
    day = min(instant.day, monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)
