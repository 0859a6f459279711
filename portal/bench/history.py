"""Millions of old clicks, made by the database itself: making them is not what is measured."""

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
    "postgresql": "WITH n(i) AS (SELECT * FROM generate_series(:start, :stop - 1))",
}
AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', (:begin + i * :step) / 1000.0, 'unixepoch')",
    "postgresql": "to_timestamp((:begin + i * :step) / 1000.0)",
}
CLICKS = """INSERT INTO clicks (id, link_id, ambassador_id, brand_id, at, visitor, agent_class,
        referrer_host, params)
    {numbers}
    SELECT ((:begin + i * :step) << 21) | (i % 1000), l.id, l.ambassador_id, l.brand_id, {at},
        lower(substr('0123456789abcdef0123456789abcdef', 1, 24)) || (10000000 + i % 89999999),
        'human', '', '{{}}'
    FROM n JOIN bench_links b ON b.place = i % :links JOIN affiliate_links l ON l.id = b.link_id"""
DAYS_OF = """INSERT INTO click_days
    (link_id, day, ambassador_id, brand_id, humans, repeats, bots, prefetches)
    SELECT link_id, {day}, ambassador_id, brand_id, COUNT(*), 0, 0, 0 FROM clicks
    GROUP BY link_id, {day}, ambassador_id, brand_id"""


def write(laid: Ground, stored: int) -> None:
    """Put so many clicks of the last 90 days into the ground's database, with their roll-ups."""
    with laid.app.app_context():
        dialect = db.engine.dialect.name
        links = tracking.default_links([member.id for member in laid.members]).values()
        step = max(DAYS * 86_400_000 // stored, 1)
        begin = int(laid.brand.created_at.timestamp() * 1000) - stored * step
        with unit_of_work():
            db.session.execute(text("CREATE TABLE bench_links (place BIGINT, link_id BIGINT)"))
            for place, link in enumerate(links):
                row = {"place": place, "link": link.id}
                db.session.execute(text("INSERT INTO bench_links VALUES (:place, :link)"), row)
        insert = text(CLICKS.format(numbers=NUMBERS[dialect], at=AT[dialect]))
        for start in range(0, stored, SLICE):
            with unit_of_work():
                db.session.execute(insert, {
                    "start": start, "stop": min(start + SLICE, stored), "begin": begin,
                    "step": step, "links": len(links),
                })  # fmt: skip
        day = "date(at)" if dialect == "sqlite" else "CAST(at AT TIME ZONE 'UTC' AS date)"
        with unit_of_work():
            db.session.execute(text(DAYS_OF.format(day=day)))
        end_read()
