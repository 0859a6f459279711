"""Publish ladders, fix creators to a tier, and write moves."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

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
from portal.tiers import queries, rules
from portal.tiers.events import TierMoved
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

Found = tuple[int, Proposal, Figure]  # ambassador row id, what changes, by which figure


def publish_ladder(
    program_id: int, ladder: Ladder, *, by: int | None, effective_at: datetime | None = None
) -> TierLadder:
    """Publish the next version of a program's tiers; orders already made keep theirs (R16).

    Raises InvalidInput for a ladder that cannot be, and Conflict where it takes something from
    creators without the program's notice (R17), or starts before an earlier version.
    """
    program = lock(Program, program_id)
    versions, now = queries.versions_of([program_id]).get(program_id, []), clock.now()
    latest = versions[0] if versions else None
    used = [step["number"] for version in versions for step in version.steps]
    ladder = rules.numbered(ladder, max(used, default=0))
    rules.check_ladder(ladder)
    starts = effective_at or now
    _check_start(program, latest, ladder, starts)
    row = TierLadder(
        brand_id=program.brand_id, program_id=program_id, currency=ladder.currency,
        version=latest.version + 1 if latest else 1, metric=ladder.metric, mode=ladder.mode,
        window=ladder.window, window_days=ladder.window_days, automation=ladder.automation,
        grace_days=ladder.grace_days, review=ladder.review, review_days=ladder.review_days,
        lock_days=ladder.lock_days, effective_at=starts, published_at=now, published_by=by,
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
        automation=row.automation.value, effective_at=starts.isoformat(),
    )  # fmt: skip
    return row


def _check_start(
    program: Program, latest: TierLadder | None, ladder: Ladder, starts: datetime
) -> None:
    if latest is None:
        if not ladder.steps:
            raise InvalidInput("steps", "A ladder has at least two tiers.")
        return
    if starts < clock.now():
        raise Conflict("New tiers cannot start in the past: orders already made keep theirs.")
    if starts < latest.effective_at:
        raise Conflict(
            f"Version {latest.version} starts later than this. Choose its date or a later one."
        )
    lost = rules.ladder_losses(queries.facts_of(latest), ladder)
    if lost and starts < clock.now() + timedelta(days=program.notice_days):
        raise Conflict(
            f"{' '.join(lost)} Ambassadors need {program.notice_days} days’ notice of that."
        )


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
        {"list_id": made.id, "ambassador_id": who, "kind": one.kind, "from_step": one.from_step,
         "to_step": one.to_step, "figure_minor": figure.minor, "sales": figure.sales}
        for who, one, figure in found
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


def apply_list(made: TierList, ladder: Ladder, found: Sequence[Found], *, by: int | None) -> int:
    """Let these of a list's lines take effect, in a few set statements however many; the rest is
    left to the next list. Returns how many moved."""
    now = clock.now()
    insert_missing(
        TierStanding,
        [{"ambassador_id": who, "program_id": made.program_id, "step": one.from_step, "since": now,
          "pin_reason": ""}
         for who, one, _ in found],
    )  # fmt: skip
    rows = [_move(made, ladder, line, now, by) for line in found]
    ids = insert_rows(TierMove, rows)
    steps = {(one.kind, one.to_step) for _, one, _ in found}
    for kind, number in sorted(steps, key=lambda pair: (pair[0].value, pair[1])):
        moved = select(TierMove.ambassador_id).where(
            TierMove.list_id == made.id, TierMove.kind == kind, TierMove.to_step == number
        )
        falls_at = now + timedelta(days=ladder.grace_days) if kind is MoveKind.WARNED else None
        _write(TierStanding.ambassador_id.in_(moved), kind, number, now, falls_at)
    made.status, made.done_at, made.done_by = ListStatus.DONE, now, by
    db.session.flush()
    who = zip(ids, rows, strict=True)
    announce_each([TierMoved(row_id, row["ambassador_id"]) for row_id, row in who])
    audit.note(by, "tier-list.applied", made.id, brand_id=made.brand_id, moved=len(rows))
    return len(rows)


def _move(
    made: TierList, ladder: Ladder, line: Found, now: datetime, by: int | None
) -> dict[str, Any]:
    who, one, figure = line
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
    ambassador_id: int, number: int, until: datetime, reason: str, figure: Figure, *, by: int
) -> TierStanding:
    """Put an ambassador on a tier, where nothing moves her before `until` (R28).

    Raises InvalidInput without a reason, for a day that is not ahead or a tier that is none,
    Conflict where the program has no tiers.
    """
    ladder, member, standing = _standing(ambassador_id)
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
    name_everybody(member.program_id, ladder)
    return standing


def unpin(ambassador_id: int, figure: Figure, *, by: int) -> TierStanding:
    """Let the daily look move her again. Raises Conflict unless she is pinned."""
    ladder, member, standing = _standing(ambassador_id)
    if standing.pinned_until is None or standing.pinned_until <= clock.now():
        raise Conflict("Nothing keeps this creator on her tier.")
    number = ladder.step(standing.step).number
    _note_one(ladder, member, standing, MoveKind.UNPINNED, number, figure, by=by)
    standing.step, standing.pinned_until, standing.pinned_by = number, None, None
    standing.pin_reason = ""
    return standing


def _standing(ambassador_id: int) -> tuple[Ladder, Ambassador, TierStanding]:
    # The program first, as a daily look does, which moves everybody who is not pinned by then.
    lock(Program, people.ambassador(ambassador_id).program_id)
    member = lock(Ambassador, ambassador_id)
    ladder = queries.ladder_of(member.program_id)
    if ladder is None:
        raise Conflict("This program has no tiers.")
    now = clock.now()
    insert_missing(
        TierStanding,
        [{"ambassador_id": member.id, "program_id": member.program_id,
          "step": ladder.first.number, "since": now, "pin_reason": ""}],
    )  # fmt: skip
    found = queries.standing_of(member.id)
    assert found is not None
    return ladder, member, lock(TierStanding, found.id)


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


def name_everybody(program_id: int, ladder: Ladder | None) -> None:
    """Write on every membership of a program what its tier is called, one statement a tier."""
    steps = ladder.steps if ladder else ()
    for step in steps:
        ambassadors.name_tier(program_id, step.name, _on(program_id, step.number, steps))
    if not steps:
        ambassadors.name_tier(program_id, "", None)


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
