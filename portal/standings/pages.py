"""What the pages about tiers show."""

from collections.abc import Callable, Sequence
from typing import Any

from portal.consents import tier_queries as consents
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.kernel.sheets import sheet
from portal.programs.models import Program
from portal.standings import looking, queries
from portal.standings.looking import Whose
from portal.standings.queries import ListRow
from portal.tiers import queries as tiers
from portal.tiers import wording
from portal.tiers.models import MoveKind, TierList, TierListLine, TierMove
from portal.tiers.rules import Figure, Ladder

ALL = 1_000_000
ICONS = {
    MoveKind.UP: "arrow-up-right", MoveKind.DOWN: "arrow-down-right", MoveKind.WARNED: "hourglass",
    MoveKind.RECOVERED: "circle-check", MoveKind.PINNED: "lock", MoveKind.UNPINNED: "undo-2",
}  # fmt: skip


def timeline(moves: Sequence[TierMove]) -> list[dict[str, Any]]:
    """Moves as entries of a timeline, newest first."""
    return [
        {"icon": ICONS[one.kind], "who": "", "text": _said(one), "at": one.at,
         "detail": one.note} for one in moves
    ]  # fmt: skip


def _said(one: TierMove) -> str:
    return {
        MoveKind.UP: f"Up from {one.from_name} to {one.to_name}",
        MoveKind.DOWN: f"From {one.from_name} to {one.to_name}",
        MoveKind.WARNED: f"Below {one.from_name}: it is kept for some days",
        MoveKind.RECOVERED: f"{one.to_name} is safe again",
        MoveKind.PINNED: f"Kept on {one.to_name} by the brand",
        MoveKind.UNPINNED: "The figures decide again",
    }[one.kind]


def overview(program: Program, tier: str, page: PageRequest) -> dict[str, Any]:
    """The ladder in force, how many stand on each tier, who stands on one of them, the lists."""
    brand = identity.brand(program.brand_id)
    ladder, latest = tiers.ladder_of(program.id), tiers.latest_of(program.id)
    versions = tiers.versions_of([program.id]).get(program.id, [])
    shown: dict[str, Any] = {
        "program": program, "brand": brand, "ladder": ladder, "latest": latest,
        "versions": versions, "wording": wording, "lists": queries.lists_of(program.id),
        "now": clock.now(), "waiting": queries.waiting_of(program.id),
        "kept": len(consents.kept_in(program.id)),
    }  # fmt: skip
    if ladder is None:
        return shown
    step = ladder.step(int(tier) if tier.isdecimal() and len(tier) < 9 else None)
    return shown | {
        "counts": tiers.counts_of(program.id, ladder),
        "step": step,
        "members": queries.members_on(program.id, step.number, step is ladder.first, page),
    }


def list_page(made: TierList, program: Program, page: PageRequest) -> dict[str, Any]:
    """A list and its lines."""
    return {
        "made": made, "program": program, "brand": identity.brand(program.brand_id),
        "ladder": tiers.ladder_by_id(made.ladder_id), "of": _ladders(made),
        "counts": queries.counts_in(made.id), "wording": wording,
        "lines": queries.lines_of(made.id, page), "why": why,
    }  # fmt: skip


def _ladders(made: TierList) -> Callable[[TierListLine], Ladder]:
    """Whose ladder a line of a list goes by: the list's, or one that she kept."""
    rows = tiers.versions_of([made.program_id])[made.program_id]
    known = {one.id: tiers.facts_of(one) for one in rows}
    return lambda line: known[line.ladder_id or made.ladder_id]


def why(ladder: Ladder, line: TierListLine) -> str:
    """What a proposed move rests on, as a sentence."""
    counted = wording.amount(ladder, ladder.figure(Figure(line.figure_minor, line.sales)))
    here, there = ladder.step(line.from_step), ladder.step(line.to_step)
    begins = wording.amount(ladder, there.threshold)
    needed = wording.amount(ladder, here.threshold)
    if line.kind is MoveKind.UP:
        return f"{counted} count; {there.name} begins at {begins}."
    if line.kind is MoveKind.DOWN:
        return f"{counted} count; {here.name} takes {needed}, and its days of grace are over."
    if line.kind is MoveKind.WARNED:
        return f"{counted} count; {here.name} takes {needed}. She keeps it for {_days(ladder)}."
    return f"{counted} count again; {here.name} takes {needed}."


def _days(ladder: Ladder) -> str:
    return f"{ladder.grace_days} day{'' if ladder.grace_days == 1 else 's'} and is told"


def list_sheet(made: TierList) -> str:
    """A list's lines as CSV."""
    of = _ladders(made)
    head = ["creator", "handle", "what", "from", "to", "counted", "why"]
    rows = queries.lines_of(made.id, PageRequest(size=ALL)).rows
    return sheet(head, [_row(of(row[0]), row) for row in rows])


def _row(ladder: Ladder, row: ListRow) -> list[Any]:
    line, _, creator = row
    counted = str(Money(line.figure_minor, ladder.currency))
    return [
        creator.name, creator.handle, wording.KINDS[line.kind], ladder.step(line.from_step).name,
        ladder.step(line.to_step).name,
        counted if ladder.is_by_amount else wording.sales(line.sales), why(ladder, line),
    ]  # fmt: skip


def preview(program: Program, ladder: Ladder) -> dict[MoveKind, int]:
    """How many a proposed ladder would move today, by kind; pinned ones stay."""
    found: dict[MoveKind, int] = {}
    for one in looking.proposals(program, Whose(ladder, {})):
        found[one.change.kind] = found.get(one.change.kind, 0) + 1
    return found
