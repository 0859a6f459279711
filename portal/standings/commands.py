"""Look at a program's tiers, and let what was found take effect."""

from sqlalchemy import select

from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.programs.models import Program
from portal.standings import looking, queries
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tiers import commands as tiers
from portal.tiers import queries as ladders
from portal.tiers.models import ListStatus, Review, TierLadder, TierList, TierListLine
from portal.tiers.rules import Ladder, Proposal


def look_at_program(program_id: int) -> TierList | None:
    """One day's look (R28): everybody's figures, the list of what they change, and, where nobody
    reviews it, its effect. None where the program has no tiers."""
    program = lock(Program, program_id)
    ladder = ladders.ladder_of(program_id)
    if ladder is None:
        tiers.replace_waiting(program_id)
        tiers.name_everybody(program_id, None)
        return None
    found = looking.proposals(program, ladder)
    made = tiers.write_list(program, ladder, found)
    if ladder.review is Review.AT_ONCE and found:
        tiers.apply_list(made, ladder, found, by=None)
    tiers.name_everybody(program_id, ladder)
    return made


def look_if_in_force(row: TierLadder) -> None:
    """The first look by a ladder that begins at once."""
    if row.effective_at <= clock.now():
        look_at_program(row.program_id)


def approve(list_id: int, *, by: int) -> int:
    """Let a waiting list take effect now; returns how many moved. Raises Conflict when it did
    already, or a later look replaced it."""
    program, made = _locked(list_id)
    if made.status is ListStatus.REPLACED:
        raise Conflict("A newer list has replaced this one. Look at that one.")
    if made.status is not ListStatus.WAITING:
        raise Conflict("This list has taken effect already.")
    ladder = _ladder_of(made)
    if ladder is None:
        raise Conflict("The tiers have changed since this list was made. The next look makes one.")
    return _run(program, made, ladder, by)


def run_due(list_id: int) -> int:
    """Let a list take effect whose day has come; returns how many moved. None do by tiers that
    are in force no more: the next look replaces the list."""
    program, made = _locked(list_id)
    ladder = _ladder_of(made)
    if made.status is not ListStatus.WAITING or ladder is None:
        return 0
    return _run(program, made, ladder, None)


def _locked(list_id: int) -> tuple[Program, TierList]:
    """The program first, as a look does, which replaces its lists."""
    program = lock(Program, queries.program_of(list_id))
    return program, lock(TierList, list_id)


def _ladder_of(made: TierList) -> Ladder | None:
    """The ladder a list was made by; None when another is in force by now, or none."""
    ladder = ladders.ladder_of(made.program_id)
    return ladder if ladder is not None and ladder.id == made.ladder_id else None


def _run(program: Program, made: TierList, ladder: Ladder, by: int | None) -> int:
    """Those lines that a look finds again: whoever was pinned, or sold, or had refunds meanwhile
    is left to the next list."""
    agreed = _lines(made.id)
    found = [one for one in looking.proposals(program, ladder) if agreed.get(one[0]) == one[1]]
    moved = tiers.apply_list(made, ladder, found, by=by)
    tiers.name_everybody(made.program_id, ladder)
    return moved


def _lines(list_id: int) -> dict[int, Proposal]:
    rows = db.session.execute(
        select(
            TierListLine.ambassador_id, TierListLine.kind, TierListLine.from_step,
            TierListLine.to_step,
        ).where(TierListLine.list_id == list_id)
    )  # fmt: skip
    return {row[0]: Proposal(*row[1:]) for row in rows}
