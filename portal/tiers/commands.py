"""Publish ladders, fix creators to a tier, and write moves."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, insert, select, update

from portal.ambassadors import commands as ambassadors
from portal.ambassadors import queries as people
from portal.ambassadors.models import Ambassador
from portal.audit import commands as audit
from portal.jobs.commands import announce, announce_each
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, InvalidInput
from portal.programs.models import Program
from portal.storage.changes import change
from portal.storage.insert_once import insert_missing, insert_rows
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tiers import losing, queries, rules
from portal.tiers.events import LadderPublished, TierMoved
from portal.tiers.models import (
    ListStatus,
    MoveKind,
    Review,
    TierLadder,
    TierList,
    TierListLine,
    TierMove,
    TierStanding,
)
from portal.tiers.rules import Figure, Ladder, Proposal

NOBODY: Mapping[int, Ladder] = {}


class Found(NamedTuple):
    """What a look found of an ambassador: what changes, by which figure and by whose ladder."""

    who: int
    change: Proposal
    figure: Figure
    ladder: Ladder


def publish_ladder(
    program_id: int, ladder: Ladder, *, by: int | None, effective_at: datetime | None = None
) -> TierLadder:
    """Publish the next version of a program's tiers; orders already made keep theirs (R16).

    Raises InvalidInput for a ladder that cannot be, and Conflict where it takes something from
    creators without the program's notice (R17), or starts before an earlier version. Whoever it
    takes something from is asked; not of first tiers, since there are none to keep.
    """
    program = lock(Program, program_id)
    versions, now = queries.versions_of([program_id]).get(program_id, []), clock.now()
    latest = versions[0] if versions else None
    used = [step["number"] for version in versions for step in version.steps]
    ladder = rules.numbered(ladder, max(used, default=0))
    rules.check_ladder(ladder)
    starts = effective_at or now
    lost = losing.lost_of(program_id, versions, ladder, starts)
    losing.check_start(program, latest, ladder, lost, starts)
    row = TierLadder(
        brand_id=program.brand_id, program_id=program_id, currency=ladder.currency,
        version=latest.version + 1 if latest else 1, metric=ladder.metric, mode=ladder.mode,
        window=ladder.window, window_days=ladder.window_days, automation=ladder.automation,
        grace_days=ladder.grace_days, review=ladder.review, review_days=ladder.review_days,
        lock_days=ladder.lock_days, effective_at=starts, published_at=now, published_by=by,
        lost=lost if latest else {}, silence_keeps=program.silence_keeps,
        steps=[
            {"number": one.number, "name": one.name.strip(), "threshold": one.threshold,
             "rate_bp": one.rate_bp}
            for one in ladder.steps
        ],
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.note(
        by, "tier-ladder.published", row.id, brand_id=program.brand_id, version=row.version,
        steps=row.steps, mode=row.mode.value, metric=row.metric.value, window=row.window.value,
        automation=row.automation.value, effective_at=starts.isoformat(), lost=row.lost,
    )  # fmt: skip
    announce(LadderPublished(row.id))
    return row


def write_list(program: Program, ladder: Ladder, found: Sequence[Found]) -> TierList:
    """Keep what a look found, line by line; it takes effect by `apply_list`. An earlier list that
    still waits is replaced, but not put off."""
    waiting, now = replace_waiting(program.id), clock.now()
    runs = {
        Review.AT_ONCE: now,
        Review.LATER: min(
            [one.runs_at for one in waiting if one.runs_at and one.ladder_id == ladder.id]
            or [now + timedelta(days=ladder.review_days)]
        ),
        Review.PERSON: None,
    }
    made = TierList(
        brand_id=program.brand_id, program_id=program.id, ladder_id=ladder.id, made_at=now,
        runs_at=runs[ladder.review], status=ListStatus.WAITING if found else ListStatus.EMPTY,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    rows = [
        {"list_id": made.id, "ladder_id": own.id, "ambassador_id": who, "kind": one.kind,
         "from_step": one.from_step, "to_step": one.to_step, "figure_minor": figure.minor,
         "sales": figure.sales}
        for who, one, figure, own in found
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(TierListLine), rows)
    return made


def replace_waiting(program_id: int) -> Sequence[TierList]:
    """No list of a program waits any more; returns those that did."""
    waiting = db.session.scalars(
        select(TierList).where(
            TierList.program_id == program_id, TierList.status == ListStatus.WAITING
        )
    ).all()
    for one in waiting:
        one.status = ListStatus.REPLACED
    return waiting


def apply_list(made: TierList, found: Sequence[Found], *, by: int | None) -> int:
    """Let these of a list's lines take effect, in a few set statements however many; the rest is
    left to the next list. Returns how many moved."""
    now = clock.now()
    insert_missing(
        TierStanding,
        [{"ambassador_id": one.who, "program_id": made.program_id, "step": one.change.from_step,
          "since": now, "pin_reason": ""}
         for one in found],
    )  # fmt: skip
    rows = [_move(made, line, now, by) for line in found]
    ids = insert_rows(TierMove, rows)
    effects = {(row["kind"], row["to_step"], row["until_at"]) for row in rows}
    for kind, number, falls_at in sorted(effects, key=str):
        moved = select(TierMove.ambassador_id).where(
            TierMove.list_id == made.id, TierMove.kind == kind, TierMove.to_step == number,
            TierMove.until_at.is_(None) if falls_at is None else TierMove.until_at == falls_at,
        )  # fmt: skip
        _write(TierStanding.ambassador_id.in_(moved), kind, number, now, falls_at)
    made.status, made.done_at, made.done_by = ListStatus.DONE, now, by
    db.session.flush()
    who = zip(ids, rows, strict=True)
    announce_each([TierMoved(row_id, row["ambassador_id"]) for row_id, row in who])
    audit.note(by, "tier-list.applied", made.id, brand_id=made.brand_id, moved=len(rows))
    return len(rows)


def _move(made: TierList, line: Found, now: datetime, by: int | None) -> dict[str, Any]:
    who, one, figure, ladder = line
    falls_at = now + timedelta(days=ladder.grace_days) if one.kind is MoveKind.WARNED else None
    return {
        "public_id": codes.public_id("tmv"), "ambassador_id": who, "program_id": made.program_id,
        "ladder_id": ladder.id, "kind": one.kind, "from_step": one.from_step,
        "to_step": one.to_step, "from_name": ladder.step(one.from_step).name,
        "to_name": ladder.step(one.to_step).name, "figure_minor": figure.minor,
        "sales": figure.sales, "until_at": falls_at, "list_id": made.id, "note": "", "at": now,
        "by": by,
    }  # fmt: skip


def _write(
    whom: ColumnElement[bool], kind: MoveKind, number: int, now: datetime, falls_at: datetime | None
) -> None:
    values: dict[str, Any] = {"falls_at": falls_at}
    if kind in (MoveKind.UP, MoveKind.DOWN):
        values |= {"step": number, "since": now}
    change(update(TierStanding).where(whom).values(**values))


def pin(
    ambassador_id: int, number: int, until: datetime, reason: str, figure: Figure, *,
    ladder: Ladder, by: int,
) -> TierStanding:  # fmt: skip
    """Put an ambassador on a tier of `ladder`, hers, where nothing moves her before `until` (R28).

    Raises InvalidInput without a reason, for a day that is not ahead or a tier that is none.
    """
    member, standing = _standing(ambassador_id, ladder)
    if not reason.strip():
        raise InvalidInput("reason", "Say why: it is kept with her history.")
    if until <= clock.now():
        raise InvalidInput("until", "Choose a day that is still to come.")
    if all(step.number != number for step in ladder.steps):
        raise InvalidInput("step", "Choose one of the tiers.")
    _note_one(
        ladder, member, standing, MoveKind.PINNED, number, figure,
        until=until, reason=reason.strip(), by=by,
    )  # fmt: skip
    if ladder.step(standing.step).number != number:
        standing.since = clock.now()
    standing.step, standing.falls_at, standing.pinned_until = number, None, until
    standing.pin_reason, standing.pinned_by = reason.strip(), by
    her = select(Ambassador.id).where(Ambassador.id == member.id)
    ambassadors.name_tier(member.program_id, ladder.step(number).name, her)
    return standing


def unpin(ambassador_id: int, figure: Figure, *, ladder: Ladder, by: int) -> TierStanding:
    """Let the daily look move her again, by `ladder`, hers. Raises Conflict unless she is
    pinned."""
    member, standing = _standing(ambassador_id, ladder)
    if standing.pinned_until is None or standing.pinned_until <= clock.now():
        raise Conflict("Nothing keeps this creator on her tier.")
    number = ladder.step(standing.step).number
    _note_one(ladder, member, standing, MoveKind.UNPINNED, number, figure, by=by)
    standing.step, standing.pinned_until, standing.pinned_by = number, None, None
    standing.pin_reason = ""
    return standing


def _standing(ambassador_id: int, ladder: Ladder) -> tuple[Ambassador, TierStanding]:
    # The program first, as a daily look does, which moves everybody who is not pinned by then.
    lock(Program, people.ambassador(ambassador_id).program_id)
    member = lock(Ambassador, ambassador_id)
    now = clock.now()
    insert_missing(
        TierStanding,
        [{"ambassador_id": member.id, "program_id": member.program_id,
          "step": ladder.first.number, "since": now, "pin_reason": ""}],
    )  # fmt: skip
    found = queries.standing_of(member.id)
    assert found is not None
    return member, lock(TierStanding, found.id)


def _note_one(
    ladder: Ladder, member: Ambassador, standing: TierStanding, kind: MoveKind, number: int,
    figure: Figure, *, until: datetime | None = None, reason: str = "", by: int,
) -> None:  # fmt: skip
    here = ladder.step(standing.step)
    move = TierMove(
        ambassador_id=member.id, program_id=member.program_id, ladder_id=ladder.id, kind=kind,
        from_step=here.number, to_step=number, from_name=here.name,
        to_name=ladder.step(number).name, figure_minor=figure.minor, sales=figure.sales,
        until_at=until, note=reason, at=clock.now(), by=by,
    )  # fmt: skip
    db.session.add(move)
    db.session.flush()
    audit.note(
        by, f"tier.{kind.value}", member.id, brand_id=member.brand_id, before=here.name,
        after=move.to_name, reason=reason, until=until.isoformat() if until else "",
    )  # fmt: skip
    announce(TierMoved(move.id, member.id))


def name_everybody(
    program_id: int, ladder: Ladder | None, kept: Mapping[int, Ladder] = NOBODY
) -> None:
    """Write on every membership of a program what its tier is called, one statement a tier; by
    another ladder where somebody has kept one (`kept`, by ambassador row id)."""
    steps = ladder.steps if ladder else ()
    for step in steps:
        ambassadors.name_tier(program_id, step.name, _on(program_id, step.number, steps))
    if not steps:
        ambassadors.name_tier(program_id, "", None)
    for own in {one.id: one for one in kept.values()}.values():
        hers = [who for who, one in kept.items() if one.id == own.id]
        for start in range(0, len(hers), queries.AT_ONCE):
            some = Ambassador.id.in_(hers[start : start + queries.AT_ONCE])
            for step in own.steps:
                on = select(Ambassador.id).where(
                    some, Ambassador.id.in_(_on(program_id, step.number, own.steps))
                )
                ambassadors.name_tier(program_id, step.name, on)


def _on(program_id: int, number: int, steps: Sequence[rules.Step]) -> Select[Any]:
    """The memberships on a tier; on the first, whoever stands on no other."""
    if number != steps[0].number:
        return select(TierStanding.ambassador_id).where(
            TierStanding.program_id == program_id, TierStanding.step == number
        )
    others = select(TierStanding.ambassador_id).where(
        TierStanding.program_id == program_id,
        TierStanding.step.in_([one.number for one in steps[1:]]),
    )
    return select(Ambassador.id).where(
        Ambassador.program_id == program_id, Ambassador.id.not_in(others)
    )
