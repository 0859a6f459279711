"""Store clicks and count them, in one transaction and exactly once."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from secrets import randbits
from typing import Any, NamedTuple

from sqlalchemy import select, update

from portal.storage.changes import change
from portal.storage.model import db
from portal.tracking import click_queries, redirect
from portal.tracking.models import AffiliateLink, AgentClass, Click

REPEAT_SECONDS = 30
# One prepared statement for a batch: Core's row by row processing cost more than the inserts.
INTO_SQLITE = """INSERT INTO clicks (id, link_id, ambassador_id, brand_id, at, visitor,
        agent_class, referrer_host, params, previous_id, ip)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
INTO_POSTGRESQL = """INSERT INTO clicks (id, link_id, ambassador_id, brand_id, at, visitor,
        agent_class, referrer_host, params, previous_id, ip)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::json[], %s::bigint[], %s::text[])
    ON CONFLICT DO NOTHING"""
COUNTED_AS = {
    AgentClass.HUMAN: 0, AgentClass.REPEAT: 1, AgentClass.BOT: 2, AgentClass.PREFETCH: 3,
}  # fmt: skip
INTO_DAYS = """INSERT INTO click_days
    (link_id, day, ambassador_id, brand_id, humans, repeats, bots, prefetches)
    VALUES ({marks}) ON CONFLICT (link_id, day) DO UPDATE SET
    humans = click_days.humans + excluded.humans, repeats = click_days.repeats + excluded.repeats,
    bots = click_days.bots + excluded.bots,
    prefetches = click_days.prefetches + excluded.prefetches"""

INTO_FLOODS = """INSERT INTO click_floods (link_id, visitor, hour, ambassador_id, brand_id, over)
    VALUES ({marks}) ON CONFLICT (link_id, visitor, hour) DO UPDATE SET
    over = click_floods.over + excluded.over"""
INTO_PARAMETERS = """INSERT INTO click_parameter_days (link_id, name, day, value, humans)
    VALUES ({marks}) ON CONFLICT (link_id, name, day, value) DO UPDATE SET
    humans = click_parameter_days.humans + excluded.humans"""
PARAMETERS = frozenset({
    "sub1", "sub2", "sub3", "sub4", "sub5", "utm_source", "utm_medium", "utm_campaign",
    "utm_content",
})  # fmt: skip
VALUE_CHARACTERS = 60


class Kept(NamedTuple):
    """One click as its row will be; `params` is JSON text."""

    id: int
    link_id: int
    ambassador_id: int
    brand_id: int
    at: datetime
    visitor: str
    agent_class: AgentClass
    referrer_host: str
    params: str
    previous_id: int | None
    ip: str | None


class Days:
    """What a batch adds to the roll-ups."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, date], list[int]] = {}
        self._came: Counter[tuple[int, str, date, str]] = Counter()
        self._over: Counter[tuple[int, str, datetime, int, int]] = Counter()

    def add(self, link: tuple[int, int, int], day: date, seen_as: AgentClass) -> None:
        """Count one click of (link, its ambassador, its brand) on a UTC day."""
        link_id, ambassador_id, brand_id = link
        row = self._found.get((link_id, day))
        if row is None:
            row = self._found[link_id, day] = [ambassador_id, brand_id, 0, 0, 0, 0]
        row[2 + COUNTED_AS[seen_as]] += 1

    def add_parameters(self, link_id: int, day: date, counted: Iterable[tuple[str, str]]) -> None:
        """Count what a person's click came with: pairs of `counted_of` (R54)."""
        for name, value in counted:
            self._came[link_id, name, day, value] += 1

    def add_over(self, link: tuple[int, int, int], visitor: str, hour: datetime) -> None:
        """Count one click that is kept as no row (`flood`)."""
        link_id, ambassador_id, brand_id = link
        self._over[link_id, visitor, hour, ambassador_id, brand_id] += 1

    def store(self) -> None:
        """Add it all. Rows are taken in one order, so that two machines never wait in a circle."""
        days = ((*key, *counted) for key, counted in sorted(self._found.items()))
        _add_up(INTO_DAYS, list(days))
        came = ((*key, count) for key, count in sorted(self._came.items()))
        _add_up(INTO_PARAMETERS, list(came))
        over = ((*key, count) for key, count in sorted(self._over.items()))
        _add_up(INTO_FLOODS, list(over))


def counted_of(params: Mapping[str, str]) -> dict[str, str]:
    """What of a click's parameters is counted by day, shortened to what is shown."""
    return {name: params[name][:VALUE_CHARACTERS] for name in PARAMETERS.intersection(params)}


def _add_up(statement: str, rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    connection = db.session.connection()
    mark = "%s"
    if connection.dialect.name == "sqlite":
        mark = "?"
        rows = [tuple(_as_text(one) for one in row) for row in rows]
    marks = ", ".join([mark] * len(rows[0]))
    connection.exec_driver_sql(statement.format(marks=marks), rows)


def _as_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return str(value) if isinstance(value, date) else value


def store(rows: Sequence[Kept]) -> int:
    """Insert clicks that are not there yet; returns how many were."""
    if not rows:
        return 0
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        texts = [
            (*row[:4], row.at.replace(tzinfo=None).isoformat(" ", "microseconds"), *row[5:])
            for row in rows
        ]
        return connection.exec_driver_sql(INTO_SQLITE, texts).rowcount
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    return connection.exec_driver_sql(INTO_POSTGRESQL, columns).rowcount


def record_click(
    link_id: int, at: datetime, *, visitor: str, referrer_host: str = "",
    params: Mapping[str, Any] | None = None, previous_id: int | None = None,
    click_id: int | None = None,
) -> int:  # fmt: skip
    """Keep one click of a person without the spool; returns its id, the `vclid`.

    The same visitor on the same link within 30 s is kept as a repeat, which statistics leave out
    (R53).
    """
    link = db.session.get_one(AffiliateLink, link_id)
    click_id = click_id or new_click_id(at)
    since = at - timedelta(seconds=REPEAT_SECONDS)
    repeated = visitor != "" and click_queries.has_clicked(link_id, visitor, since, at)
    seen_as = AgentClass.REPEAT if repeated else AgentClass.HUMAN
    kept = Kept(
        click_id, link_id, link.ambassador_id, link.brand_id, at, visitor, seen_as,
        referrer_host[:120], json.dumps(dict(params or {})), previous_id, None,
    )  # fmt: skip
    if store([kept]):
        days = Days()
        days.add((link_id, link.ambassador_id, link.brand_id), at.date(), seen_as)
        if seen_as is AgentClass.HUMAN:
            days.add_parameters(link_id, at.date(), counted_of(params or {}).items())
        days.store()
    return click_id


def forget_addresses(before: datetime) -> int:
    """Take the visitor's address off every click before an instant; returns how many had one."""
    first_kept = redirect.click_id_of(before, 0)
    return change(update(Click).where(Click.id < first_kept, Click.ip.is_not(None)).values(ip=None))


def new_click_id(at: datetime) -> int:
    """An id that no click has: time-ordered, with a random tail."""
    while True:
        click_id = redirect.click_id_of(at, randbits(redirect.RANDOM_BITS))
        if not db.session.scalar(select(Click.id).where(Click.id == click_id)):
            return click_id
