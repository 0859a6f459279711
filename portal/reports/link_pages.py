"""Words and axes for the pages of links."""

from collections.abc import Sequence

from portal.kernel import clock
from portal.reports.periods import Span
from portal.web.formatting import day

TICKS = 4


def count_ticks(values: Sequence[int]) -> list[tuple[int, str]]:
    """Round values for the y axis of counts, from 0 to above the highest point."""
    top = max([*values, TICKS])
    size = 10 ** (len(str(top)) - 1)
    step = next(unit for unit in (max(size // 2, 1), size, 2 * size, 5 * size, 10 * size)
                if unit * TICKS >= top)  # fmt: skip
    return [(step * at, f"{step * at:,}") for at in range(TICKS + 1) if step * (at - 1) < top]


def best_day(points: Sequence[int], span: Span) -> str:
    """The chart's finding: how many, and the day that brought most."""
    total = sum(points)
    if not total:
        return ""
    at = max(range(len(points)), key=lambda one: points[one])
    first = span.step_days[at]
    when = "today" if first == clock.today(span.zone) else f"on {day(first)}"
    clicks = "1 click" if total == 1 else f"{total:,} clicks"
    return f"{clicks} in {span.days} days, most {when}: {points[at]:,}."
