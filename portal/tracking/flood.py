"""How many rows one visitor may leave of one link in an hour: what comes beyond is only counted.

A flood must not fill the table of clicks. Clicks of people half a minute apart are always kept,
since an order may bring their id back; repeats and machines are kept until KEPT_AN_HOUR, and
clicks that told nothing of who made them until NAMELESS_AN_HOUR.
"""

from collections import Counter
from collections.abc import Iterable

from portal.tracking.models import AgentClass

KEPT_AN_HOUR = 500
NAMELESS_AN_HOUR = 5_000
HOUR_MS = 3_600_000
Place = tuple[int, str, int]  # link, visitor, hour since 1970


class Flood:
    """What each visitor has left of each link in the hours that are still counted."""

    def __init__(self) -> None:
        self._kept: Counter[Place] = Counter()
        self._hour = 0

    def kept(self, place: Place) -> int:
        """How many rows it has had so far."""
        return self._kept.get(place, 0)

    def learn(self, found: Counter[Place]) -> None:
        """Remember a batch that is stored; what is two hours old is forgotten."""
        self._kept.update(found)
        latest = max((hour for _, _, hour in found), default=0)
        if latest > self._hour:
            self._hour = latest
            old = [place for place in self._kept if place[2] < latest - 1]
            for place in old:
                del self._kept[place]

    def restore(self, rows: Iterable[tuple[Place, int]]) -> None:
        """Begin anew with what the database holds of the last hours."""
        self._kept = Counter(dict(rows))


def most_of(visitor: str, seen_as: AgentClass) -> int:
    """How many rows a click like this may have in an hour; 0 for one that is always kept."""
    if not visitor:
        return NAMELESS_AN_HOUR
    return 0 if seen_as is AgentClass.HUMAN else KEPT_AN_HOUR
