"""Whose version of the tiers is which: the program’s, or one that somebody kept (R17)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.consents.queries import NOBODY_ASKED, Book, book_of
from portal.consents.subjects import TIERS
from portal.kernel import clock
from portal.tiers import queries as tiers
from portal.tiers.models import TierLadder
from portal.tiers.rules import Ladder


@dataclass(frozen=True, slots=True)
class Ladders:
    """Every version of some programs’ tiers, and what decides whose is which."""

    versions: Mapping[int, Sequence[TierLadder]]
    book: Book

    def at(self, ambassador_id: int, program_id: int, instant: datetime) -> Ladder | None:
        """Hers at an instant; None where there was none, or it had ended."""
        rows = self.versions.get(program_id, ())
        own = self.book.version_id(ambassador_id, program_id, instant)
        if own is None:
            return tiers.in_force(rows, instant)
        return next(tiers.facts_of(one) if one.steps else None for one in rows if one.id == own)


def ladders_of(versions: Mapping[int, Sequence[TierLadder]], members: Collection[int]) -> Ladders:
    """For these members, by row id. Two queries, and none where no version takes anything."""
    if not any(one.lost for rows in versions.values() for one in rows):
        return Ladders(versions, NOBODY_ASKED)
    return Ladders(versions, book_of(versions, ambassadors.histories(list(members)), TIERS))


def ladder_for(member: Ambassador) -> Ladder | None:
    """Hers now; None where her program has none for her."""
    versions = tiers.versions_of([member.program_id])
    return ladders_of(versions, [member.id]).at(member.id, member.program_id, clock.now())


def kept_in(program_id: int) -> dict[int, Ladder]:
    """Who stands on another version than the program’s now, by row id, and on which; in a few
    statements, and in one where no version takes anything."""
    versions, now = tiers.versions_of([program_id]), clock.now()
    rows = versions.get(program_id, [])
    if not any(one.lost for one in rows):
        return {}
    usual, members = tiers.in_force(rows, now), list(tiers.standings_of(program_id))
    found: dict[int, Ladder] = {}
    for start in range(0, len(members), tiers.AT_ONCE):
        some = members[start : start + tiers.AT_ONCE]
        known = ladders_of(versions, some)
        for who in some:
            own = known.at(who, program_id, now)
            if own is not None and (usual is None or own.id != usual.id):
                found[who] = own
    return found
