"""Which ambassador gets an order: a pure function of what was true when it was placed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from portal.ambassadors.models import MembershipStatus
from portal.attribution.answers import can_appeal as can_appeal
from portal.attribution.models import Outcome, Reason
from portal.attribution.wording import sentences as sentences
from portal.programs.models import ClickRule, CodePolicy
from portal.programs.rules import TermsFacts
from portal.tracking.models import CodeStatus

Step = dict[str, Any]
Policy = Mapping[int, TermsFacts]  # program id → its terms at order time (R15)
CODES_THAT_WORK = (CodeStatus.ACTIVE, CodeStatus.REPLACED)


class TouchKind(StrEnum):
    CODE = "code"
    CLICK = "click"


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as a decision needs it. `unknown_codes`: (as typed, the brand's code it is like)."""

    placed_at: datetime
    recorded_at: datetime
    is_paid: bool
    is_cancelled: bool = False
    is_test: bool = False
    unknown_codes: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Touch:
    """A code that was typed or a click that led there, with how things stood at order time.

    `at` is when a click happened, or since when a code exists. `is_self`: the buyer is the
    creator herself (R51). `status` and `discount_bp` are a code's.
    """

    kind: TouchKind
    touch_id: int
    ambassador_id: int
    program_id: int
    at: datetime
    membership: MembershipStatus | None
    member_since: datetime | None = None
    is_self: bool = False
    code: str = ""
    status: CodeStatus | None = None
    discount_bp: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, whom it favours and on what terms, and the ordered checks that led there."""

    outcome: Outcome
    reason: Reason
    trace: list[Step]
    ambassador_id: int | None = None
    program_id: int | None = None
    terms_id: int | None = None
    code_id: int | None = None
    click_id: int | None = None


@dataclass
class _Hearing:
    """What has been found so far while an order is judged."""

    trace: list[Step] = field(default_factory=list)
    doubts: set[Reason] = field(default_factory=set)

    def note(self, check: str, result: str, **facts: Any) -> None:
        self.trace.append({"check": check, "result": result, "facts": facts})


def credit_for(order: OrderFacts, touches: Iterable[Touch], policy: Policy) -> Decision:
    """Decide who is credited (R31–R39, R43, R48, R51). The touches' order never matters."""
    heard = _Hearing()
    heard.note(
        "order", "pass", at=order.placed_at.isoformat(), recorded_at=order.recorded_at.isoformat()
    )
    barred = _barred(order, heard)
    if barred is not None:
        return Decision(*barred, heard.trace)
    known = list(touches)
    codes = _codes_that_count(order, known, policy, heard)
    clicks = _clicks_that_count(order, known, policy, heard)
    winner = _winner(codes, clicks, policy, heard)
    if winner is None:
        reason = _why_not(heard)
        heard.note("credit", "fail", reason=reason.value)
        return Decision(Outcome.NOT_CREDITED, reason, heard.trace)
    return _credited(winner, codes, clicks, policy, heard)


def _barred(order: OrderFacts, heard: _Hearing) -> tuple[Outcome, Reason] | None:
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
    return None


def _codes_that_count(
    order: OrderFacts, touches: list[Touch], policy: Policy, heard: _Hearing
) -> list[Touch]:
    """The usable codes, best first: larger discount, then the code that was there first (R39).

    Shops list codes in any order, so "first applied" cannot be known; the older code wins a tie.
    """
    codes = [touch for touch in touches if touch.kind is TouchKind.CODE]
    codes.sort(key=lambda touch: (-touch.discount_bp, touch.at, touch.touch_id))
    usable = []
    for code in codes:
        doubt = _doubt_about_code(code) or _doubt_about_member(code, policy)
        heard.note(
            "code", "fail" if doubt else "pass", code=code.code, **_of(code),
            status=code.status.value if code.status else None, discount_bp=code.discount_bp,
            doubt=doubt.value if doubt else None,
        )  # fmt: skip
        if doubt is None:
            usable.append(code)
        else:
            heard.doubts.add(doubt)
    for typed, like in sorted(order.unknown_codes, key=lambda pair: pair[0]):
        heard.note("unknown_code", "fail" if like else "skip", typed=typed, like=like)
        if like:
            heard.doubts.add(Reason.CODE_MISTYPED)
    if not codes and not order.unknown_codes:
        heard.note("no_code", "skip")
    return usable


def _clicks_that_count(
    order: OrderFacts, touches: list[Touch], policy: Policy, heard: _Hearing
) -> list[Touch]:
    """The clicks inside their program's window, newest first. The window's last second counts:
    an order exactly N days after the click is in, one second later is out (R31)."""
    clicks = [touch for touch in touches if touch.kind is TouchKind.CLICK]
    clicks.sort(key=lambda touch: (touch.at, touch.touch_id), reverse=True)
    usable = []
    for click in clicks:
        terms = policy.get(click.program_id)
        passed = order.placed_at - click.at
        in_window = terms is not None and timedelta(0) <= passed <= timedelta(
            days=terms.window_days
        )
        doubt = _doubt_about_member(click, policy)
        doubt = doubt or (None if in_window else Reason.CLICK_OUTSIDE_WINDOW)
        heard.note(
            "click", "fail" if doubt else "pass", click_id=click.touch_id, at=click.at.isoformat(),
            **_of(click), days=passed.days, window_days=terms.window_days if terms else None,
            doubt=doubt.value if doubt else None,
        )  # fmt: skip
        if doubt is None:
            usable.append(click)
        else:
            heard.doubts.add(doubt)
    if not clicks:
        heard.note("no_click", "skip")
    return usable


def _of(touch: Touch) -> Step:
    return {
        "touch_id": touch.touch_id,
        "ambassador_id": touch.ambassador_id,
        "membership": touch.membership.value if touch.membership else None,
        "member_since": touch.member_since.isoformat() if touch.member_since else None,
    }


def _doubt_about_code(code: Touch) -> Reason | None:
    if code.status in CODES_THAT_WORK:
        return None
    if code.status is CodeStatus.PAUSED:
        return Reason.CODE_PAUSED
    return Reason.CODE_EXPIRED if code.status is CodeStatus.RETIRED else Reason.MEMBERSHIP_INACTIVE


def _doubt_about_member(touch: Touch, policy: Policy) -> Reason | None:
    if touch.membership is not MembershipStatus.ACTIVE or touch.program_id not in policy:
        return Reason.MEMBERSHIP_INACTIVE
    return Reason.SELF_PURCHASE if touch.is_self else None


def _winner(
    codes: list[Touch], clicks: list[Touch], policy: Policy, heard: _Hearing
) -> Touch | None:
    """The touch that decides: the code policy of the code's program settles a conflict (R34).

    A code alone is credited (R37) unless the policy is `never`: then codes only give discounts.
    """
    click = _winning_click(clicks, policy)
    if not codes:
        return click
    code = codes[0]
    rule = policy[code.program_id].code_policy
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


def _winning_click(clicks: list[Touch], policy: Policy) -> Touch | None:
    """The last click, or the first of the same program where its terms say so (R32)."""
    if not clicks:
        return None
    last = clicks[0]
    if policy[last.program_id].click_rule is ClickRule.LAST_CLICK:
        return last
    return [click for click in clicks if click.program_id == last.program_id][-1]


def _credited(
    winner: Touch, codes: list[Touch], clicks: list[Touch], policy: Policy, heard: _Hearing
) -> Decision:
    terms = policy[winner.program_id]
    own_code = next((c for c in codes if c.ambassador_id == winner.ambassador_id), None)
    own_click = winner if winner.kind is TouchKind.CLICK else next(
        (c for c in clicks if c.ambassador_id == winner.ambassador_id), None
    )  # fmt: skip
    assists = {touch.ambassador_id for touch in (*codes, *clicks)} - {winner.ambassador_id}
    by_code = winner.kind is TouchKind.CODE
    heard.note(
        "credit", "decides", by=winner.kind.value, **_of(winner), code=winner.code or None,
        clicked_at=winner.at.isoformat() if not by_code else None, assists=sorted(assists),
        rivals=len(assists), code_policy=terms.code_policy.value, click_rule=terms.click_rule.value,
        terms_id=terms.id, version=terms.version, window_days=terms.window_days,
    )  # fmt: skip
    return Decision(
        Outcome.CREDITED, Reason.CODE_TYPED if by_code else Reason.LINK_CLICKED, heard.trace,
        ambassador_id=winner.ambassador_id, program_id=winner.program_id, terms_id=terms.id,
        code_id=own_code.touch_id if own_code else None,
        click_id=own_click.touch_id if own_click else None,
    )  # fmt: skip


# The most telling reason first: what the creator can see or change.
_REASONS = (
    Reason.SELF_PURCHASE,
    Reason.CODE_PAUSED,
    Reason.CODE_EXPIRED,
    Reason.MEMBERSHIP_INACTIVE,
    Reason.CODES_NEVER_CREDIT,
    Reason.CODE_MISTYPED,
    Reason.CLICK_OUTSIDE_WINDOW,
)


def _why_not(heard: _Hearing) -> Reason:
    return next((one for one in _REASONS if one in heard.doubts), Reason.NO_CODE_NO_CLICK)
