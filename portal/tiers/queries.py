"""Look at ladders, standings and moves."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.programs import queries as programs
from portal.programs.rules import TermsFacts
from portal.storage.model import db
from portal.tiers import rules
from portal.tiers.models import TierLadder, TierMove, TierStanding
from portal.tiers.rules import Ladder, Standing, Step

AT_ONCE = 500
PLACED = (
    MembershipStatus.ACTIVE, MembershipStatus.PAUSED, MembershipStatus.TERMS_NEEDED,
    MembershipStatus.SUSPENDED,
)  # fmt: skip


def versions_of(program_ids: Collection[int]) -> dict[int, list[TierLadder]]:
    """Every version of these programs' ladders, newest first; programs that never had one are left
    out."""
    if not program_ids:
        return {}
    found: dict[int, list[TierLadder]] = {}
    rows = db.session.scalars(
        select(TierLadder)
        .where(TierLadder.program_id.in_(set(program_ids)))
        .order_by(TierLadder.version.desc())
    )
    for row in rows:
        found.setdefault(row.program_id, []).append(row)
    return found


def in_force(versions: Sequence[TierLadder], instant: datetime) -> Ladder | None:
    """The ladder in force at an instant among a program's versions, newest first; None where there
    was none, or it had ended."""
    row = next((one for one in versions if one.effective_at <= instant), None)
    return facts_of(row) if row is not None and row.steps else None


def ladder_of(program_id: int, instant: datetime | None = None) -> Ladder | None:
    """A program's ladder at an instant, or now."""
    versions = versions_of([program_id]).get(program_id, [])
    return in_force(versions, instant or clock.now())


def present_names(program_id: int) -> dict[str, str]:
    """What each tier was called in another version, in lower case → what it is called now: a rate
    made for the tier by its former name goes on, and is told by the present one."""
    versions = versions_of([program_id]).get(program_id, [])
    ladder = in_force(versions, clock.now())
    if ladder is None:
        return {}
    named = [(step["number"], step["name"]) for row in versions for step in row.steps]
    found: dict[str, str] = {}
    for step in ladder.steps:
        for former in rules.other_names(ladder, step, named):
            found.setdefault(former.casefold(), step.name)
    return found


def latest_of(program_id: int) -> Ladder | None:
    """The newest version, in force or to come; None where there never was one. Without steps: it
    ends the tiers."""
    versions = versions_of([program_id]).get(program_id)
    return facts_of(versions[0]) if versions else None


def terms_from(program_id: int, starts: datetime) -> list[TermsFacts]:
    """The versions of a program's terms that somebody may have from an instant on: the one in
    force then, later ones, and every one that somebody could keep by declining a later one."""
    versions = programs.versions_of(program_id)
    keepable = {int(number) for one in versions for number in one.lost or ()}
    last = next((one.version for one in versions if one.effective_at <= starts), 0)
    held = [one for one in versions if one.version >= last or one.version in keepable]
    return [programs.facts_of(one) for one in held]


def facts_of(row: TierLadder) -> Ladder:
    """A stored version, as the rules read it."""
    return Ladder(
        id=row.id, version=row.version, currency=row.currency, metric=row.metric, mode=row.mode,
        window=row.window, window_days=row.window_days, automation=row.automation,
        grace_days=row.grace_days, review=row.review, review_days=row.review_days,
        lock_days=row.lock_days, steps=tuple(Step(**step) for step in row.steps),
    )  # fmt: skip


def ladder_row(ladder_id: int) -> TierLadder:
    """One version as it is stored. Raises NotFound."""
    row: TierLadder | None = db.session.get(TierLadder, ladder_id)
    if row is None:
        raise NotFound()
    return row


def ladder_by_id(ladder_id: int) -> Ladder:
    """One version. Raises NotFound."""
    return facts_of(ladder_row(ladder_id))


def move(move_id: int) -> TierMove:
    """One move by row id. Raises NotFound."""
    found: TierMove | None = db.session.get(TierMove, move_id)
    if found is None:
        raise NotFound()
    return found


def tiered_programs() -> Sequence[int]:
    """The programs that ever had a ladder."""
    return db.session.scalars(
        select(TierLadder.program_id).distinct().order_by(TierLadder.program_id)
    ).all()


def standings_at(
    asked: Sequence[tuple[int, datetime]],
) -> dict[tuple[int, datetime], Standing]:
    """Where ambassadors stood at instants, by (row id, instant); who never moved is left out."""
    moves = moves_of({who for who, _ in asked})
    found = {}
    for who, instant in asked:
        until = [one for one in moves.get(who, ()) if one.at <= instant]
        if until:
            found[who, instant] = rules.standing_after(until)
    return found


def moves_of(ambassador_ids: Collection[int]) -> dict[int, list[TierMove]]:
    """All that ever happened to these standings, oldest first."""
    wanted = sorted(ambassador_ids)
    found: dict[int, list[TierMove]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        rows = db.session.scalars(
            select(TierMove)
            .where(TierMove.ambassador_id.in_(some))
            .order_by(TierMove.ambassador_id, TierMove.at, TierMove.id)
        )
        for row in rows:
            found.setdefault(row.ambassador_id, []).append(row)
    return found


def standing_of(ambassador_id: int) -> TierStanding | None:
    """Where she stands now; None when she never moved."""
    found: TierStanding | None = db.session.scalar(
        select(TierStanding).where(TierStanding.ambassador_id == ambassador_id)
    )
    return found


def standings_of(program_id: int) -> dict[int, Standing]:
    """Every member who takes part, in one statement, by ambassador row id; at the first tier where
    she never moved."""
    rows = db.session.execute(
        select(Ambassador.id, TierStanding.step, TierStanding.falls_at, TierStanding.pinned_until)
        .outerjoin(TierStanding, TierStanding.ambassador_id == Ambassador.id)
        .where(Ambassador.program_id == program_id, Ambassador.status.in_(PLACED))
        .order_by(Ambassador.id)
    )
    return {row[0]: Standing(*row[1:]) for row in rows}


def counts_of(program_id: int, ladder: Ladder) -> Mapping[int, int]:
    """How many members stand on each tier, by the tier's number."""
    rows = db.session.execute(
        select(TierStanding.step, func.count())
        .select_from(Ambassador)
        .outerjoin(TierStanding, TierStanding.ambassador_id == Ambassador.id)
        .where(Ambassador.program_id == program_id, Ambassador.status.in_(PLACED))
        .group_by(TierStanding.step)
    )
    found = {step.number: 0 for step in ladder.steps}
    for number, count in rows:
        found[ladder.step(number).number] += count
    return found
