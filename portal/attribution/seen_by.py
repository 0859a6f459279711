"""What one creator is told about an order: her own part, and nothing of anybody else’s. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from portal.attribution import answers
from portal.attribution.facts import TouchKind
from portal.attribution.models import Outcome, Reason
from portal.programs.models import ClickRule, CodePolicy

Step = Mapping[str, Any]
TOUCHES = ("code", "click", "renewal", "binding")
# The most telling first, as for the order itself.
TELLING = (
    Reason.SELF_PURCHASE,
    Reason.CODE_PAUSED,
    Reason.CODE_EXPIRED,
    Reason.MEMBERSHIP_INACTIVE,
    Reason.CAP_REACHED,
    Reason.CLICK_STOOD_DOWN,
    Reason.CLICK_OUTSIDE_WINDOW,
)
OF_THE_ORDER = (
    Reason.CODES_NEVER_CREDIT,
    Reason.EXISTING_CUSTOMER,
    Reason.BELOW_MINIMUM,
    Reason.CAP_REACHED,
    Reason.DECLINED_BY_HAND,
)


def has_part(trace: Sequence[Step], viewer: int) -> bool:
    """Whether her code, her link, her subscription or her customer comes up at all."""
    return any(_own(trace, viewer))


def answer_to_creator(
    outcome: Outcome,
    reason: Reason,
    trace: Sequence[Step],
    viewer: int,
    own_codes: Collection[str] = (),
) -> str:
    """The code of UX 2.4 for a creator, by a decision about an order.

    Another creator's doubts (her code paused, her membership ended) are nobody else's business:
    the viewer hears only what concerns herself, or the order as a whole. `own_codes` tells whether
    a mistyped word was like one of hers.
    """
    if outcome in (Outcome.EXCLUDED, Outcome.MATCHING, Outcome.NEEDS_DECISION):
        return reason.value
    own = _own(trace, viewer)
    if outcome is Outcome.CREDITED:
        credit = trace[-1]["facts"]
        if credit["ambassador_id"] == viewer:
            return answers.CREDITED
        if any(share[0] == viewer for share in credit.get("shares", ())):
            return answers.ASSISTED
    usable = [step for step in own if step["result"] == "pass"]
    if not usable:
        return _doubt(own) or _mistyped(trace, own_codes) or Reason.NO_CODE_NO_CLICK.value
    if outcome is Outcome.CREDITED:
        return _beaten(trace[-1]["facts"], usable)
    return (reason if reason in OF_THE_ORDER else Reason.NO_CODE_NO_CLICK).value


def _own(trace: Sequence[Step], viewer: int) -> list[Step]:
    return [
        step for step in trace
        if step["check"] in TOUCHES and step["facts"]["ambassador_id"] == viewer
    ]  # fmt: skip


def _doubt(own: Sequence[Step]) -> str:
    doubts = {step["facts"].get("doubt") for step in own}
    return next((one.value for one in TELLING if one.value in doubts), "")


def _mistyped(trace: Sequence[Step], own_codes: Collection[str]) -> str:
    like = {step["facts"]["like"] for step in trace if step["check"] == "unknown_code"}
    return Reason.CODE_MISTYPED.value if like & set(own_codes) else ""


def _beaten(credit: Mapping[str, Any], usable: Sequence[Step]) -> str:
    """By what another creator got the order that the viewer had a part in."""
    by, kinds = TouchKind(credit["by"]), {step["check"] for step in usable}
    if by is TouchKind.HAND:
        return Reason.CREDITED_BY_HAND.value
    if by in (TouchKind.RENEWAL, TouchKind.BINDING):
        return answers.CUSTOMER_OF_ANOTHER
    if by is TouchKind.CODE:
        return answers.OTHER_CODE_WON if "code" in kinds else answers.CODE_BEATS_LINK
    if "click" not in kinds and credit["code_policy"] == CodePolicy.NEVER:
        return Reason.CODES_NEVER_CREDIT.value
    first = credit["click_rule"] == ClickRule.FIRST_CLICK
    return answers.EARLIER_TOUCH_WON if first else answers.LATER_TOUCH_WON
