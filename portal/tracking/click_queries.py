"""Look at clicks: figures out of the roll-ups, and how far the spools have been taken in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.kernel import clock
from portal.storage.model import db
from portal.tracking import redirect
from portal.tracking.click_models import ClickDay, ClickFlood, ClickParameterDay, ClickSpool
from portal.tracking.models import Click

SILENT_MINUTES = 15  # a spool whose ingester has said nothing for so long is not waited for
CHAIN_LIMIT = 50


@dataclass(frozen=True, slots=True)
class ClickFigures:
    """Clicks of people, counted once per visitor and 30 s (R53), and all that came besides."""

    humans: int = 0
    repeats: int = 0
    bots: int = 0
    prefetches: int = 0

    @property
    def all(self) -> int:
        return self.humans + self.besides

    @property
    def machines(self) -> int:
        """Bots, and pages fetched ahead of a click."""
        return self.bots + self.prefetches

    @property
    def besides(self) -> int:
        """What came and is no click: repeats within 30 s, and machines."""
        return self.repeats + self.machines


SUMS = tuple(
    func.coalesce(func.sum(column), 0)
    for column in (ClickDay.humans, ClickDay.repeats, ClickDay.bots, ClickDay.prefetches)
)


def figures_by_link(link_ids: Sequence[int], since: datetime) -> dict[int, ClickFigures]:
    """Link id → figures from the UTC day of `since` on; links without a click are left out."""
    return _figures(ClickDay.link_id, ClickDay.link_id.in_(link_ids), since)


def figures_by_ambassador(
    ambassador_ids: Sequence[int], since: datetime
) -> dict[int, ClickFigures]:
    """Membership id → figures of all its links from the UTC day of `since` on."""
    wanted = ClickDay.ambassador_id.in_(ambassador_ids)
    return _figures(ClickDay.ambassador_id, wanted, since)


def figures_of_link_by_day(link_id: int, since: datetime) -> dict[date, ClickFigures]:
    """UTC day → figures of one link; days without a click are left out."""
    return _figures(ClickDay.day, ClickDay.link_id == link_id, since)


def people_by_link(
    brand_id: int, since: datetime, until: datetime, after_link_id: int, limit: int
) -> list[tuple[int, int]]:
    """(link id, people) of a brand’s links in the UTC days from `since` to before `until`, in the
    order of ids and after one; links without a click are left out."""
    wanted = (
        (ClickDay.brand_id == brand_id)
        & (ClickDay.day >= since.date())
        & (ClickDay.day < until.date())
    )
    rows = db.session.execute(
        select(ClickDay.link_id, func.sum(ClickDay.humans))
        .where(wanted, ClickDay.link_id > after_link_id)
        .group_by(ClickDay.link_id)
        .having(func.sum(ClickDay.humans) > 0)
        .order_by(ClickDay.link_id)
        .limit(limit)
    )
    return [(int(link_id), int(people)) for link_id, people in rows]


def most_clicked(brand_id: int, since: datetime, limit: int) -> list[tuple[int, int]]:
    """(link id, people) of a brand's links that most people clicked from the UTC day of `since`
    on, most first, at most `limit`; links without a click are left out."""
    people = func.sum(ClickDay.humans)
    rows = db.session.execute(
        select(ClickDay.link_id, people)
        .where(ClickDay.brand_id == brand_id, ClickDay.day >= since.date())
        .group_by(ClickDay.link_id)
        .having(people > 0)
        .order_by(people.desc(), ClickDay.link_id)
        .limit(limit)
    )
    return [(int(link_id), int(found)) for link_id, found in rows]


def most_loaded(brand_id: int, since: datetime, least: int, limit: int) -> dict[int, ClickFigures]:
    """Membership id → figures of a brand's memberships whose links were fetched without a person
    (frames, fetches ahead) at least so often, the most loaded first, at most `limit`."""
    loads = func.sum(ClickDay.prefetches)
    rows = db.session.execute(
        select(ClickDay.ambassador_id, *SUMS)
        .where(ClickDay.brand_id == brand_id, ClickDay.day >= since.date())
        .group_by(ClickDay.ambassador_id)
        .having(loads >= least)
        .order_by(loads.desc(), ClickDay.ambassador_id)
        .limit(limit)
    )
    return {found: ClickFigures(*map(int, sums)) for found, *sums in rows}


def floods(brand_id: int, since: datetime, limit: int) -> list[tuple[int, str, int, int]]:
    """(membership id, visitor, kept, only counted) of the clicks of visitors who clicked a brand's
    links so often in an hour that not all was kept, most first."""
    over = func.sum(ClickFlood.over)
    found = db.session.execute(
        select(ClickFlood.ambassador_id, ClickFlood.visitor, over)
        .where(ClickFlood.brand_id == brand_id, ClickFlood.hour >= since)
        .group_by(ClickFlood.ambassador_id, ClickFlood.visitor)
        .order_by(over.desc(), ClickFlood.ambassador_id)
        .limit(limit)
    ).all()
    if not found:
        return []
    rows = db.session.execute(
        select(Click.ambassador_id, Click.visitor, func.count())
        .where(
            Click.brand_id == brand_id,
            Click.at >= since,
            Click.visitor.in_({visitor for _, visitor, _ in found}),
        )
        .group_by(Click.ambassador_id, Click.visitor)
    )
    kept = {(owner, visitor): count for owner, visitor, count in rows}
    return [(one, who, kept.get((one, who), 0), int(over)) for one, who, over in found]


def _figures(key: Any, wanted: Any, since: datetime) -> dict[Any, ClickFigures]:
    rows = db.session.execute(
        select(key, *SUMS).where(wanted, ClickDay.day >= since.date()).group_by(key).order_by(key)
    )
    return {found: ClickFigures(*map(int, sums)) for found, *sums in rows}


def figures_by_parameter(
    link_id: int, name: str, since: datetime, most: int = 20
) -> list[tuple[str, int]]:
    """(value of sub1…5 or of a utm_ parameter, counted clicks) of one link, most first (R54)."""
    total = func.sum(ClickParameterDay.humans)
    rows = db.session.execute(
        select(ClickParameterDay.value, total)
        .where(
            ClickParameterDay.link_id == link_id,
            ClickParameterDay.name == name,
            ClickParameterDay.day >= since.date(),
        )
        .group_by(ClickParameterDay.value)
        .order_by(total.desc(), ClickParameterDay.value)
        .limit(most)
    )
    return [(value, int(humans)) for value, humans in rows]


def clicks_by_link(ambassador_ids: Sequence[int], since: datetime) -> dict[int, int]:
    """Link id → counted clicks from the UTC day of `since` on; repeats are left out (R53)."""
    found = traffic_by_link(ambassador_ids, since)
    return {link_id: figures.humans for link_id, figures in found.items()}


def traffic_by_link(ambassador_ids: Sequence[int], since: datetime) -> dict[int, ClickFigures]:
    """Link id → figures of all links of these memberships from the UTC day of `since` on."""
    return _figures(ClickDay.link_id, ClickDay.ambassador_id.in_(ambassador_ids), since)


def clicks_of_ambassador(ambassador_id: int, since: datetime) -> int:
    """Counted clicks on all links of one membership from the UTC day of `since` on."""
    found = figures_by_ambassador([ambassador_id], since)
    return found.get(ambassador_id, ClickFigures()).humans


def has_clicked(link_id: int, visitor: str, since: datetime, until: datetime) -> bool:
    """Whether this visitor clicked this link in [since, until].

    Read from the ids, which are in order of time: no index beside the primary key is needed.
    """
    first = redirect.click_id_of(since, 0)
    last = redirect.click_id_of(until + timedelta(milliseconds=1), 0)
    found = select(Click.id).where(
        Click.id.between(first, last), Click.link_id == link_id, Click.visitor == visitor
    )
    return db.session.scalar(found.limit(1)) is not None


def ingested_through() -> datetime:
    """Whatever was clicked before this instant is in the database.

    The earliest of all machines' spools; one that has said nothing for a quarter of an hour is
    left out. Without any spool nothing can be underway: now.
    """
    silent = clock.wall() - timedelta(minutes=SILENT_MINUTES)
    found: datetime | None = db.session.scalar(
        select(func.min(ClickSpool.through)).where(ClickSpool.beat_at > silent)
    )
    return found or clock.now()


def is_underway(click_id: int | None) -> bool:
    """Whether this click, or one before it in the same browser, may still lie in a spool."""
    seen = 0
    while click_id is not None and seen < CHAIN_LIMIT:
        click = db.session.get(Click, click_id)
        if click is None:
            at = redirect.clicked_at(click_id)
            return ingested_through() < at <= clock.now() + timedelta(minutes=1)
        click_id, seen = click.previous_id, seen + 1
    return False
