"""What today's figures would change: every member of a program, in a few statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.ambassadors.models import Ambassador
from portal.commissions import figure_queries
from portal.consents import tier_queries as consents
from portal.identity import queries as identity
from portal.kernel import clock
from portal.programs.models import Program
from portal.tiers import queries as tiers
from portal.tiers import rules
from portal.tiers.commands import Found
from portal.tiers.rules import NOTHING, Figure, Ladder, Standing, Step


@dataclass(frozen=True, slots=True)
class Whose:
    """A program's ladder now (None: it has none), and who kept another, by ambassador row id."""

    usual: Ladder | None
    kept: Mapping[int, Ladder]

    @property
    def leading(self) -> Ladder | None:
        """The one that a list is made by: the program's, or the newest that somebody kept."""
        if self.usual is not None:
            return self.usual
        return max(self.kept.values(), key=lambda one: one.version, default=None)


def whose(program_id: int) -> Whose:
    """Whose ladder is which, now."""
    return Whose(tiers.ladder_of(program_id), consents.kept_in(program_id))


def proposals(program: Program, whose: Whose) -> list[Found]:
    """Who would move now, each by her ladder."""
    ladders = {one.id: one for one in (whose.usual, *whose.kept.values()) if one is not None}
    counted = {key: figures(program, one) for key, one in ladders.items()}
    found, now = [], clock.now()
    for who, standing in tiers.standings_of(program.id).items():
        ladder = whose.kept.get(who, whose.usual)
        if ladder is None:
            continue
        figure = counted[ladder.id].get(who, NOTHING)
        change = rules.move_for(ladder, standing, ladder.figure(figure), now)
        if change is not None:
            found.append(Found(who, change, figure, ladder))
    return found


def figures(program: Program, ladder: Ladder) -> dict[int, Figure]:
    """What decides every member's tier now: the better of the windows that count."""
    zone, found = identity.brand(program.brand_id).zone, dict[int, Figure]()
    for window in rules.windows_of(ladder, clock.now(), zone):
        for who, figure in figure_queries.of_program(program.id, ladder, window).items():
            found[who] = found.get(who, NOTHING) | figure
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one ambassador stands and how far it is: what counts towards `next`, what of it there
    is (`counted`, in the open window), what keeps the tier she has (`keeping`), and until when."""

    ladder: Ladder
    step: Step
    next: Step | None
    counted: Figure
    keeping: Figure
    standing: Standing
    ends_at: datetime | None

    @property
    def figure(self) -> int:
        return self.ladder.figure(self.counted)

    @property
    def pinned_until(self) -> datetime | None:
        """Until when nothing moves her; None when something may."""
        is_pinned = self.standing.is_pinned(clock.now())
        return self.standing.pinned_until if is_pinned else None

    @property
    def missing(self) -> int:
        """How much more the next tier takes, in minor units or sales."""
        return max(self.next.threshold - self.figure, 0) if self.next else 0


def progress_of(member: Ambassador) -> Progress | None:
    """One ambassador's progress by her ladder; None where her program has no tiers for her."""
    ladder, now = consents.ladder_for(member), clock.now()
    if ladder is None:
        return None
    zone = identity.brand(member.brand_id).zone
    windows = rules.windows_of(ladder, now, zone)
    counted = [
        figure_queries.of_one(member.id, member.creator_id, ladder, window) for window in windows
    ]
    row = tiers.standing_of(member.id)
    standing = Standing(row.step, row.falls_at, row.pinned_until) if row else Standing()
    step = ladder.step(standing.step)
    return Progress(
        ladder, step, ladder.after(step), counted[0], counted[0] | counted[-1], standing,
        rules.counts_until(ladder, now, zone),
    )  # fmt: skip
