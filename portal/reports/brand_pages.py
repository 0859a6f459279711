"""From figures to finished values for the brand's home page: words, ticks, changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.ambassadors import queries as ambassadors
from portal.identity.models import Brand
from portal.kernel import currencies
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.reports import brand_queries as queries
from portal.reports.brand_queries import Results, Seller, share_bp
from portal.reports.periods import Span
from portal.web.formatting import day, money, percent, plural, short_money

LABELS = 5
TICKS = 3


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved against the span before."""

    words: str
    direction: str
    before: str
    is_good: bool = True


def sales_of(brand: Brand, span: Span) -> dict[str, Any]:
    """Everything the home page shows of a span, beside the span before it."""
    spans = [span, span.before()]
    now, then = queries.results_of(brand, spans)
    points, before = queries.net_by_steps(brand, spans)
    sellers = queries.sellers(brand, span)
    active = ambassadors.counts(brand.id)["active"]
    return {
        "span": span, "results": now, "earlier": then, "points": points, "before": before,
        "changes": changes_between(now, then), "rounded": rounded, "axis_words": axis_words,
        "finding": finding(now, then, best_words(brand, points, span)),
        "ticks": ticks([*points, *before], brand.currency), "labels": labels(span),
        "bars": bars(sellers, queries.TOP),
        "sellers_finding": sellers_finding(sellers, queries.TOP, active),
        "funnel": steps(queries.funnel(brand.id)),
    }  # fmt: skip


def checklist(brand: Brand) -> list[tuple[str, bool]]:
    """What a brand sets up before its first sale, in order, and what of it is done."""
    made = programs.programs_of(brand.id)
    first = made[0] if made else None
    return [
        ("program", first is not None),
        ("terms", first is not None and programs.latest_terms(first.id) is not None),
        ("agreement", first is not None and programs.current_agreement(first.id) is not None),
        ("open", first is not None and first.is_open),
        ("ambassador", ambassadors.counts(brand.id)["active"] > 0),
        ("order", False),
    ]


def changes_between(now: Results, then: Results) -> dict[str, Change | None]:
    """How each key figure moved."""
    return {
        "net": change_of(now.net, then.net),
        "orders": change_of(now.orders, then.orders),
        "average": change_of(now.average, then.average),
        "new": change_of_rate(now.new_bp, then.new_bp),
        "roi": change_of_rate(now.roi_bp, then.roi_bp),
    }


def change_of(now: Money | int | None, then: Money | int | None) -> Change | None:
    """The change in percent, to one decimal; None where there was nothing before."""
    if now is None or then is None or _minor(then) <= 0:
        return None
    a, b = _minor(now), _minor(then)
    moved = share_bp(abs(a - b), b) or 0
    words = percent(rounded(moved))
    before = money(then) if isinstance(then, Money) else f"{then:,}"
    return Change(words, "up" if a >= b else "down", before, a >= b)


def change_of_rate(
    now: int | None, then: int | None, *, more_is_good: bool = True
) -> Change | None:
    """The change of a rate in points; None where one of the two is missing."""
    if now is None or then is None:
        return None
    words = percent(rounded(abs(now - then))).rstrip("%")
    good = (now >= then) == more_is_good
    return Change(f"{words} pt", "up" if now >= then else "down", percent(rounded(then)), good)


def rounded(rate_bp: int) -> int:
    """A rate with one decimal instead of two."""
    return (rate_bp + 5) // 10 * 10


def whole_percent(rate_bp: int | None) -> str:
    """A share without decimals; "" where there is none."""
    return "" if rate_bp is None else percent((rate_bp + 50) // 100 * 100)


def finding(now: Results, then: Results, best: str) -> str:
    """The sentence that stands above the chart."""
    if not now.orders:
        return "No credited orders yet in this time."
    change = change_of(now.net, then.net)
    moved = f"Sales came to {money(now.net)}."
    if change is not None:
        verb = "rose" if change.direction == "up" else "fell"
        moved = f"Sales {verb} {change.words} to {money(now.net)}."
    return f"{moved} {best}".strip()


def best_words(brand: Brand, values: Sequence[int], span: Span) -> str:
    """ "The best day was 4 Nov, with $1,950.00." """
    best = queries.best_day(values, span.step_days)
    if best is None:
        return ""
    unit = "day was" if span.step == 1 else "week began on"
    return f"The best {unit} {day(best[0])}, with {money(Money(best[1], brand.currency))}."


def ticks(values: Sequence[int], currency: str) -> list[tuple[int, str]]:
    """Round values for the y axis, from 0 to above the highest point."""
    top = max([*values, 10 ** currencies.exponent(currency)])
    size = 10 ** (len(str(top)) - 1)
    step = next(unit for unit in (size // 2, size, 2 * size, 5 * size, 10 * size)
                if unit and unit * TICKS >= top)  # fmt: skip
    return [(step * at, axis_words(Money(step * at, currency))) for at in range(TICKS + 1)
            if step * (at - 1) < top]  # fmt: skip


def axis_words(figure: Money) -> str:
    """ "$200", "$1.5k"."""
    is_small = figure < Money(currencies.to_minor(1_000, figure.currency), figure.currency)
    return whole_money(figure) if is_small else short_money(figure)


def labels(span: Span) -> list[tuple[int, str]]:
    """Some days for the x axis, the first and the last among them."""
    days = span.step_days
    last = len(days) - 1
    places = sorted({round_share(last, at, LABELS - 1) for at in range(LABELS)})
    return [(place, day(days[place])) for place in places]


def round_share(whole: int, part: int, parts: int) -> int:
    """whole × part ÷ parts, half up."""
    return (2 * whole * part + parts) // (2 * parts)


def whole_money(figure: Money) -> str:
    """A label inside a chart, in whole units: "$1,242"; tables have the exact figure."""
    major = currencies.half_up(currencies.to_major(figure.minor, figure.currency))
    rounded_up = Money(currencies.to_minor(major, figure.currency), figure.currency)
    return money(rounded_up).partition(".")[0]


def bars(sellers: Sequence[Seller], top: int) -> list[dict[str, Any]]:
    """The first sellers as bars with a running share, and the rest as words."""
    whole = sum(one.net.minor for one in sellers)
    rows, running = [], 0
    for one in sellers[:top]:
        running += one.net.minor
        rows.append({"label": one.name, "value": max(one.net.minor, 0),
                     "words": whole_money(one.net), "exact": money(one.net),
                     "share": whole_percent(share_bp(running, whole)),
                     "id": one.ambassador.public_id})  # fmt: skip
    rest = sellers[top:]
    if rest:
        left = Money.total([one.net for one in rest], rest[0].net.currency)
        each = f"{whole_money(left.scaled(1, len(rest)))} each on average" if len(rest) > 1 else ""
        rows.append({"label": plural(len(rest), "other", "others"), "value": 0,
                     "words": whole_money(left), "exact": money(left),
                     "rest": each, "share": "100%", "id": None})  # fmt: skip
    return rows


def sellers_finding(sellers: Sequence[Seller], top: int, active: int) -> str:
    """ "The 7 who sold most bring 61% of net sales; 57 of 60 ambassadors sold something." """
    whole = sum(one.net.minor for one in sellers)
    if whole <= 0:
        return "Nobody has brought a credited order in this time."
    first = sellers[:top]
    share = percent(rounded(share_bp(sum(one.net.minor for one in first), whole) or 0))
    of = f"{len(sellers)} of {plural(max(active, len(sellers)), 'ambassador', 'ambassadors')}"
    if len(sellers) <= top:
        return f"{of} sold something."
    return f"The {len(first)} who sold most bring {share} of net sales; {of} sold something."


def steps(counts: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """The funnel's steps, each with its share of the one before."""
    made: list[dict[str, Any]] = []
    before: int | None = None
    for label, value in counts:
        share = share_bp(value, before) if before else None
        made.append({"label": label, "value": value, "words": f"{value:,}",
                     "share": whole_percent(share)})  # fmt: skip
        before = value
    return made


def _minor(value: Money | int) -> int:
    return value.minor if isinstance(value, Money) else value
