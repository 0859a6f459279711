"""When something looks wrong: pure tests of counted figures against thresholds.

Each returns Evidence or None. A steady seller whose buyers never click is no leak, and many
returns of few buyers are no fraud: every test asks for enough of it first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from portal.flags.models import DeclineReason, FlagKind
from portal.kernel.errors import InvalidInput

WHOLE = 10_000  # basis points
REVIEW_DAYS = 14
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
COUPON_SITES = (
    "couponbirds.com", "couponfollow.com", "coupons.com", "dealspotr.com", "groupon.com",
    "joinhoney.com", "knoji.com", "retailmenot.com", "simplycodes.com", "slickdeals.net",
    "vouchercodes.co.uk", "wethrift.com",
)  # fmt: skip
DECLINES: Mapping[DeclineReason, str] = {
    DeclineReason.CONS_FRAUD: "The orders were not made by real buyers",
    DeclineReason.NOT_COMPLIANCE_TERMS: "The program’s terms do not allow this way of promoting",
    DeclineReason.SELF_REFERRAL: "The orders were your own",
    DeclineReason.ITEM_RETURNED: "The buyers sent the goods back",
    DeclineReason.CODE_LEAK: "The code was used from a coupon site after you were told",
    DeclineReason.ORDER_ERROR: "The orders were recorded by mistake",
}

CLICKS_IN_DOUBT = "Clicks on your links do not look like those of people."


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on something is flagged. Shares in basis points, times in the unit named."""

    window_days: int = 14
    min_orders: int = 10
    without_click_bp: int = 9_000
    drop_bp: int = 4_000
    burst_times: int = 5
    burst_orders: int = 10
    coupon_clicks: int = 5
    refund_bp: int = 2_500
    refund_customers: int = 4
    flood_clicks: int = 300
    stuffing_loads: int = 500
    stuffing_times: int = 10
    checkout_seconds: int = 5
    checkout_orders: int = 3
    even_orders: int = 20
    even_bp: int = 1_200
    same_seconds: int = 3
    same_orders: int = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen: a sentence for the brand, figures with their labels, and a sentence that the
    creator reads when her money is held."""

    kind: FlagKind
    sentence: str
    figures: tuple[tuple[str, str], ...]
    to_creator: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """How often a code was used in some days, and how many of these orders had a click of hers."""

    orders: int
    with_click: int

    @property
    def without_bp(self) -> int:
        """The share of orders without a click."""
        return WHOLE * (self.orders - self.with_click) // self.orders if self.orders else 0


def code_without_clicks(code: str, now: Use, before: Use, t: Thresholds) -> Evidence | None:
    """Orders with the code hardly come with a click any more, though they used to: strangers
    found the code. A code that always sold without clicks (a podcast, a leaflet) is none."""
    if min(now.orders, before.orders) < t.min_orders or now.without_bp < t.without_click_bp:
        return None
    if now.without_bp - before.without_bp < t.drop_bp:
        return None
    return Evidence(
        FlagKind.CODE_WITHOUT_CLICKS,
        f"{code} is used without clicks: {percent(now.without_bp)} of the orders of "
        f"{t.window_days} days came without one, before it was {percent(before.without_bp)}.",
        (
            ("Orders with the code", str(now.orders)),
            ("Of them with a click", str(now.with_click)),
            ("Share without a click", percent(now.without_bp)),
            ("The share before", percent(before.without_bp)),
        ),
    )


def code_burst(code: str, today: int, before: int, days: int, t: Thresholds) -> Evidence | None:
    """More orders in a day than `burst_times` the usual day; `before` were in `days` days."""
    if today < t.burst_orders or days <= 0 or today * days < t.burst_times * max(before, 1):
        return None
    tenths = 10 * before // days
    usual = f"{tenths // 10}.{tenths % 10}"
    return Evidence(
        FlagKind.CODE_BURST,
        f"{code} was used {today} times within 24 hours; on a usual day it is {usual}.",
        (("Orders in 24 hours", str(today)), ("On a usual day", usual),
         ("Days compared", str(days))),
    )  # fmt: skip


def coupon_site(name: str, clicks: Mapping[str, int], t: Thresholds) -> Evidence | None:
    """People came to her links from sites that collect codes."""
    total = sum(clicks.values())
    if total < t.coupon_clicks:
        return None
    most = sorted(clicks.items(), key=lambda one: (-one[1], one[0]))
    return Evidence(
        FlagKind.COUPON_SITE,
        f"{total} clicks on links of {name} came from coupon sites, most from {most[0][0]}.",
        tuple((host, f"{count} clicks") for host, count in most[:8]),
    )


def refund_rate(customers: int, refunded: int, t: Thresholds) -> Evidence | None:
    """R135: refunded customers ÷ customers, from 25 % and four customers on."""
    if customers < t.refund_customers or refunded * WHOLE < customers * t.refund_bp:
        return None
    share = percent(WHOLE * refunded // customers)
    return Evidence(
        FlagKind.REFUND_RATE,
        f"{refunded} of {customers} buyers got money back: {share}.",
        (("Buyers", str(customers)), ("Got money back", str(refunded)), ("Share", share)),
        "Many of the buyers got their money back.",
    )


def click_flood(clicks: int, total: int, t: Thresholds) -> Evidence | None:
    """One visitor clicked again and again within a day."""
    if clicks < t.flood_clicks:
        return None
    return Evidence(
        FlagKind.CLICK_FLOOD,
        f"One visitor clicked {clicks:,} times within 24 hours.",
        (("Clicks of one visitor", f"{clicks:,}"), ("Clicks of all such visitors", f"{total:,}")),
        "Very many clicks on your links came from one visitor.",
    )


def nameless_flood(clicks: int) -> Evidence:
    """More clicks in an hour than are kept, of visitors who let nothing of themselves be known."""
    return Evidence(
        FlagKind.CLICK_FLOOD,
        f"{clicks:,} clicks within 24 hours told nothing of who made them.",
        (("Clicks without a visitor", f"{clicks:,}"),),
        "Very many clicks on your links came from one visitor.",
    )


def cookie_stuffing(loads: int, clicks: int, t: Thresholds) -> Evidence | None:
    """Her links were loaded inside other pages far more often than people clicked them."""
    if loads < t.stuffing_loads or loads < t.stuffing_times * max(clicks, 1):
        return None
    return Evidence(
        FlagKind.COOKIE_STUFFING,
        f"Her links were loaded {loads:,} times inside other pages, and clicked {clicks:,} times.",
        (("Loads without a person", f"{loads:,}"), ("Clicks of people", f"{clicks:,}")),
        "Your links were loaded inside other pages without anybody clicking them.",
    )


def click_at_checkout(gaps: Sequence[int], t: Thresholds) -> Evidence | None:
    """Clicks a few seconds before the order: nobody reads, chooses and pays so fast."""
    late = [gap for gap in gaps if 0 <= gap <= t.checkout_seconds]
    if len(late) < t.checkout_orders:
        return None
    return Evidence(
        FlagKind.CLICK_AT_CHECKOUT,
        f"{len(late)} orders came at most {t.checkout_seconds} seconds after the click.",
        (("Such orders", str(len(late))), ("Of her orders by link", str(len(gaps))),
         ("Shortest time", f"{min(late)} s")),
        "Some orders were placed a few seconds after the click.",
    )  # fmt: skip


def even_times(gaps: Sequence[int], window_seconds: int, t: Thresholds) -> Evidence | None:
    """The times from click to order lie evenly over the whole window, or are all the same.

    People mostly buy soon after a click or not at all. Cookies that nobody asked for meet orders
    at any time: the largest distance between their times and an even spread is small
    (Kolmogorov–Smirnov, in basis points).
    """
    if len(gaps) >= t.same_orders and max(gaps) - min(gaps) <= t.same_seconds:
        return Evidence(
            FlagKind.EVEN_TIMES,
            f"All {len(gaps)} orders came {min(gaps)} to {max(gaps)} seconds after the click.",
            (("Orders by link", str(len(gaps))), ("Shortest", f"{min(gaps)} s"),
             ("Longest", f"{max(gaps)} s")),
            "Your orders all came the same time after the click.",
        )  # fmt: skip
    if len(gaps) < t.even_orders or distance_from_even(gaps, window_seconds) > t.even_bp:
        return None
    off = percent(distance_from_even(gaps, window_seconds))
    return Evidence(
        FlagKind.EVEN_TIMES,
        f"The times from click to order of {len(gaps)} orders lie evenly over the whole window.",
        (("Orders by link", str(len(gaps))), ("Largest distance from an even spread", off)),
        "The times between clicks and orders do not look like people’s.",
    )


def distance_from_even(gaps: Sequence[int], window_seconds: int) -> int:
    """How far the times lie from an even spread over the window: 0 exactly even, 10,000 all at
    one end."""
    count, most = len(gaps), 0
    for place, gap in enumerate(sorted(gaps), start=1):
        even = WHOLE * min(gap, window_seconds) // window_seconds
        most = max(
            most, abs(WHOLE * place // count - even), abs(WHOLE * (place - 1) // count - even)
        )
    return most


def self_referral(signs: Sequence[str], orders: int) -> Evidence | None:
    """What buyer and creator share is too little to take the credit away (R51): a person looks."""
    if not orders:
        return None
    shared = ", ".join(sorted({sign.replace("_", " ") for sign in signs})) or "details"
    return Evidence(
        FlagKind.SELF_REFERRAL,
        f"In {orders} orders buyer and creator share: {shared}.",
        (("Orders", str(orders)), ("In common", shared)),
        "Some details of a buyer are like yours.",
    )


def percent(share_bp: int) -> str:
    """Basis points as "92.5%"."""
    return f"{share_bp // 100}.{share_bp % 100 // 10}%"


STILL_IN_QUESTION = "Another question about this is still open."


def hold_sentence(evidence_words: str, brand: str, until: str) -> str:
    """What a creator reads while her money is held: what was seen, who looks, until when."""
    words = f"{evidence_words} Somebody at {brand} looks at it by {until}. Nothing is decided yet."
    return words[:300]


def decline_sentence(reason: DeclineReason, note: str) -> str:
    """What a creator reads when a commission is declined (R62)."""
    return f"{DECLINES[reason]}. {note.strip()}".strip()[:300]


def checked_thresholds(values: Mapping[str, int]) -> Thresholds:
    """Thresholds from a form. Raises InvalidInput for one out of bounds."""
    known = {one.name for one in fields(Thresholds)}
    for name, value in values.items():
        most = WHOLE if name.endswith("_bp") else 1_000_000
        most = 90 if name.endswith("_days") else most
        if name not in known or not 1 <= value <= most:
            raise InvalidInput(name, f"Choose a number from 1 to {most:,}.")
    return Thresholds(**values)


def checked_sites(lines: str) -> list[str]:
    """One host per line, as `coupons.example`. Raises InvalidInput for one that is none."""
    found = []
    for line in lines.lower().split():
        host = line.removeprefix("https://").removeprefix("http://").removeprefix("www.")
        host = host.partition("/")[0]
        if not HOST.fullmatch(host):
            raise InvalidInput("sites", f"“{line[:60]}” is not a site’s name, such as coupons.com.")
        found.append(host)
    return sorted(set(found))
