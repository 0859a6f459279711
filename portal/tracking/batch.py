"""One batch of spool lines, read and judged: which clicks to store, and what to count."""

import json
import time
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from portal.storage.model import db
from portal.tracking import redirect, spool
from portal.tracking.agents import is_machine
from portal.tracking.click_commands import REPEAT_SECONDS, Days, Kept, counted_of
from portal.tracking.flood import HOUR_MS, Flood, Place, most_of
from portal.tracking.models import AffiliateLink, AgentClass, Click

HINTS = {"": AgentClass.HUMAN, "b": AgentClass.BOT, "p": AgentClass.PREFETCH}
REPEAT_MS = REPEAT_SECONDS * 1000
NOTHING: tuple[str, tuple[tuple[str, str], ...]] = ("{}", ())
Who = tuple[int, str]
Owners = tuple[int, int, int]
host_of = lru_cache(5000)(redirect.host_of)


class Visits:
    """Who clicked which link when, for the half minute that makes a repeat (R53)."""

    def __init__(self) -> None:
        self._now: dict[Who, int] = {}
        self._before: dict[Who, int] = {}
        self._turned = time.monotonic()

    def last(self, who: Who) -> int:
        """The milliseconds of the last click; 0 when there was none lately."""
        return self._now.get(who) or self._before.get(who, 0)

    def learn(self, visits: dict[Who, int]) -> None:
        """Remember a batch that is stored; what is a minute old is forgotten."""
        if time.monotonic() - self._turned > REPEAT_SECONDS:
            self._now, self._before, self._turned = {}, self._now, time.monotonic()
        self._now.update(visits)

    def restore(self, rows: Iterable[tuple[int, str, int]]) -> None:
        """Begin anew with (link, visitor, click id), oldest first."""
        self._before = {}
        self._now = {
            (link_id, visitor): click_id >> redirect.RANDOM_BITS
            for link_id, visitor, click_id in rows
        }


class Batch:
    """Lines of one segment. After `read`: rows to store, days to count, visits and what was
    kept of each visitor to learn."""

    def __init__(self, lines: list[bytes], visits: Visits, flood: Flood) -> None:
        self._lines, self._known, self._flood = lines, visits, flood
        self.kept: Counter[Place] = Counter()
        self.rows: list[Kept] = []
        self.days = Days()
        self.visits: dict[Who, int] = {}

    def read(self, *, has_company: bool) -> int:
        """Judge every line; returns how many were none of ours, or of a link nobody knows.

        With company, other machines' clicks of the last half minute are looked up as well.
        """
        read = spool.read_lines(self._lines)
        owners = _owners_of({values[1] for values in read})
        known = [values for values in read if values[1] in owners]
        if has_company and known:
            self.visits.update(_visits_elsewhere([values[0] for values in known]))
        for values in known:
            self._judge(owners[values[1]], values)
        return len(self._lines) - len(known)

    def _judge(self, link: Owners, values: list[Any]) -> None:
        click_id, link_id, visitor, hint, previous_id, referrer, query, agent, ip = values
        at, seen_as = redirect.clicked_at(click_id), HINTS[hint]
        day = at.date()
        if seen_as is AgentClass.HUMAN:
            # Whoever was given an id has a row, so that an order that brings it back is explained.
            if is_machine(agent):
                seen_as = AgentClass.BOT
            elif visitor and self._is_repeat((link_id, visitor), click_id >> redirect.RANDOM_BITS):
                seen_as = AgentClass.REPEAT
            params, told = _params_of(query) if query else NOTHING
            if told and seen_as is AgentClass.HUMAN:
                self.days.add_parameters(link_id, day, told)
            if self._is_over(link, visitor, click_id >> redirect.RANDOM_BITS, seen_as):
                self.days.add_over(link, visitor, at.replace(minute=0, second=0, microsecond=0))
            else:
                self.rows.append(Kept(
                    click_id, *link, at, visitor, seen_as, host_of(referrer),
                    params, previous_id,
                    ip or None,
                ))  # fmt: skip
        self.days.add(link, day, seen_as)

    def _is_over(self, link: Owners, visitor: str, at_ms: int, seen_as: AgentClass) -> bool:
        """Whether this visitor has left as many rows of this link in the hour as one may."""
        most = most_of(visitor, seen_as)
        if not most:
            return False
        place = link[0], visitor, at_ms // HOUR_MS
        if self._flood.kept(place) + self.kept[place] >= most:
            return True
        self.kept[place] += 1
        return False

    def _is_repeat(self, who: Who, at_ms: int) -> bool:
        last = self.visits.get(who) or self._known.last(who)
        self.visits[who] = max(at_ms, last)
        return abs(at_ms - last) <= REPEAT_MS


@lru_cache(5000)
def _params_of(query: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """(all that came along as JSON, what of it is counted)."""
    # Without NUL, which PostgreSQL cannot keep: such a line would hold up every click behind it.
    came = {_kept(name): _kept(value) for name, value in redirect.carried_of(query)}
    return json.dumps(came), tuple(sorted(counted_of(came).items()))


def _kept(text: str) -> str:
    return text.replace("\0", "")


def _owners_of(link_ids: set[int]) -> dict[int, Owners]:
    found = db.session.execute(
        select(AffiliateLink.id, AffiliateLink.ambassador_id, AffiliateLink.brand_id).where(
            AffiliateLink.id.in_(link_ids)
        )
    )
    return {link_id: (link_id, member_id, brand_id) for link_id, member_id, brand_id in found}


def _visits_elsewhere(click_ids: list[int]) -> dict[Who, int]:
    since = min(click_ids) - (REPEAT_MS << redirect.RANDOM_BITS)
    rows = db.session.execute(
        select(Click.link_id, Click.visitor, Click.id).where(
            Click.id.between(since, max(click_ids)), Click.visitor != ""
        )
    )
    return {(link, who): found >> redirect.RANDOM_BITS for link, who, found in rows}
