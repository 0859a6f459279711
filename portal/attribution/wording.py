"""A stored trace in plain words. Creators read nothing of buyers, nor of other creators."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.attribution.models import Reason
from portal.kernel.money import Money

CREATOR, BRAND, FINANCE = "creator", "brand", "finance"

HEADLINES = {
    Reason.CODE_TYPED: "Credited: the code was typed at checkout",
    Reason.LINK_CLICKED: "Credited: the link was clicked before the order",
    Reason.RENEWAL: "Credited: the creator brought this subscription",
    Reason.BOUND_CUSTOMER: "Credited: the creator brought this customer",
    Reason.CREDITED_BY_HAND: "Credited by the brand, by hand",
    Reason.AWAITING_PAYMENT: "Waiting until the buyer has paid",
    Reason.NO_CODE_NO_CLICK: "No code was used and no link was clicked in time",
    Reason.CLICK_OUTSIDE_WINDOW: "The click was too long before the order",
    Reason.CLICK_STOOD_DOWN: "The click came after the checkout had begun",
    Reason.CODE_EXPIRED: "The code had ended",
    Reason.CODE_PAUSED: "The code was paused",
    Reason.CODE_MISTYPED: "What was typed is not a code",
    Reason.CODE_LEAKED_BLOCK: "The code was used from a coupon site",
    Reason.CODES_NEVER_CREDIT: "In this program, codes give a discount but no credit",
    Reason.MEMBERSHIP_INACTIVE: "The membership was not active when the order was placed",
    Reason.SELF_PURCHASE: "The buyer’s details match the creator’s own",
    Reason.EXISTING_CUSTOMER: "The program pays for new customers, and this one had bought before",
    Reason.BELOW_MINIMUM: "The order was below the program’s minimum",
    Reason.CAP_REACHED: "The program pays for a limited number of charges, and this one is past it",
    Reason.DUPLICATE: "The same order seems to have arrived from another shop already",
    Reason.ABOVE_LIMIT: "The order is above the limit from which a person decides",
    Reason.BUYER_ALIKE: "Buyer and creator are alike, so a person decides",
    Reason.DECLINED_BY_HAND: "Declined by the brand, by hand",
    Reason.CANCELLED: "The order was cancelled before it counted",
    Reason.TEST_ORDER: "A test order",
}
CODE_RULES = {
    "always": "A typed code beats every link",
    "if_involved": "A typed code wins if its creator’s link was clicked too",
    "if_winner": "A typed code wins if its creator’s link was the one that counts",
    "never": "A link decides; codes only give a discount",
}
BINDING_RULES = {
    "first_partner": "A customer stays with the ambassador who brought them first",
    "last_partner": "A customer stays with the ambassador who brought them last",
}
SHARED = {
    "email": "e-mail address", "customer_id": "customer account", "payment": "card",
    "ip": "internet address", "surname": "surname",
}  # fmt: skip
CLICK_RULES = {"last_click": "The last click before the order counts",
               "first_click": "The first click before the order counts"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of a trace. `state`: pass, fail, skip or later; the deciding one is lifted."""

    state: str
    title: str
    text: str = ""
    deciding: bool = False


@dataclass(frozen=True, slots=True)
class _Reader:
    audience: str
    viewer: int | None
    names: Mapping[int, str]
    zone: ZoneInfo
    year: int
    credit: Mapping[str, Any]  # the facts of the deciding step; {} when nobody is credited

    def when(self, instant: str) -> str:
        local = datetime.fromisoformat(instant).astimezone(self.zone)
        year = "" if local.year == self.year else f" {local.year}"
        return f"{local.day} {local:%b}{year}, {local:%H:%M}"

    def day(self, instant: str) -> str:
        return day_of(datetime.fromisoformat(instant), self.zone.key)

    def is_own(self, facts: Mapping[str, Any]) -> bool:
        return self.audience == CREATOR and facts["ambassador_id"] == self.viewer

    def decides(self, kind: str, facts: Mapping[str, Any]) -> bool:
        return (kind, facts["touch_id"]) == (self.credit.get("by"), self.credit.get("touch_id"))

    def hides(self, facts: Mapping[str, Any]) -> bool:
        """To a creator who is not credited, others’ touches are told once, by the decision."""
        credited = self.credit.get("ambassador_id") == self.viewer
        return self.audience == CREATOR and not self.is_own(facts) and not credited

    def whose(self, facts: Mapping[str, Any], thing: str) -> str:
        """ "Your link", "Another ambassador’s link", or "Maya’s link" for staff."""
        if self.audience == CREATOR:
            return f"Your {thing}" if self.is_own(facts) else f"Another ambassador’s {thing}"
        name = self.names.get(facts["ambassador_id"])
        return f"{name}’s {thing}" if name else f"An ambassador’s {thing}"


def sentences(
    trace: Sequence[Mapping[str, Any]],
    audience: str,
    *,
    viewer: int | None = None,
    names: Mapping[int, str] | None = None,
    zone: str = "UTC",
) -> list[Sentence]:
    """The checks of a decision as sentences, in their order.

    `viewer` is the ambassador who reads (for "creator"; by default the credited one), `names`
    gives staff (and only them) the ambassadors' names. No sentence holds anything of the buyer; a
    creator reads of other creators only that there was one.
    """
    credit: Mapping[str, Any] = next(
        (step["facts"] for step in trace if step["result"] == "decides"), {}
    )
    reader = _Reader(
        audience, viewer if viewer is not None else credit.get("ambassador_id"),
        (names or {}) if audience != CREATOR else {},
        ZoneInfo(zone), datetime.fromisoformat(trace[0]["facts"]["at"]).year, credit,
    )  # fmt: skip
    told: list[Sentence] = []
    for step in trace:
        told += _WORDS[step["check"]](step["result"], step["facts"], reader)
        if step["check"] == "order" and audience == CREATOR:
            told += _membership(trace, reader)
    return told


def day_of(instant: datetime, zone: str) -> str:
    """ "12 Dec 2026", for sentences that stand beside a trace."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b} {local.year}"


def _order(_result: str, facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    at, recorded = (datetime.fromisoformat(facts[key]) for key in ("at", "recorded_at"))
    late = int((recorded - at).total_seconds())
    after = f", {_span(late)} after checkout" if late >= 1 else ""
    return [Sentence("pass", "The store sent us this order", reader.when(facts["at"]) + after)]


def _membership(trace: Sequence[Mapping[str, Any]], reader: _Reader) -> list[Sentence]:
    told = ("code", "click", "renewal", "binding", "credit")
    own = [s["facts"] for s in trace if s["check"] in told
           and s["facts"].get("ambassador_id") == reader.viewer]  # fmt: skip
    if reader.viewer is None or not own:
        return []
    if own[0]["membership"] != "active":
        if any(facts.get("doubt") is None for facts in own):
            return [Sentence("pass", "Your membership had ended", "Its days of grace still ran")]
        since = own[0]["member_since"]
        text = f"It became active on {reader.day(since)}" if since else ""
        return [Sentence("fail", "Your membership was not active then", text)]
    since = own[0]["member_since"]
    text = f"Since {reader.day(since)}" if since else ""
    return [Sentence("pass", "You were an active ambassador", text)]


def _kind(_result: str, facts: Mapping[str, Any], _reader: _Reader) -> list[Sentence]:
    if facts["kind"] == "test":
        return [Sentence("fail", "It is a test order", "Test orders never count", deciding=True)]
    if facts["kind"] == "duplicate":
        text = "The same number, amount and day came from another shop of the brand"
        return [Sentence("later", "It seems to have arrived twice", text, deciding=True)]
    return [Sentence("fail", "The order was cancelled", "It earns nothing", deciding=True)]


def _payment(result: str, _facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    if result == "later":
        text = "It is decided by the code and click of order time when the payment arrives"
        return [Sentence("later", "The buyer has not paid yet", text, deciding=True)]
    return [] if reader.audience == CREATOR else [Sentence("pass", "The buyer has paid")]


def _code(result: str, facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    if reader.hides(facts):
        return []
    known = reader.audience != CREATOR or reader.is_own(facts)
    said = facts["code"] if known else "Another ambassador’s code"
    title = f"{said} was typed at checkout"
    if result == "fail":
        return [Sentence("fail", title, _doubt(facts, reader, said))]
    owner = reader.whose(facts, "code") if reader.audience != CREATOR else ""
    owner = _joined(owner, _suspicion(facts, reader))
    if reader.decides("code", facts):
        return [Sentence("pass", title, _joined(owner, _rule(reader.credit)), deciding=True)]
    return [Sentence("skip", title, _joined(owner, "It did not decide"))]


def _unknown_code(result: str, facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    if reader.audience == CREATOR:
        if result == "skip":
            return [Sentence("skip", "Another code was typed at checkout", "Not an ambassador’s")]
        return [Sentence("fail", "Something like a code was typed at checkout", "It is not a code")]
    like = (
        f"It looks like {facts['like']}, but is not a code" if facts["like"] else "Not a code here"
    )
    return [Sentence(result, f"{facts['typed']} was typed at checkout", like)]


def _no_code(_result: str, _facts: Mapping[str, Any], _reader: _Reader) -> list[Sentence]:
    return [Sentence("skip", "No code was typed at checkout")]


def _click(result: str, facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    days = facts["days"]
    before = "the same day" if days == 0 else f"{days} day{'s' if days != 1 else ''} before"
    span = facts["window_days"]
    window = f"; the window is {span} day{'s' if span != 1 else ''}" if span else ""
    text = f"{reader.when(facts['at'])}. {before[:1].upper()}{before[1:]}{window}"
    link = reader.whose(facts, "link")
    if reader.hides(facts):
        return []
    if facts["doubt"] == Reason.CLICK_STOOD_DOWN:
        late = "It came from the checkout, so it cannot take the place of an earlier click"
        return [Sentence("fail", f"{link} was clicked during the checkout", f"{text}. {late}")]
    if facts["doubt"] == Reason.CLICK_OUTSIDE_WINDOW:
        return [Sentence("fail", f"{link} was clicked too early", text)]
    if result == "fail":
        return [Sentence("fail", f"{link} was clicked", _doubt(facts, reader, link))]
    text = _joined(text, _suspicion(facts, reader))
    if reader.decides("click", facts):
        text = _joined(text, _rule(reader.credit))
        return [Sentence("pass", f"{link} was clicked in time", text, deciding=True)]
    if reader.is_own(facts):
        return [Sentence("pass", f"{link} was clicked in time", text)]
    return [Sentence("skip", f"{link} was clicked too", text)]


def _no_click(_result: str, _facts: Mapping[str, Any], _reader: _Reader) -> list[Sentence]:
    return [Sentence("skip", "No link was clicked before the order")]


def _code_policy(result: str, facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    if result == "pass" or reader.hides(facts):
        return []
    known = reader.audience != CREATOR or reader.is_own(facts)
    code = facts["code"] if known else "The code"
    return [Sentence("skip", f"{code} did not decide", CODE_RULES[facts["policy"]])]


def _credit(result: str, facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    if result == "fail":
        told = HEADLINES[Reason(facts["reason"])]
        return [Sentence("fail", "So it was not credited", told, deciding=True)]
    if facts["by"] == "hand":
        return [_by_hand(facts, reader), *_split(facts, reader)]
    if reader.audience != CREATOR or facts["ambassador_id"] == reader.viewer:
        return _split(facts, reader)  # the touch that decided has said so
    if [reader.viewer] in [share[:1] for share in facts.get("shares", ())]:
        return _split(facts, reader)
    if facts["by"] == "code":
        return [Sentence("fail", "Another code was typed at checkout", _rule(facts), deciding=True)]
    if facts["by"] in ("renewal", "binding"):
        what = "subscription" if facts["by"] == "renewal" else "customer"
        title = f"Another ambassador brought this {what}"
        return [Sentence("fail", title, _rule(facts), deciding=True)]
    at = reader.when(facts["clicked_at"])
    text = _joined(f"Another ambassador’s link was clicked on {at}", _rule(facts))
    return [Sentence("fail", "Yours was not the touch that counts", text, deciding=True)]


def _by_hand(facts: Mapping[str, Any], reader: _Reader) -> Sentence:
    if reader.audience == CREATOR and facts["ambassador_id"] != reader.viewer:
        text = "The brand credited another ambassador"
        return Sentence("fail", "It was decided by hand", text, deciding=True)
    name = reader.names.get(facts["ambassador_id"])
    to = "you" if reader.audience == CREATOR else name or "an ambassador"
    text = "Somebody looked at it; their reason is kept"
    return Sentence("pass", f"The brand credited {to} by hand", text, deciding=True)


def _split(facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    """How a commission is shared (R50); a creator reads her own part."""
    shares: Sequence[Sequence[int]] = facts.get("shares") or ()
    whole = sum(weight for _, weight in shares)
    if not whole:
        return []
    if reader.audience == CREATOR:
        own = sum(weight for who, weight in shares if who == reader.viewer)
        text = f"Your part is {_percent(own, whole)} of the commission"
        decides = facts["ambassador_id"] != reader.viewer
        return [Sentence("pass", f"Shared by {len(shares)} ambassadors", text, deciding=decides)]
    parts = [f"{reader.names.get(who, 'an ambassador')} {_percent(weight, whole)}"
             for who, weight in shares]  # fmt: skip
    return [Sentence("pass", f"Shared by {len(shares)} ambassadors", ", ".join(parts))]


def _percent(part: int, whole: int) -> str:
    tenths = (2_000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%".replace(".0%", "%")


def _renewal(result: str, facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    """The subscription's creator (R45); others read of her only in the decision."""
    if reader.hides(facts) and facts["doubt"] != Reason.CAP_REACHED:
        return []
    mine = reader.is_own(facts)
    who = "You" if mine else reader.names.get(facts["ambassador_id"], "An ambassador")
    title = f"{who} brought this subscription on {reader.day(facts['at'])}"
    if reader.hides(facts):
        title = "It is a charge of a subscription"
    count = f"This is charge {facts['number']}"
    if facts["doubt"] == Reason.CAP_REACHED:
        limit = f"the terms pay for {facts['charges']}" if facts["charges"] else (
            f"the terms pay for {facts['months']} months"
        )  # fmt: skip
        return [Sentence("fail", title, f"{count}; {limit}")]
    if result == "fail":
        return [Sentence("fail", title, _doubt(facts, reader, "It"))]
    return [Sentence("pass", title, f"{count}. Its charges stay with whoever brought it", True)]


def _binding(result: str, facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    if reader.hides(facts):
        return []
    who = "You" if reader.is_own(facts) else reader.names.get(facts["ambassador_id"])
    title = f"{who or 'An ambassador'} brought this customer on {reader.day(facts['at'])}"
    if result == "fail":
        return [Sentence("fail", title, _doubt(facts, reader, "It"))]
    if reader.decides("binding", facts):
        return [Sentence("pass", title, BINDING_RULES[facts["rule"]], deciding=True)]
    return [Sentence("skip", title, "It did not decide")]


def _customer(_result: str, _facts: Mapping[str, Any], _reader: _Reader) -> list[Sentence]:
    return [Sentence("fail", "The buyer had bought before", "The terms pay for new customers")]


def _minimum(_result: str, facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    least = Money(facts["minimum_minor"], facts["currency"])
    if reader.audience == CREATOR:
        return [Sentence("fail", "The order was too small", f"Orders count from {least}")]
    base = Money(facts["base_minor"], facts["currency"])
    return [Sentence("fail", "The order was too small", f"{base} counts; the minimum is {least}")]


def _limit(_result: str, facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    title = "The brand looks at orders of this size itself"
    if reader.audience == CREATOR:
        return [Sentence("later", title, "It decides whether this one counts", deciding=True)]
    base = Money(facts["base_minor"], facts["currency"])
    limit = Money(facts["limit_minor"], facts["currency"])
    return [Sentence("later", title, f"{base} counts; the limit is {limit}", deciding=True)]


def _likeness(_result: str, facts: Mapping[str, Any], reader: _Reader) -> list[Sentence]:
    if reader.audience == CREATOR:
        text = "It decides whether this one counts"
        return [Sentence("later", "The brand looks at this order itself", text, deciding=True)]
    text = _suspicion(facts, reader)
    return [Sentence("later", "The buyer is like the creator", text, deciding=True)]


def _suspicion(facts: Mapping[str, Any], reader: _Reader) -> str:
    """What staff may look at: something shared that is too little to be her own purchase (R51)."""
    shared = facts.get("evidence") or ()
    if reader.audience == CREATOR or not shared:
        return ""
    words = " and ".join(SHARED[one] for one in shared)
    return f"Buyer and creator share the {words}, which alone proves nothing"


def _rule(credit: Mapping[str, Any]) -> str:
    if credit["by"] == "renewal":
        return "A subscription’s charges stay with whoever brought it"
    if credit["by"] == "binding":
        return "A customer stays with the ambassador who brought them"
    if not credit["rivals"]:
        return "Nobody else had a part in it"
    if credit["by"] == "code":
        return CODE_RULES[credit["code_policy"]]
    return CLICK_RULES[credit["click_rule"]]


def _joined(*parts: str) -> str:
    return ". ".join(part for part in parts if part)


def _doubt(facts: Mapping[str, Any], reader: _Reader, what: str) -> str:
    reason = Reason(facts["doubt"])
    if reason is Reason.MEMBERSHIP_INACTIVE:
        return "The membership was not active when the order was placed"
    if reason is Reason.SELF_PURCHASE:
        you = "your" if reader.is_own(facts) else "the creator’s"
        shared = [SHARED[one] for one in facts.get("evidence") or ()]
        by = f": the same {' and '.join(shared)}" if shared and reader.audience != CREATOR else ""
        return f"The buyer’s details match {you} own{by}"
    return f"{what} was paused" if reason is Reason.CODE_PAUSED else f"{what} had ended"


def _span(seconds: int) -> str:
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count != 1 else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"


_WORDS: dict[str, Callable[[str, Mapping[str, Any], _Reader], list[Sentence]]] = {
    "order": _order,
    "kind": _kind,
    "payment": _payment,
    "code": _code,
    "unknown_code": _unknown_code,
    "no_code": _no_code,
    "click": _click,
    "no_click": _no_click,
    "renewal": _renewal,
    "binding": _binding,
    "customer": _customer,
    "minimum": _minimum,
    "limit": _limit,
    "likeness": _likeness,
    "code_policy": _code_policy,
    "credit": _credit,
}
