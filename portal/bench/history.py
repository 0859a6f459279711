"""Millions of old clicks, made by the database itself: making them is not what is measured."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from portal.bench.ground import Ground
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tracking import queries as tracking

SLICE = 250_000
DAYS = 90
# One click every few milliseconds of the last 90 days; the ids are those a click would have got.
NUMBERS = {
    "sqlite": """WITH RECURSIVE n(i) AS (SELECT :start UNION ALL
        SELECT i + 1 FROM n WHERE i + 1 < :stop)""",
    "postgresql": """WITH n(i) AS (SELECT * FROM
        generate_series(CAST(:start AS BIGINT), CAST(:stop AS BIGINT) - 1))""",
}
AT = {
    "sqlite": """strftime('%Y-%m-%d %H:%M:%f000',
        (CAST(:begin AS BIGINT) + i * :step) / 1000.0, 'unixepoch')""",
    "postgresql": "to_timestamp((CAST(:begin AS BIGINT) + i * :step) / 1000.0)",
}
CLICKS = """INSERT INTO clicks (id, link_id, ambassador_id, brand_id, at, visitor, agent_class,
        referrer_host, params)
    {numbers}
    SELECT ((CAST(:begin AS BIGINT) + i * :step) << 21) | (:salt + i % 1000),
        l.id, l.ambassador_id, l.brand_id, {at},
        lower(substr('0123456789abcdef0123456789abcdef', 1, 24)) || (10000000 + i % 89999999),
        'human', '', '{{}}'
    FROM n JOIN bench_links b ON b.place = i % :links JOIN affiliate_links l ON l.id = b.link_id"""
DAY_OF = {"sqlite": "date(at)", "postgresql": "CAST(at AT TIME ZONE 'UTC' AS date)"}
DAYS_OF = """INSERT INTO click_days
    (link_id, day, ambassador_id, brand_id, humans, repeats, bots, prefetches)
    SELECT link_id, {day}, ambassador_id, brand_id, COUNT(*), 0, 0, 0 FROM clicks
    GROUP BY link_id, {day}, ambassador_id, brand_id"""


def write(laid: Ground, stored: int, *, hot: int = 0, more: int = 0) -> None:
    """Put so many clicks of the last 90 days into the ground's database, with their roll-ups.

    `hot` places of the round go to the first member's link beside its own. `more` is how often it
    was called before: the clicks come beside those.
    """
    with laid.app.app_context():
        dialect = db.engine.dialect.name
        found = tracking.default_links([member.id for member in laid.members])
        links = [found[member.id].id for member in laid.members]
        places = [*links, *links[:1] * hot]
        step = max(DAYS * 86_400_000 // stored, 1)
        begin = int(laid.brand.created_at.timestamp() * 1000) - stored * step
        _lay_places(places)
        insert = text(CLICKS.format(numbers=NUMBERS[dialect], at=AT[dialect]))
        for start in range(0, stored, SLICE):
            with unit_of_work():
                look_away()
                db.session.execute(insert, {
                    "start": start, "stop": min(start + SLICE, stored), "begin": begin,
                    "step": step, "links": len(places), "salt": 1000 * more,
                })  # fmt: skip
        with unit_of_work():
            db.session.execute(text("DELETE FROM click_days"))
            db.session.execute(text(DAYS_OF.format(day=DAY_OF[dialect])))
        end_read()


def as_kept(at: datetime) -> Any:
    """An instant as the ground's database keeps it, for statements that know no types."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") if is_sqlite else at


def look_away() -> None:
    """Until this unit ends PostgreSQL checks no foreign keys and runs no triggers; SQLite does."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL session_replication_role = replica"))


def _lay_places(links: Sequence[int]) -> None:
    with unit_of_work():
        db.session.execute(text("DROP TABLE IF EXISTS bench_links"))
        db.session.execute(text("CREATE TABLE bench_links (place BIGINT, link_id BIGINT)"))
        rows = [{"place": place, "link": link_id} for place, link_id in enumerate(links)]
        db.session.execute(text("INSERT INTO bench_links VALUES (:place, :link)"), rows)
        db.session.execute(text("CREATE INDEX ix_bench_links ON bench_links (place)"))
