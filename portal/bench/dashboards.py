"""Dashboards over millions of clicks: the pages' own queries against the same from raw clicks."""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import text

from portal.bench import history
from portal.bench.ground import Ground, databases, ground
from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import end_read
from portal.tracking import click_queries
from portal.tracking import queries as tracking

CLICKS, FULL, LINKS, TOP = 1_000_000, 10_000_000, 200, 100
ROUNDS, RAW_ROUNDS = 21, 2
BY_DAY = """SELECT {day} AS day, COUNT(*) FROM clicks
    WHERE ambassador_id = :member AND at >= :since GROUP BY {day}"""
RANKING = """SELECT link_id, COUNT(*) AS people FROM clicks
    WHERE brand_id = :brand AND at >= :since AND agent_class = 'human'
    GROUP BY link_id ORDER BY people DESC, link_id LIMIT :top"""


def measure(stored: int | None = None, *, full: bool = False) -> Iterator[dict[str, Any]]:
    """Each dashboard on each database, at a tenth of the clicks and at all of them."""
    clicks = stored or (FULL if full else CLICKS)
    few = clicks // 10
    for label, url in databases().items():
        with ground(url, LINKS) as laid, laid.app.app_context():
            history.write(laid, few, hot=LINKS // 4)
            _settle()
            before = _pages(laid)
            history.write(laid, clicks - few, hot=LINKS // 4, more=1)
            _settle()
            found = _figures(laid, before, few)
            yield {f"{label}, {clicks:,} clicks: {key}": one for key, one in found.items()}


def _settle() -> None:
    """PostgreSQL's planner looks at the tables anew, as its autovacuum would by itself."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE clicks"))
            connection.execute(text("VACUUM ANALYZE click_days"))


def _pages(laid: Ground) -> tuple[float, float]:
    """Milliseconds of the two queries that the pages ask: a link's days, a brand's ranking."""
    link, since = _hottest(laid), _since()
    return (
        _median(lambda: click_queries.figures_of_link_by_day(link, since), ROUNDS),
        _median(lambda: click_queries.most_clicked(laid.brand.id, since, TOP), ROUNDS),
    )


def _figures(laid: Ground, before: tuple[float, float], few: int) -> dict[str, Any]:
    by_day, ranking = _pages(laid)
    raw_by_day = _median(lambda: _raw_by_day(laid), RAW_ROUNDS)
    raw_ranking = _median(lambda: _raw_ranking(laid), RAW_ROUNDS)
    days = click_queries.figures_of_link_by_day(_hottest(laid), _since())
    ours = {day: figures.humans for day, figures in days.items()}
    ranked = click_queries.most_clicked(laid.brand.id, _since(), TOP)
    return {
        "clicks of the hottest creator": f"{sum(ours.values()):,}",
        "her 90 days by day, ms (raw, from its index)": f"{by_day:.2f} ({raw_by_day:,.0f})",
        "by day ÷ raw": f"{by_day / raw_by_day:.2%}",
        f"by day ÷ its own time at {few:,} clicks": f"{by_day / before[0]:.2f}",
        f"ranking of the first {TOP}, ms (raw)": f"{ranking:.1f} ({raw_ranking:,.0f})",
        "ranking ÷ raw": f"{ranking / raw_ranking:.1%}",
        f"ranking ÷ its own time at {few:,} clicks": f"{ranking / before[1]:.2f}",
        "days and places that differ from raw": f"{len(ours.items() ^ _raw_by_day(laid).items())}, "
        f"{len(set(ranked) ^ set(_raw_ranking(laid)))}",
    }


def _raw_by_day(laid: Ground) -> dict[date, int]:
    day = history.DAY_OF[db.engine.dialect.name]
    values = {"member": laid.members[0].id, "since": history.as_kept(_since())}
    rows = db.session.execute(text(BY_DAY.format(day=day)), values).all()
    return {date.fromisoformat(str(day)): int(count) for day, count in rows}


def _raw_ranking(laid: Ground) -> list[tuple[int, int]]:
    values = {"brand": laid.brand.id, "since": history.as_kept(_since()), "top": TOP}
    return [(int(link), int(count)) for link, count in db.session.execute(text(RANKING), values)]


def _hottest(laid: Ground) -> int:
    return tracking.default_links([laid.members[0].id])[laid.members[0].id].id


def _since() -> datetime:
    return clock.start_of_day(clock.today("UTC") - timedelta(days=history.DAYS - 1), "UTC")


def _median(act: Callable[[], object], rounds: int) -> float:
    seen = []
    for _ in range(rounds):
        end_read()
        started = time.perf_counter()
        act()
        seen.append((time.perf_counter() - started) * 1000)
    return median(seen)
