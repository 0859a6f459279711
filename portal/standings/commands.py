"""Look at a program's tiers, and let what was found take effect."""

from sqlalchemy import select

from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.programs import commands as programs
from portal.programs.models import Program
from portal.standings import looking, queries
from portal.standings.looking import Whose
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tiers import commands as tiers
from portal.tiers import wording
from portal.tiers.models import ListStatus, Review, TierLadder, TierList, TierListLine
from portal.tiers.rules import Proposal


def look_at_program(program_id: int) -> TierList | None:
    """One day's look (R28): everybody's figures, the list of what they change, and, where nobody
    reviews it, its effect. None where the program has no tiers."""
    program = lock(Program, program_id)
    whose = looking.whose(program_id)
    ladder = whose.leading
    if ladder is None:
        tiers.replace_waiting(program_id)
        tiers.name_everybody(program_id, None)
        programs.offer_tiers(program, "")
        return None
    found = looking.proposals(program, whose)
    made = tiers.write_list(program, ladder, found)
    if ladder.review is Review.AT_ONCE and found:
        tiers.apply_list(made, found, by=None)
    tiers.name_everybody(program_id, whose.usual, whose.kept)
    programs.offer_tiers(program, wording.offer(whose.usual) if whose.usual else "")
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
    whose = _whose(made)
    if whose is None:
        raise Conflict("The tiers have changed since this list was made. The next look makes one.")
    return _run(program, made, whose, by)


def run_due(list_id: int) -> int:
    """Let a list take effect whose day has come; returns how many moved. None do by tiers that
    are in force no more: the next look replaces the list."""
    program, made = _locked(list_id)
    whose = _whose(made)
    if made.status is not ListStatus.WAITING or whose is None:
        return 0
    return _run(program, made, whose, None)


def _locked(list_id: int) -> tuple[Program, TierList]:
    """The program first, as a look does, which replaces its lists."""
    program = lock(Program, queries.program_of(list_id))
    return program, lock(TierList, list_id)


def _whose(made: TierList) -> Whose | None:
    """Whose ladder is which; None when another than the list's leads by now, or none."""
    whose = looking.whose(made.program_id)
    leading = whose.leading
    return whose if leading is not None and leading.id == made.ladder_id else None


def _run(program: Program, made: TierList, whose: Whose, by: int | None) -> int:
    """Those lines that a look finds again: whoever was pinned, or sold, or had refunds meanwhile
    is left to the next list."""
    agreed = _lines(made)
    found = [
        one
        for one in looking.proposals(program, whose)
        if agreed.get(one.who) == (one.ladder.id, one.change)
    ]
    moved = tiers.apply_list(made, found, by=by)
    tiers.name_everybody(made.program_id, whose.usual, whose.kept)
    return moved


def _lines(made: TierList) -> dict[int, tuple[int, Proposal]]:
    rows = db.session.execute(
        select(
            TierListLine.ambassador_id, TierListLine.ladder_id, TierListLine.kind,
            TierListLine.from_step, TierListLine.to_step,
        ).where(TierListLine.list_id == made.id)
    )  # fmt: skip
    return {row[0]: (row[1] or made.ladder_id, Proposal(*row[2:])) for row in rows}
